from typing import Literal, cast

NotificationEscalatedEventEventType = Literal["notification.escalated"]

NOTIFICATION_ESCALATED_EVENT_EVENT_TYPE_VALUES: set[NotificationEscalatedEventEventType] = {
    "notification.escalated",
}


def check_notification_escalated_event_event_type(value: str) -> NotificationEscalatedEventEventType:
    if value in NOTIFICATION_ESCALATED_EVENT_EVENT_TYPE_VALUES:
        return cast(NotificationEscalatedEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_ESCALATED_EVENT_EVENT_TYPE_VALUES!r}")
