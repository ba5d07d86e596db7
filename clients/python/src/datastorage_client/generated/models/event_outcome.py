from typing import Literal, cast

EventOutcome = Literal["failure", "pending", "success"]

EVENT_OUTCOME_VALUES: set[EventOutcome] = {
    "failure",
    "pending",
    "success",
}


def check_event_outcome(value: str) -> EventOutcome:
    if value in EVENT_OUTCOME_VALUES:
        return cast(EventOutcome, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {EVENT_OUTCOME_VALUES!r}")
