from typing import Literal, cast

NotificationFailedEventEventType = Literal["notification.failed"]

NOTIFICATION_FAILED_EVENT_EVENT_TYPE_VALUES: set[NotificationFailedEventEventType] = {
    "notification.failed",
}


def check_notification_failed_event_event_type(value: str) -> NotificationFailedEventEventType:
    if value in NOTIFICATION_FAILED_EVENT_EVENT_TYPE_VALUES:
        return cast(NotificationFailedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_FAILED_EVENT_EVENT_TYPE_VALUES!r}")
