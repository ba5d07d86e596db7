from typing import Literal, cast

EventCategory = Literal[
    "analysis", "execution", "gateway", "notification", "orchestration", "signalprocessing", "workflow"
]

EVENT_CATEGORY_VALUES: set[EventCategory] = {
    "analysis",
    "execution",
    "gateway",
    "notification",
    "orchestration",
    "signalprocessing",
    "workflow",
}


def check_event_category(value: str) -> EventCategory:
    if value in EVENT_CATEGORY_VALUES:
        return cast(EventCategory, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_CATEGORY_VALUES!r}")
