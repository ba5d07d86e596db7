from typing import Literal, cast

NotificationStatus = Literal["acknowledged", "escalated", "failed", "pending", "sent"]

NOTIFICATION_STATUS_VALUES: set[NotificationStatus] = {
    "acknowledged",
    "escalated",
    "failed",
    "pending",
    "sent",
}


def check_notification_status(value: str) -> NotificationStatus:
    if value in NOTIFICATION_STATUS_VALUES:
        return cast(NotificationStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_STATUS_VALUES!r}")
