from typing import Literal, cast

NotificationQueuedMessage = Literal["audit record queued for processing"]

NOTIFICATION_QUEUED_MESSAGE_VALUES: set[NotificationQueuedMessage] = {
    "audit record queued for processing",
}


def check_notification_queued_message(value: str) -> NotificationQueuedMessage:
    if value in NOTIFICATION_QUEUED_MESSAGE_VALUES:
        return cast(NotificationQueuedMessage, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_QUEUED_MESSAGE_VALUES!r}")
