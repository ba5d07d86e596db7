from typing import Literal, cast

BatchItemResultStatus = Literal["created", "duplicate", "queued", "rejected", "unknown"]

BATCH_ITEM_RESULT_STATUS_VALUES: set[BatchItemResultStatus] = {
    "created",
    "duplicate",
    "queued",
    "rejected",
    "unknown",
}


def check_batch_item_result_status(value: str) -> BatchItemResultStatus:
    if value in BATCH_ITEM_RESULT_STATUS_VALUES:
        return cast(BatchItemResultStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {BATCH_ITEM_RESULT_STATUS_VALUES!r}")
