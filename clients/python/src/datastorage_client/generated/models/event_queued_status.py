from typing import Literal, cast

EventQueuedStatus = Literal["accepted"]

EVENT_QUEUED_STATUS_VALUES: set[EventQueuedStatus] = {
    "accepted",
}


def check_event_queued_status(value: str) -> EventQueuedStatus:
    if value in EVENT_QUEUED_STATUS_VALUES:
        return cast(EventQueuedStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_QUEUED_STATUS_VALUES!r}")
