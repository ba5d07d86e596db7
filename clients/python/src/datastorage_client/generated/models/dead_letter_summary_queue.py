from typing import Literal, cast

DeadLetterSummaryQueue = Literal["events", "notifications"]

DEAD_LETTER_SUMMARY_QUEUE_VALUES: set[DeadLetterSummaryQueue] = {
    "events",
    "notifications",
}


def check_dead_letter_summary_queue(value: str) -> DeadLetterSummaryQueue:
    if value in DEAD_LETTER_SUMMARY_QUEUE_VALUES:
        return cast(DeadLetterSummaryQueue, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {DEAD_LETTER_SUMMARY_QUEUE_VALUES!r}")
