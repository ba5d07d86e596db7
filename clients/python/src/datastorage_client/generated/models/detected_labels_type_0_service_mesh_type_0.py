from typing import Literal, cast

DetectedLabelsType0ServiceMeshType0 = Literal["", "*", "istio", "linkerd"]

DETECTED_LABELS_TYPE_0_SERVICE_MESH_TYPE_0_VALUES: set[DetectedLabelsType0ServiceMeshType0] = {
    "",
    "*",
    "istio",
    "linkerd",
}


def check_detected_labels_type_0_service_mesh_type_0(value: str) -> DetectedLabelsType0ServiceMeshType0:
    if value in DETECTED_LABELS_TYPE_0_SERVICE_MESH_TYPE_0_VALUES:
        return cast(DetectedLabelsType0ServiceMeshType0, value)
    raise TypeError(
        f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_TYPE_0_SERVICE_MESH_TYPE_0_VALUES!r}"
    )
