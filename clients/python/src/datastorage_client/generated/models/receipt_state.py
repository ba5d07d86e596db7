from typing import Literal, cast

ReceiptState = Literal["dead_letter", "queued", "stored"]

RECEIPT_STATE_VALUES: set[ReceiptState] = {
    "dead_letter",
    "queued",
    "stored",
}


def check_receipt_state(value: str) -> ReceiptState:
    if value in RECEIPT_STATE_VALUES:
        return cast(ReceiptState, value)
    raise TypeError(f"Unexpected value {value!r}. Expected one of {RECEIPT_STATE_VALUES!r}")
