from typing import Literal, cast

NotificationQueuedStatus = Literal["accepted"]

NOTIFICATION_QUEUED_STATUS_VALUES: set[NotificationQueuedStatus] = {
    "accepted",
}


def check_notification_queued_status(value: str) -> NotificationQueuedStatus:
    if value in NOTIFICATION_QUEUED_STATUS_VALUES:
        return cast(NotificationQueuedStatus, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {NOTIFICATION_QUEUED_STATUS_VALUES!r}")
