"""When `make bench-check` complains."""

import json
from pathlib import Path

import pytest

from benchmarks.guard import guard, worse
from benchmarks.harness import Measured, Row, Stage, load_rows
from benchmarks.marks import Mark, verdicts


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
    assert (worse("row", one, accepted=1.0, tolerance=tolerance) is not None) == complains


def test_a_row_without_a_floor_or_an_accepted_ratio_is_not_compared() -> None:
    assert worse("row", Measured(value=1, unit="x", better="higher"), accepted=1.0, tolerance=0.2) is None
    assert worse("row", Measured(value=1, unit="x", better="higher", floor=100), accepted=None, tolerance=0.2) is None


def test_what_ci_measures_has_an_accepted_ratio() -> None:
    accepted = json.loads((Path(__file__).parents[2] / ".perf-baseline.json").read_text())
    core = {name for name, one in load_rows().items() if one.core}
    assert core
    assert core <= set(accepted)


def test_every_row_says_what_it_aims_at() -> None:
    rows = load_rows()
    assert "cold-start" in rows
    assert all(row.title and row.mark for row in rows.values())


def _row() -> Row:
    def never(_: Stage) -> Measured:
        raise NotImplementedError

    return Row(name="one", title="one", mark="told", measure=never)


REFUSED = AssertionError("expected only 201")


def _guarded(*tries: float | AssertionError) -> tuple[float | None, list[str]]:
    """What the guard keeps and says of a row whose accepted ratio is 1 and whose tries give these ratios or errors."""
    coming = iter(tries)

    def measure(_: Row) -> Measured:
        value = next(coming)
        if isinstance(value, AssertionError):
            raise value
        return Measured(value=value, unit="x", better="higher", floor=1)

    measured, complaints = guard([_row()], measure, {"one": 1.0}, 1.0, lambda _: None)
    assert next(coming, None) is None, "all tries were needed"
    return (measured["one"].value if measured else None), complaints


@pytest.mark.parametrize(
    ("tries", "kept", "complaints"),
    [
        ((0.9,), 0.9, 0),
        ((0.1, 0.9), 0.9, 0),
        ((0.1, REFUSED, 0.9), 0.9, 0),
        ((0.1, 0.3, 0.2), 0.3, 1),
        ((REFUSED, 0.3, REFUSED), 0.3, 1),
        ((REFUSED,) * 3, None, 1),
    ],
)
def test_a_row_that_is_worse_is_measured_up_to_three_times_before_it_is_a_complaint(
    tries: tuple[float | AssertionError, ...], kept: float | None, complaints: int
) -> None:
    value, said = _guarded(*tries)
    assert value == kept
    assert len(said) == complaints


@pytest.mark.parametrize(
    ("mark", "word", "of_the_mark"),
    [
        (Mark(of="ratio", at_least=0.85, against="COPY"), "missed", 0.5 / 0.85),
        (Mark(of="ratio", at_least=0.5, against="COPY"), "met", 1.0),
        (Mark(of="value", at_most=10, against="promised"), "met", 0.5),
        (Mark(of="p99_ms", at_most=10, against="promised"), "missed", 1.2),
        (Mark(of="fast", at_least=0.7, against="where fsync is fast"), "not measured", None),
    ],
)
def test_a_mark_is_judged_by_value_ratio_or_note(mark: Mark, word: str, of_the_mark: float | None) -> None:
    measured = Measured(value=5, unit="ms", better="lower", floor=10, notes={"p99_ms": 12, "fast": None})
    (verdict,) = verdicts("row", [mark], measured)
    assert verdict.word == word
    assert verdict.of_the_mark == (of_the_mark if of_the_mark is None else pytest.approx(of_the_mark))


def test_a_mark_of_a_row_that_did_not_run_is_not_measured() -> None:
    (verdict,) = verdicts("row", [Mark(of="ratio", at_least=1, against="COPY")], None)
    assert verdict.word == "not measured"


def test_a_mark_has_exactly_one_limit() -> None:
    with pytest.raises(ValueError, match="one limit"):
        Mark(of="ratio", against="COPY")
    with pytest.raises(ValueError, match="one limit"):
        Mark(of="ratio", against="COPY", at_least=1, at_most=2)


def test_the_ratio_of_turns_counts_before_that_of_the_medians() -> None:
    assert Measured(value=5, unit="x", better="higher", floor=10, ratio_of_turns=0.7).ratio == 0.7
