from typing import Literal, cast

HealthQueue = Literal["connected", "unreachable"]

HEALTH_QUEUE_VALUES: set[HealthQueue] = {
    "connected",
    "unreachable",
}


def check_health_queue(value: str) -> HealthQueue:
    if value in HEALTH_QUEUE_VALUES:
        return cast(HealthQueue, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {HEALTH_QUEUE_VALUES!r}")
