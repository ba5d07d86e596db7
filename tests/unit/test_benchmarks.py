"""When `make bench-check` complains."""

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import _worse
from benchmarks.harness import Measured, load_rows


@pytest.mark.parametrize(
    ("better", "value", "tolerance", "complains"),
    [
        ("higher", 84, 0.2, False),
        ("higher", 83, 0.2, True),
        ("higher", 500, 0.2, False),
        ("lower", 119, 0.2, False),
        ("lower", 121, 0.2, True),
        ("lower", 1, 0.2, False),
        ("higher", 51, 1, False),
        ("higher", 49, 1, True),
        ("lower", 199, 1, False),
        ("lower", 201, 1, True),
    ],
)
def test_a_ratio_may_be_worse_than_accepted_by_the_tolerance(
    better: str, value: float, tolerance: float, complains: bool
) -> None:
    one = Measured(value=value, unit="x", better=better, floor=100)  # type: ignore[arg-type]  # from the table above
    assert (_worse("row", one, accepted=1.0, tolerance=tolerance) is not None) == complains


def test_a_row_without_a_floor_or_an_accepted_ratio_is_not_compared() -> None:
    assert _worse("row", Measured(value=1, unit="x", better="higher"), accepted=1.0, tolerance=0.2) is None
    assert _worse("row", Measured(value=1, unit="x", better="higher", floor=100), accepted=None, tolerance=0.2) is None


def test_what_ci_measures_has_an_accepted_ratio() -> None:
    accepted = json.loads((Path(__file__).parents[2] / ".perf-baseline.json").read_text())
    core = {name for name, one in load_rows().items() if one.core}
    assert core
    assert core <= set(accepted)


def test_every_row_says_what_it_aims_at() -> None:
    rows = load_rows()
    assert "cold-start" in rows
    assert all(row.title and row.mark for row in rows.values())
