"""When `make bench-check` complains."""

import pytest

from benchmarks.__main__ import _worse
from benchmarks.harness import Measured, load_rows


@pytest.mark.parametrize(
    ("better", "value", "complains"),
    [
        ("higher", 81, False),
        ("higher", 79, True),
        ("higher", 500, False),
        ("lower", 119, False),
        ("lower", 121, True),
        ("lower", 1, False),
    ],
)
def test_a_ratio_may_be_20_percent_worse_than_accepted(better: str, value: float, complains: bool) -> None:
    one = Measured(value=value, unit="x", better=better, floor=100)  # type: ignore[arg-type]  # from the table above
    assert (_worse("row", one, accepted=1.0) is not None) == complains


def test_a_row_without_a_floor_or_an_accepted_ratio_is_not_compared() -> None:
    assert _worse("row", Measured(value=1, unit="x", better="higher"), accepted=1.0) is None
    assert _worse("row", Measured(value=1, unit="x", better="higher", floor=100), accepted=None) is None


def test_every_row_says_what_it_aims_at() -> None:
    rows = load_rows()
    assert "cold-start" in rows
    assert all(row.title and row.mark for row in rows.values())
