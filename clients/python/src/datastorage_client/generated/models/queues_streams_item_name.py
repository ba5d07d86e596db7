from typing import Literal, cast

QueuesStreamsItemName = Literal["events", "notifications"]

QUEUES_STREAMS_ITEM_NAME_VALUES: set[QueuesStreamsItemName] = {
    "events",
    "notifications",
}


def check_queues_streams_item_name(value: str) -> QueuesStreamsItemName:
    if value in QUEUES_STREAMS_ITEM_NAME_VALUES:
        return cast(QueuesStreamsItemName, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {QUEUES_STREAMS_ITEM_NAME_VALUES!r}")
