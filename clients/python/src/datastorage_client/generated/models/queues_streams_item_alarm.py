from typing import Literal, cast

QueuesStreamsItemAlarm = Literal["critical", "none", "overflow_imminent", "warning"]

QUEUES_STREAMS_ITEM_ALARM_VALUES: set[QueuesStreamsItemAlarm] = {
    "critical",
    "none",
    "overflow_imminent",
    "warning",
}


def check_queues_streams_item_alarm(value: str) -> QueuesStreamsItemAlarm:
    if value in QUEUES_STREAMS_ITEM_ALARM_VALUES:
        return cast(QueuesStreamsItemAlarm, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {QUEUES_STREAMS_ITEM_ALARM_VALUES!r}")
