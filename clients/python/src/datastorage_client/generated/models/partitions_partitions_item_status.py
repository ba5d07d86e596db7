from typing import Literal, cast

PartitionsPartitionsItemStatus = Literal["available", "missing", "unavailable"]

PARTITIONS_PARTITIONS_ITEM_STATUS_VALUES: set[PartitionsPartitionsItemStatus] = {
    "available",
    "missing",
    "unavailable",
}


def check_partitions_partitions_item_status(value: str) -> PartitionsPartitionsItemStatus:
    if value in PARTITIONS_PARTITIONS_ITEM_STATUS_VALUES:
        return cast(PartitionsPartitionsItemStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {PARTITIONS_PARTITIONS_ITEM_STATUS_VALUES!r}")
