from typing import Literal, cast

EventQueuedMessage = Literal["audit event queued for async processing"]

EVENT_QUEUED_MESSAGE_VALUES: set[EventQueuedMessage] = {
    "audit event queued for async processing",
}


def check_event_queued_message(value: str) -> EventQueuedMessage:
    if value in EVENT_QUEUED_MESSAGE_VALUES:
        return cast(EventQueuedMessage, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_QUEUED_MESSAGE_VALUES!r}")
