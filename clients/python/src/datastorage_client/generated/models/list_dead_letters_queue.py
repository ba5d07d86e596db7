from typing import Literal, cast

ListDeadLettersQueue = Literal["events", "notifications"]

LIST_DEAD_LETTERS_QUEUE_VALUES: set[ListDeadLettersQueue] = {
    "events",
    "notifications",
}


def check_list_dead_letters_queue(value: str) -> ListDeadLettersQueue:
    if value in LIST_DEAD_LETTERS_QUEUE_VALUES:
        return cast(ListDeadLettersQueue, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_DEAD_LETTERS_QUEUE_VALUES!r}")
