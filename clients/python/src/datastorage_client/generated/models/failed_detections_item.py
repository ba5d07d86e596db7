from typing import Literal, cast

FailedDetectionsItem = Literal[
    "gitOpsManaged", "helmManaged", "hpaEnabled", "networkIsolated", "pdbProtected", "serviceMesh", "stateful"
]

FAILED_DETECTIONS_ITEM_VALUES: set[FailedDetectionsItem] = {
    "gitOpsManaged",
    "helmManaged",
    "hpaEnabled",
    "networkIsolated",
    "pdbProtected",
    "serviceMesh",
    "stateful",
}


def check_failed_detections_item(value: str) -> FailedDetectionsItem:
    if value in FAILED_DETECTIONS_ITEM_VALUES:
        return cast(FailedDetectionsItem, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {FAILED_DETECTIONS_ITEM_VALUES!r}")
