from typing import Literal, cast

DetectedLabelsServiceMesh = Literal["", "*", "istio", "linkerd"]

DETECTED_LABELS_SERVICE_MESH_VALUES: set[DetectedLabelsServiceMesh] = {
    "",
    "*",
    "istio",
    "linkerd",
}


def check_detected_labels_service_mesh(value: str) -> DetectedLabelsServiceMesh:
    if value in DETECTED_LABELS_SERVICE_MESH_VALUES:
        return cast(DetectedLabelsServiceMesh, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DETECTED_LABELS_SERVICE_MESH_VALUES!r}")
