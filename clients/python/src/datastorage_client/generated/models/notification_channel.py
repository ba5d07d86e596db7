from typing import Literal, cast

NotificationChannel = Literal["console", "email", "pagerduty", "slack", "sms", "teams", "webhook"]

NOTIFICATION_CHANNEL_VALUES: set[NotificationChannel] = {
    "console",
    "email",
    "pagerduty",
    "slack",
    "sms",
    "teams",
    "webhook",
}


def check_notification_channel(value: str) -> NotificationChannel:
    if value in NOTIFICATION_CHANNEL_VALUES:
        return cast(NotificationChannel, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_CHANNEL_VALUES!r}")
