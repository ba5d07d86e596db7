"""How well a workflow fits a question: points for each label, in thousandths so that they add up exactly.

A label's points are listed in WEIGHTS, and nowhere else. final_score is a tenth of the sum of all points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

__all__ = [
    "DETECTABLE",
    "MANDATORY",
    "PROFILES",
    "Line",
    "Question",
    "Score",
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
#: Labels whose detection may fail.
DETECTABLE = (
    "gitOpsManaged", "pdbProtected", "hpaEnabled", "stateful", "helmManaged", "networkIsolated", "serviceMesh",
)  # fmt: skip


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
    base = [_mandatory(name, subject, question, weights.mandatory) for name in MANDATORY]
    extra = [
        *(
            _detected(name, subject, question, weight)
            for name, weight in weights.detected.items()
            if name in question.detected
        ),
        *(
            _custom(key, value, subject, weights.custom)
            for key, values in sorted(question.custom.items())
            for value in values
        ),
    ]
    lines = [*base, *(line for line in extra if line is not None)]
    boost = sum(points for *_, points in lines[len(base) :] if points > 0)
    penalty = -sum(points for *_, points in lines[len(base) :] if points < 0)
    total = sum(points for *_, points in lines)
    return Score(
        final=min(max(total, 0), 10_000) / 10_000,
        boost=boost / 1000,
        penalty=penalty / 1000,
        lines=tuple(Line(label, query, own, match, points / 1000) for label, query, own, match, points in lines),
    )


_Points = tuple[str, Any, Any, Match, int]


def _mandatory(name: str, subject: Subject, question: Question, weight: Weight) -> _Points:
    wanted, own = question.labels[name], subject.labels[name]
    return (
        (name, wanted, own, "exact", weight.exact)
        if own == wanted
        else (name, wanted, own, "wildcard", weight.wildcard)
    )


def _detected(name: str, subject: Subject, question: Question, weight: Weight) -> _Points | None:
    """The line of a detected label; None where the question does not really ask: false, empty."""
    wanted, own = question.detected[name], subject.detected.get(name)
    if not wanted:
        return None
    has = own not in {None, "", False}
    if name in question.failed:
        return name, wanted, own, "ignored", 0
    if has and own == wanted and wanted != _ANY:
        return name, wanted, own, "exact", weight.exact
    if has and weight.wildcard and _ANY in {wanted, own}:
        return name, wanted, own, "wildcard", weight.wildcard
    penalty = 0 if wanted == _ANY else -weight.penalty
    return name, wanted, own, "conflict" if own is not None else "missing", penalty


def _custom(key: str, value: str, subject: Subject, weight: Weight) -> _Points:
    own = subject.custom.get(key)
    if own and value in own:
        return key, value, own, "exact", weight.exact
    if own and _ANY in own:
        return key, value, own, "wildcard", weight.wildcard
    return key, value, own, "conflict" if own else "missing", 0
