"""Marks: what a row promises, as numbers, and whether a run kept it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

__all__ = ["Mark", "Verdict", "told", "verdicts"]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One promise. of: `value`, `ratio` or the name of a note; against: what it is compared with, in words."""

    of: str
    against: str
    at_most: float | None = None
    at_least: float | None = None
    unit: str = ""

    def __post_init__(self) -> None:
        """Raises ValueError unless there is exactly one limit."""
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError(f"a mark has one limit: {self.of} {self.against}")

    @property
    def limit(self) -> float:
        """The number that is promised."""
        return self.at_least if self.at_least is not None else self.at_most or 0.0

    def __str__(self) -> str:
        sign = ">=" if self.at_least is not None else "<="
        return " ".join(part for part in (self.of, sign, f"{self.limit:g}", self.unit, self.against) if part)

    def kept_by(self, number: float) -> bool:
        """Whether a measured number is as promised."""
        return number >= self.limit if self.at_least is not None else number <= self.limit


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A mark and what was measured; number is None where the row did not run."""

    row: str
    mark: Mark
    number: float | None

    @property
    def word(self) -> str:
        """met, missed, or not measured."""
        if self.number is None:
            return "not measured"
        return "met" if self.mark.kept_by(self.number) else "missed"

    @property
    def of_the_mark(self) -> float | None:
        """What was measured as a multiple of the limit."""
        return None if self.number is None or not self.mark.limit else self.number / self.mark.limit

    def as_json(self) -> dict[str, Any]:
        """For results.json."""
        return {"mark": str(self.mark), "measured": self.number, "verdict": self.word, "of_the_mark": self.of_the_mark}


def verdicts(row: str, marks: Iterable[Mark], measured: Any) -> list[Verdict]:
    """What became of a row's marks. Raises KeyError for a mark on a note that the row did not make."""
    return [Verdict(row=row, mark=mark, number=_number(mark.of, measured)) for mark in marks]


def _number(of: str, measured: Any) -> float | None:
    if measured is None:
        return None
    number: float | None = getattr(measured, of) if of in {"value", "ratio"} else measured.notes[of]
    return number


def told(marks: Iterable[Mark]) -> str:
    """All marks of a row in a line."""
    return "; ".join(map(str, marks))
