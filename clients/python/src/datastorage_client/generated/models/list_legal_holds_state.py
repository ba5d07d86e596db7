from typing import Literal, cast

ListLegalHoldsState = Literal["in_force", "released"]

LIST_LEGAL_HOLDS_STATE_VALUES: set[ListLegalHoldsState] = {
    "in_force",
    "released",
}


def check_list_legal_holds_state(value: str) -> ListLegalHoldsState:
    if value in LIST_LEGAL_HOLDS_STATE_VALUES:
        return cast(ListLegalHoldsState, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {LIST_LEGAL_HOLDS_STATE_VALUES!r}")
