from typing import Literal, cast

DeadLetterChangeState = Literal["discarded", "queued"]

DEAD_LETTER_CHANGE_STATE_VALUES: set[DeadLetterChangeState] = {
    "discarded",
    "queued",
}


def check_dead_letter_change_state(value: str) -> DeadLetterChangeState:
    if value in DEAD_LETTER_CHANGE_STATE_VALUES:
        return cast(DeadLetterChangeState, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DEAD_LETTER_CHANGE_STATE_VALUES!r}")
