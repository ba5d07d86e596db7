"""How well a workflow fits a question: points for each label, in thousandths so that they add up exactly.

A label's points are listed in WEIGHTS, and nowhere else. final_score is a tenth of the sum of all points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

__all__ = [
    "FULL",
    "MANDATORY",
    "PROFILES",
    "Line",
    "Question",
    "Score",
    "Scorer",
    "Subject",
    "Weight",
    "Weights",
    "fits",
    "score",
]

Match = Literal["exact", "wildcard", "missing", "conflict", "ignored"]
#: The five labels that every question and every workflow has, in the order in which breakdowns show them.
MANDATORY = ("signal_type", "severity", "component", "environment", "priority")
#: Those that a workflow may leave open.
OPEN = frozenset(("component", "environment", "priority"))
_ANY = "*"
_NOTHING = (None, "", False)
#: The points, in thousandths, of the score 1.
FULL = 10_000


class Weight(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Points, in thousandths, that a label is worth: matched exactly, by a wildcard, and taken off where it is not."""

    exact: int
    wildcard: int = 0
    penalty: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.wildcard <= self.exact or self.penalty < 0:
            raise ValueError("weights must keep exact >= wildcard >= 0 and penalty >= 0")


class Weights(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A named table of points. detected: the labels that may be asked for, all others are no labels."""

    mandatory: Weight
    custom: Weight
    detected: dict[str, Weight]


#: The profile that label-search promises its users; others may be configured beside it.
PROFILES: Mapping[str, Weights] = {
    "v1": Weights(
        mandatory=Weight(1000, 500),
        custom=Weight(50, 25),
        detected={
            "gitOpsManaged": Weight(100, 0, 100),
            "gitOpsTool": Weight(100, 50, 100),
            "pdbProtected": Weight(50),
            "serviceMesh": Weight(50, 25),
            "networkIsolated": Weight(30),
            "helmManaged": Weight(20),
            "stateful": Weight(20),
            "hpaEnabled": Weight(20),
        },
    )
}


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The labels of a workflow."""

    labels: Mapping[str, str]
    detected: Mapping[str, Any] = {}
    custom: Mapping[str, Sequence[str]] = {}


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """The labels that are asked for. failed: detected labels that are not to count."""

    labels: Mapping[str, str]
    detected: Mapping[str, Any] = {}
    custom: Mapping[str, Sequence[str]] = {}
    failed: frozenset[str] = frozenset()


class Line(msgspec.Struct, frozen=True):
    """One label's part in a score."""

    label: str
    query: Any
    workflow: Any
    match: Match
    points: float


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """A workflow's score; boost and penalty are points of detected and custom labels, before the division by 10."""

    final: float
    boost: float
    penalty: float
    lines: tuple[Line, ...]


def fits(subject: Subject, question: Question) -> bool:
    """Whether a workflow is a candidate: each mandatory label is the same, or left open where it may be."""
    return all(
        (value := subject.labels.get(name)) == question.labels[name] or (value == _ANY and name in OPEN)
        for name in MANDATORY
    )


def score(subject: Subject, question: Question, weights: Weights) -> Score:
    """The score of a candidate."""
    return Scorer(question, weights).score(subject)


class Scorer:
    """Scores candidates for one question: `total` for all, `score` with its reasons for those that are shown."""

    def __init__(self, question: Question, weights: Weights) -> None:
        self._labels = question.labels
        self._mandatory = weights.mandatory
        self._custom_weight = weights.custom
        # A question does not really ask for what is false or empty.
        self._detected = [
            (name, wanted, weight, name in question.failed)
            for name, weight in weights.detected.items()
            if (wanted := question.detected.get(name))
        ]
        self._custom = [(key, value) for key, values in sorted(question.custom.items()) for value in values]

    def total(self, subject: Subject) -> int:
        """The sum of all points, in thousandths, within the bounds of a score."""
        base, mandatory = 0, self._mandatory
        for name in MANDATORY:
            base += mandatory.exact if subject.labels[name] == self._labels[name] else mandatory.wildcard
        own, custom = subject.detected, subject.custom
        for name, wanted, weight, failed in self._detected:
            if not failed:
                base += _detected(wanted, own.get(name), weight)[1]
        for key, value in self._custom:
            base += _custom(value, custom.get(key), self._custom_weight)[1]
        return min(max(base, 0), FULL)

    def score(self, subject: Subject) -> Score:
        """The score with a line for every label."""
        own = subject.labels
        base = [(name, self._labels[name], own[name], *self._fit(name, own[name])) for name in MANDATORY]
        extra: list[_Points] = []
        for name, wanted, weight, failed in self._detected:
            value = subject.detected.get(name)
            extra.append((name, wanted, value, *(("ignored", 0) if failed else _detected(wanted, value, weight))))
        for key, value in self._custom:
            has = subject.custom.get(key)
            extra.append((key, value, has, *_custom(value, has, self._custom_weight)))
        lines = [Line(label, query, has, match, points / 1000) for label, query, has, match, points in [*base, *extra]]
        return Score(
            final=self.total(subject) / FULL,
            boost=sum(points for *_, points in extra if points > 0) / 1000,
            penalty=-sum(points for *_, points in extra if points < 0) / 1000,
            lines=tuple(lines),
        )

    def _fit(self, name: str, own: str) -> tuple[Match, int]:
        if own == self._labels[name]:
            return "exact", self._mandatory.exact
        return "wildcard", self._mandatory.wildcard


_Points = tuple[str, Any, Any, Match, int]


def _detected(wanted: Any, own: Any, weight: Weight) -> tuple[Match, int]:
    has = own not in _NOTHING
    if has and own == wanted and wanted != _ANY:
        return "exact", weight.exact
    if has and weight.wildcard and _ANY in (wanted, own):
        return "wildcard", weight.wildcard
    return "conflict" if own is not None else "missing", 0 if wanted == _ANY else -weight.penalty


def _custom(value: str, own: Sequence[str] | None, weight: Weight) -> tuple[Match, int]:
    if own and value in own:
        return "exact", weight.exact
    if own and _ANY in own:
        return "wildcard", weight.wildcard
    return "conflict" if own else "missing", 0
