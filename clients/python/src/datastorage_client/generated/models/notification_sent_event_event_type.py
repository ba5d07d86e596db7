from typing import Literal, cast

NotificationSentEventEventType = Literal["notification.sent"]

NOTIFICATION_SENT_EVENT_EVENT_TYPE_VALUES: set[NotificationSentEventEventType] = {
    "notification.sent",
}


def check_notification_sent_event_event_type(value: str) -> NotificationSentEventEventType:
    if value in NOTIFICATION_SENT_EVENT_EVENT_TYPE_VALUES:
        return cast(NotificationSentEventEventType, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_SENT_EVENT_EVENT_TYPE_VALUES!r}")
