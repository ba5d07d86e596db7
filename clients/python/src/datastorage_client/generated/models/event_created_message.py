from typing import Literal, cast

EventCreatedMessage = Literal["Audit event created successfully"]

EVENT_CREATED_MESSAGE_VALUES: set[EventCreatedMessage] = {
    "Audit event created successfully",
}


def check_event_created_message(value: str) -> EventCreatedMessage:
    if value in EVENT_CREATED_MESSAGE_VALUES:
        return cast(EventCreatedMessage, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_CREATED_MESSAGE_VALUES!r}")
