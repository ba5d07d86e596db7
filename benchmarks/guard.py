"""The guard: ratios that were accepted, and when a new one is too much worse."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness import Measured, Row

__all__ = ["BASELINE", "accepted_ratios", "guard", "worse"]

BASELINE = Path(__file__).parents[1] / ".perf-baseline.json"
_TRIES = 3


def accepted_ratios() -> dict[str, float]:
    """What is accepted, by row."""
    ratios: dict[str, float] = json.loads(BASELINE.read_text()) if BASELINE.exists() else {}
    return ratios


def guard(
    rows: Iterable[Row],
    measure: Callable[[Row], Measured],
    accepted: Mapping[str, float],
    tolerance: float,
    say: Callable[[str], Any],
) -> tuple[dict[str, Measured], list[str]]:
    """Measure each row, and one that is worse than accepted up to twice more; the best of each, and the complaints.

    A machine that stumbled once does not stumble three times at the same row: the best of the three counts.
    """
    measured, complaints = {}, []
    for row in rows:
        best, complaint = None, None
        for turn in range(_TRIES):
            if turn:
                say(f"{complaint}; measured again")
            try:
                best = _better(best, measure(row))
            except AssertionError as problem:  # an answer that is not what the row asks for
                complaint = f"{row.name}: {problem}"
            else:
                complaint = worse(row.name, best, accepted.get(row.name), tolerance)
            if complaint is None:
                break
        if best is not None:
            measured[row.name] = best
        if complaint is not None:
            complaints.append(complaint)
    return measured, complaints


def _better(first: Measured | None, second: Measured) -> Measured:
    if first is None or first.ratio is None or second.ratio is None:
        return second
    ordered = sorted([first, second], key=lambda one: one.ratio or 0.0)
    return ordered[-1 if first.better == "higher" else 0]


def worse(name: str, one: Measured, accepted: float | None, tolerance: float) -> str | None:
    """A complaint, or None. tolerance: 0.2 takes a ratio that is 20 % worse, 1 one that is half as good."""
    if accepted is None or one.ratio is None:
        return None
    limit = accepted / (1 + tolerance) if one.better == "higher" else accepted * (1 + tolerance)
    bad = one.ratio < limit if one.better == "higher" else one.ratio > limit
    return f"{name}: ratio {one.ratio:.3g}, accepted {accepted:.3g}: more than {tolerance:.0%} worse" if bad else None
