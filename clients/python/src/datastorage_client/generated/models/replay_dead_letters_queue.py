from typing import Literal, cast

ReplayDeadLettersQueue = Literal["events", "notifications"]

REPLAY_DEAD_LETTERS_QUEUE_VALUES: set[ReplayDeadLettersQueue] = {
    "events",
    "notifications",
}


def check_replay_dead_letters_queue(value: str) -> ReplayDeadLettersQueue:
    if value in REPLAY_DEAD_LETTERS_QUEUE_VALUES:
        return cast(ReplayDeadLettersQueue, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {REPLAY_DEAD_LETTERS_QUEUE_VALUES!r}")
