from typing import Literal, cast

DetectedLabelsType0ServiceMesh = Literal["", "*", "istio", "linkerd"]

DETECTED_LABELS_TYPE_0_SERVICE_MESH_VALUES: set[DetectedLabelsType0ServiceMesh] = {
    "",
    "*",
    "istio",
    "linkerd",
}


def check_detected_labels_type_0_service_mesh(value: str) -> DetectedLabelsType0ServiceMesh:
    if value in DETECTED_LABELS_TYPE_0_SERVICE_MESH_VALUES:
        return cast(DetectedLabelsType0ServiceMesh, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_TYPE_0_SERVICE_MESH_VALUES!r}")
