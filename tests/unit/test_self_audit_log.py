"""The service's own audit events: nobody waits for it, it outlives what it writes to, and what it loses counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from prometheus_client import REGISTRY

from audit.self_audit_log import SelfAuditLog
from audit.submission import Submission
from pipeline.outcome import Flaw, Outcome, State
from repository.errors import DatabaseUnavailableError
from telemetry.clock import new_event_id
from tests.fixtures.awaiting import eventually

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CREATED = Outcome(state=State.STORED)
REFUSED = Outcome(state=State.REJECTED, flaws=(Flaw(pointer="/event_data", message="too large", reason="size"),))
NO_STORE = Outcome(state=State.UNAVAILABLE)


class Recorder:
    """Records what `judge` lets it; each try is told."""

    def __init__(self, judge: Callable[[str], Outcome]) -> None:
        self.judge = judge
        self.tries: list[list[str]] = []
        self.recorded: list[str] = []

    async def record(self, submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        assert not all_or_nothing
        names = [msgspec.json.decode(one.text)["correlation_id"] for one in submissions]
        self.tries.append(names)
        outcomes = [self.judge(name) for name in names]
        self.recorded += [name for name, outcome in zip(names, outcomes, strict=True) if outcome is CREATED]
        return outcomes

    async def check(self, submissions: Sequence[Submission]) -> Sequence[tuple[Flaw, ...]]:
        raise NotImplementedError


def log_over(recorder: Recorder) -> SelfAuditLog:
    return SelfAuditLog(recorder, clock=lambda: NOW, new_id=new_event_id, rest=0.001)


def note(self_audit: SelfAuditLog, *names: str, data: Any = None) -> None:
    for name in names:
        self_audit.note(
            "workflow.catalog.searched", correlation_id=name, resource=("workflow_catalog", "x"), data=data or {}
        )


def dropped() -> float:
    return REGISTRY.get_sample_value("datastorage_own_events_dropped_total") or 0


async def test_of_a_batch_that_fails_for_no_known_reason_only_the_event_at_fault_is_lost_and_counted() -> None:
    def judge(name: str) -> Outcome:
        if name == "77":
            message = "nobody thought of this"
            raise ZeroDivisionError(message)
        return CREATED

    recorder, before = Recorder(judge), dropped()
    self_audit = log_over(recorder)
    note(self_audit, *map(str, range(300)))
    await self_audit.flush()
    assert recorder.recorded == [str(number) for number in range(300) if number != 77]
    assert dropped() == before + 1
    note(self_audit, "later")
    await self_audit.flush()
    assert recorder.recorded[-1] == "later"


async def test_a_failure_for_no_known_reason_that_passes_loses_nothing() -> None:
    recorder, before = Recorder(lambda _name: CREATED), dropped()

    def judge(_name: str) -> Outcome:
        if len(recorder.tries) < 4:
            raise ZeroDivisionError
        return CREATED

    recorder.judge = judge
    self_audit = log_over(recorder)
    note(self_audit, "one")
    await self_audit.flush()
    assert (recorder.recorded, dropped()) == (["one"], before)


async def test_while_no_store_takes_events_all_are_kept_in_order() -> None:
    away = True

    def judge(_name: str) -> Outcome:
        if away:
            raise DatabaseUnavailableError
        return CREATED

    recorder, before = Recorder(judge), dropped()
    self_audit = log_over(recorder)
    note(self_audit, "a", "b")
    await eventually(lambda: len(recorder.tries) > 2)
    note(self_audit, "c")
    away = False
    await self_audit.flush()
    assert (recorder.recorded, dropped()) == (["a", "b", "c"], before)


async def test_an_event_that_no_store_took_while_others_were_recorded_is_tried_again() -> None:
    recorder, before = Recorder(lambda _name: CREATED), dropped()
    recorder.judge = lambda name: NO_STORE if name == "b" and len(recorder.tries) == 1 else CREATED
    self_audit = log_over(recorder)
    note(self_audit, "a", "b", "c")
    await self_audit.flush()
    assert recorder.tries == [["a", "b", "c"], ["b"]]
    assert (recorder.recorded, dropped()) == (["a", "c", "b"], before)


async def test_an_event_that_is_refused_counts() -> None:
    recorder, before = Recorder(lambda name: REFUSED if name == "b" else CREATED), dropped()
    self_audit = log_over(recorder)
    note(self_audit, "a", "b", "c")
    await self_audit.flush()
    assert (recorder.recorded, dropped()) == (["a", "c"], before + 1)


async def test_an_event_that_cannot_be_written_counts_and_fails_nobody() -> None:
    class Unspeakable:
        def __str__(self) -> str:
            message = "no words"
            raise ValueError(message)

    recorder, before = Recorder(lambda _name: CREATED), dropped()
    self_audit = log_over(recorder)
    note(self_audit, "a", data={"what": Unspeakable()})
    note(self_audit, "b")
    await self_audit.flush()
    assert (recorder.recorded, dropped()) == (["b"], before + 1)


async def test_beyond_what_may_wait_the_oldest_are_given_up_and_counted() -> None:
    recorder, before = Recorder(lambda _name: CREATED), dropped()
    self_audit = log_over(recorder)
    note(self_audit, *map(str, range(20_003)))
    await self_audit.flush()
    assert recorder.recorded == [str(number) for number in range(3, 20_003)]
    assert dropped() == before + 3


async def test_what_is_being_recorded_while_too_many_wait_is_recorded_once_and_pushes_nothing_else_out() -> None:
    recorder, before = Recorder(lambda _name: CREATED), dropped()
    self_audit = log_over(recorder)

    def judge(_name: str) -> Outcome:
        if len(recorder.tries) == 1 and not recorder.recorded:
            recorder.judge = lambda _other: CREATED
            note(self_audit, *(f"meanwhile {number}" for number in range(20_000)))
        return CREATED

    recorder.judge = judge
    note(self_audit, "first", "second")
    await self_audit.flush()
    assert recorder.recorded == ["first", "second", *(f"meanwhile {number}" for number in range(20_000))]
    assert dropped() == before


async def test_what_waits_is_bounded_in_bytes_and_the_oldest_goes_first() -> None:
    away = True

    def judge(_name: str) -> Outcome:
        return NO_STORE if away else CREATED

    recorder, before = Recorder(judge), dropped()
    self_audit = log_over(recorder)
    names = [str(number) for number in range(500)]
    note(self_audit, *names, data={"text": "x" * 100_000})
    await eventually(lambda: recorder.tries)
    lost = int(dropped() - before)
    assert 500 * 100_000 - 32 * 1024 * 1024 < lost * 100_500 < 500 * 100_500 - 32 * 1024 * 1024 + 2 * 100_500
    away = False
    await self_audit.flush()
    assert recorder.recorded == names[lost:]


async def test_data_that_is_too_large_for_an_event_is_recorded_without_its_largest_members() -> None:
    kept: list[Any] = []
    recorder = Recorder(lambda _name: CREATED)
    self_audit = log_over(recorder)
    record = recorder.record

    async def keep(submissions: Sequence[Submission], *, all_or_nothing: bool) -> Sequence[Outcome]:
        kept.extend(msgspec.json.decode(one.text)["event_data"] for one in submissions)
        return await record(submissions, all_or_nothing=all_or_nothing)

    recorder.record = keep  # type: ignore[method-assign]
    note(
        self_audit, "large", data={"small": 1, "large": "x" * 300_000, "list": [[0] * 3000] * 3, "middle": "y" * 90_000}
    )
    await self_audit.flush()
    assert [{**kept[0], "middle": len(kept[0]["middle"])}] == [
        {"small": 1, "large": {"left_out_bytes": 300_002}, "list": {"left_out_bytes": 18_007}, "middle": 90_000}
    ]
