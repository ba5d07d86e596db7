"""Label search: the worked examples to the last digit, the acceptance cases of group G, and what always holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.scoring import MANDATORY, PROFILES, Question, Subject, Weight, fits, score

V1 = PROFILES["v1"]
L5 = dict(zip(MANDATORY, ("OOMKilled", "critical", "deployment", "production", "P0"), strict=True))
ALL: dict[str, Any] = {
    "gitOpsManaged": True,
    "gitOpsTool": "argocd",
    "pdbProtected": True,
    "serviceMesh": "istio",
    "networkIsolated": True,
    "helmManaged": True,
    "stateful": True,
    "hpaEnabled": True,
}
A = Subject(labels=L5, detected=ALL)
F = Subject(labels=L5, detected={"gitOpsManaged": True, "gitOpsTool": "flux"})
S = Subject(labels=L5, detected={"gitOpsManaged": True, "gitOpsTool": "*", "serviceMesh": "*"})
P = Subject(labels=L5)
C = Subject(labels=L5, custom={"team": ["payments"], "constraint": ["*"]})


def final(subject: Subject, *, detected: Any = None, custom: Any = None) -> float:
    return score(subject, Question(labels=L5, detected=detected or {}, custom=custom or {}), V1).final


@pytest.mark.parametrize(
    ("detected", "scores"),
    [
        pytest.param(ALL, {"A": 0.539, "F": 0.5, "S": 0.5175, "P": 0.48, "C": 0.48}, id="1"),
        pytest.param({"gitOpsManaged": True}, {"A": 0.51, "F": 0.51, "S": 0.51, "P": 0.49, "C": 0.49}, id="2"),
        pytest.param({"gitOpsTool": "argocd"}, {"A": 0.51, "S": 0.505, "F": 0.49, "P": 0.49, "C": 0.49}, id="3"),
        pytest.param(
            {"gitOpsTool": "*", "serviceMesh": "*"}, {"A": 0.5075, "S": 0.5075, "F": 0.505, "P": 0.5, "C": 0.5}, id="4"
        ),
        pytest.param({"pdbProtected": True}, {"A": 0.505, "F": 0.5, "S": 0.5, "P": 0.5, "C": 0.5}, id="6"),
        pytest.param({"serviceMesh": "istio"}, {"A": 0.505, "S": 0.5025, "F": 0.5, "P": 0.5, "C": 0.5}, id="mesh"),
        pytest.param({"gitOpsManaged": False, "gitOpsTool": ""}, dict.fromkeys("AFSPC", 0.5), id="no effect"),
    ],
)
def test_worked_examples_of_detected_labels(detected: dict[str, Any], scores: dict[str, float]) -> None:
    subjects = {"A": A, "F": F, "S": S, "P": P, "C": C}
    assert {name: final(subjects[name], detected=detected) for name in scores} == scores


def test_worked_example_5_custom_labels() -> None:
    custom = {"team": ["payments", "x"], "constraint": ["cost"]}
    assert final(C, custom=custom) == 0.5075
    assert score(C, Question(labels=L5, custom=custom), V1).boost == 0.075
    assert {final(subject, custom=custom) for subject in (A, F, S, P)} == {0.5}


@pytest.mark.parametrize("label", ["component", "environment", "priority"])
def test_worked_example_8_a_label_left_open(label: str) -> None:
    subject = Subject(labels=L5 | {label: "*"})
    assert fits(subject, Question(labels=L5))
    assert final(subject) == 0.45


@pytest.mark.parametrize("label", MANDATORY)
def test_another_value_or_another_case_is_no_candidate(label: str) -> None:
    assert not fits(Subject(labels=L5 | {label: "other"}), Question(labels=L5))
    assert not fits(Subject(labels=L5 | {label: L5[label].swapcase()}), Question(labels=L5))


@pytest.mark.parametrize("label", ["signal_type", "severity"])
def test_signal_and_severity_cannot_be_left_open(label: str) -> None:
    assert not fits(Subject(labels=L5 | {label: "*"}), Question(labels=L5))


def test_a_failed_detection_neither_helps_nor_harms() -> None:
    """G22."""
    question = Question(labels=L5, detected=ALL, failed=frozenset(("gitOpsManaged", "serviceMesh")))
    assert score(P, question, V1).penalty == 0.1
    lines = {line.label: line for line in score(A, question, V1).lines}
    assert (lines["gitOpsManaged"].match, lines["gitOpsManaged"].points) == ("ignored", 0)
    assert score(A, question, V1).boost == 0.24


def test_the_breakdown_names_every_label_and_adds_up() -> None:
    question = Question(labels=L5, detected=ALL, custom={"team": ["payments"], "zone": ["a"]})
    result = score(F, question, V1)
    matches = {line.label: line.match for line in result.lines}
    assert matches == {
        **dict.fromkeys(MANDATORY, "exact"),
        "gitOpsManaged": "exact",
        "gitOpsTool": "conflict",
        **dict.fromkeys(("pdbProtected", "serviceMesh", "networkIsolated", "helmManaged"), "missing"),
        **dict.fromkeys(("stateful", "hpaEnabled", "team", "zone"), "missing"),
    }
    assert sum(line.points for line in result.lines) == pytest.approx(10 * result.final)


def test_weights_that_break_the_order_are_refused() -> None:
    with pytest.raises(ValueError, match="exact >= wildcard"):
        Weight(1, 2)


values = st.sampled_from([None, "", False, True, "*", "argocd", "flux", "istio"])
detected = st.dictionaries(st.sampled_from(list(ALL)), values)
custom = st.dictionaries(st.sampled_from("abc"), st.lists(st.sampled_from(["x", "y", "*"]), min_size=1, max_size=3))
open_labels = st.fixed_dictionaries({name: st.sampled_from([L5[name], "*"]) for name in MANDATORY[2:]})
subjects = st.builds(
    lambda labels, d, c: Subject(labels=L5 | labels, detected=d, custom=c), open_labels, detected, custom
)
questions = st.builds(lambda d, c: Question(labels=L5, detected=d, custom=c), detected, custom)


@given(subjects, questions)
def test_points_add_up_and_scores_stay_within_bounds(subject: Subject, question: Question) -> None:
    result = score(subject, question, V1)
    assert sum(line.points for line in result.lines) == pytest.approx(10 * result.final, abs=1e-9)
    assert 0 <= result.final <= 1
    assert result.boost >= 0
    assert result.penalty >= 0


@given(subjects, questions, st.sampled_from(list(ALL)))
def test_having_what_is_asked_beats_a_wildcard_beats_having_something_else(
    subject: Subject, question: Question, label: str
) -> None:
    wanted = question.detected.get(label) or ALL[label]
    question = Question(labels=L5, detected={**question.detected, label: wanted}, custom=question.custom)

    def with_label(value: object) -> float:
        return score(
            Subject(labels=subject.labels, detected={**subject.detected, label: value}, custom=subject.custom),
            question,
            V1,
        ).final

    assert with_label(wanted) >= with_label("*") >= with_label("something else")
    assert with_label(wanted) >= with_label(None), "adding a label that matches never lowers a score"


@given(subjects, questions, st.sampled_from(list(ALL)))
def test_leaving_a_detected_label_open_never_lowers_a_score(subject: Subject, question: Question, label: str) -> None:
    lacking = {name: value for name, value in subject.detected.items() if name != label}

    def with_labels(detected: dict[str, Any]) -> float:
        return score(Subject(labels=subject.labels, detected=detected, custom=subject.custom), question, V1).final

    assert with_labels({**lacking, label: "*"}) >= with_labels(lacking)
    if question.detected.get(label) == "*":
        assert with_labels({**lacking, label: ALL[label]}) >= with_labels(lacking)


@given(subjects, questions, st.sampled_from("abc"), st.sampled_from(["x", "y", "*"]))
def test_adding_a_custom_label_never_lowers_a_score_and_adding_the_one_asked_for_raises_it(
    subject: Subject, question: Question, key: str, value: str
) -> None:
    asked = Question(labels=L5, detected=question.detected, custom={**question.custom, key: [value]})

    def with_values(*values: str) -> float:
        custom = {**subject.custom, key: list(values)}
        return score(Subject(labels=subject.labels, detected=subject.detected, custom=custom), asked, V1).final

    there = [one for one in subject.custom.get(key, ()) if one not in {value, "*"}]
    lacking, left_open, matching = with_values(*there), with_values(*there, "*"), with_values(*there, value)
    assert lacking < left_open <= matching
    assert with_values(*there, "*", value) == matching
    assert with_values(*there, value, "other") == matching


@given(subjects, questions, st.sampled_from(MANDATORY[2:]))
def test_naming_a_mandatory_label_beats_leaving_it_open(subject: Subject, question: Question, label: str) -> None:
    def with_value(value: str) -> float:
        labels = {**subject.labels, label: value}
        return score(Subject(labels=labels, detected=subject.detected, custom=subject.custom), question, V1).final

    assert with_value(L5[label]) > with_value("*")


@given(subjects, questions, st.randoms())
def test_the_order_in_which_labels_are_written_does_not_matter(subject: Subject, question: Question, rng: Any) -> None:
    def shuffled(labels: Any) -> dict[str, Any]:
        items = list(labels.items())
        rng.shuffle(items)
        return dict(items)

    other = Subject(
        labels=shuffled(subject.labels), detected=shuffled(subject.detected), custom=shuffled(subject.custom)
    )
    asked = Question(
        labels=shuffled(question.labels), detected=shuffled(question.detected), custom=shuffled(question.custom)
    )
    assert score(other, asked, V1) == score(subject, question, V1)
