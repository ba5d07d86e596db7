"""The rules that the contract's schema cannot say, at their limits."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from audit.rules import EventRules, RuleLimits
from audit.submission import Submission
from pipeline.outcome import Flaw
from repository.records import Row
from telemetry.context import trace_context
from telemetry.tracing import parse_traceparent

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
GENERATED = UUID("01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d")
LIMITS = RuleLimits(
    max_age=timedelta(days=7),
    max_future=timedelta(minutes=5),
    data_max_bytes=256 * 1024,
    data_max_depth=32,
    data_max_members=10_000,
)
RULES = EventRules(LIMITS, lambda: NOW, lambda: GENERATED)
MICROSECOND = timedelta(microseconds=1)


def judge(data: bytes = b"{}", key: str = "", **members: Any) -> Row | tuple[Flaw, ...]:
    document = {
        "version": "1.0",
        "event_type": "gateway.signal.received",
        "event_timestamp": NOW.isoformat(),
        "event_category": "gateway",
        "event_action": "received",
        "event_outcome": "success",
        "correlation_id": "rr-1",
        "event_data": "@",
        **members,
    }
    text = json.dumps(document).encode().replace(b'"@"', data)
    submission = Submission(index=0, text=msgspec.Raw(text), idempotency_key=key)
    (judged,) = RULES.judge([submission])
    assert RULES.flaws(submission) == (judged if isinstance(judged, tuple) else ())
    return judged


def row(*args: Any, **members: Any) -> Row:
    judged = judge(*args, **members)
    assert isinstance(judged, Row), judged
    return judged


def flaw(*args: Any, **members: Any) -> Flaw:
    judged = judge(*args, **members)
    assert isinstance(judged, tuple)
    (only,) = judged
    return only


@pytest.mark.parametrize("at", [NOW + timedelta(minutes=5), NOW - timedelta(days=7)])
def test_the_bounds_of_time_are_inclusive(at: datetime) -> None:
    assert row(event_timestamp=at.isoformat()).record.event_timestamp == at


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (NOW + timedelta(minutes=5) + MICROSECOND, "invalid timestamp: timestamp is in the future"),
        (NOW - timedelta(days=7) - MICROSECOND, "invalid timestamp: timestamp is too old"),
    ],
)
def test_beyond_them_both_times_are_named(at: datetime, words: str) -> None:
    found = flaw(event_timestamp=at.isoformat())
    assert found.pointer == "/event_timestamp"
    assert found.message.startswith(f"{words}: {at:%Y-%m-%dT%H:%M:%S.%fZ}")
    assert found.message.endswith("now is 2026-11-21T12:00:00.000000Z")


def test_a_time_with_a_zone_is_the_day_in_utc() -> None:
    at = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC) - timedelta(hours=5)
    event = row(event_timestamp="2026-11-20T23:59:59-05:00").record
    assert event.event_timestamp == at + timedelta(hours=10)
    assert str(event.event_date) == "2026-11-21"


@pytest.mark.parametrize(("size", "fits"), [(256 * 1024 - 1, True), (256 * 1024, True), (256 * 1024 + 1, False)])
def test_the_payload_is_bounded_in_bytes(size: int, *, fits: bool) -> None:
    data = b'{"k":"' + b"x" * (size - 8) + b'"}'
    assert len(data) == size
    if fits:
        assert bytes(row(data).record.event_data) == data
    else:
        assert (flaw(data).pointer, flaw(data).reason) == ("/event_data", "exceeds_max_size")


@pytest.mark.parametrize(("levels", "fits"), [(31, True), (32, True), (33, False)])
@pytest.mark.parametrize("kind", ["objects", "arrays"])
def test_the_payload_is_bounded_in_depth(levels: int, kind: str, *, fits: bool) -> None:
    inner = b'{"k":' * (levels - 1) + b"{}" + b"}" * (levels - 1)
    arrays = b'{"k":' + b"[" * (levels - 1) + b"]" * (levels - 1) + b"}"
    data = inner if kind == "objects" else arrays
    if fits:
        assert bytes(row(data).record.event_data) == data
    else:
        assert (flaw(data).pointer, flaw(data).reason) == ("/event_data", "exceeds_max_depth")


def test_brackets_in_text_and_beside_each_other_are_no_depth() -> None:
    wide = b'{"text":"' + b"{[" * 100 + b'\\"]}","wide":[' + b",".join([b"[]"] * 100) + b"]}"
    assert bytes(row(wide).record.event_data) == wide


def test_defaults_are_applied() -> None:
    event = row().record
    assert (event.actor_type, event.actor_id) == ("service", "gateway-service")
    assert (event.resource_type, event.resource_id) == ("gateway", "rr-1")
    assert (event.severity, event.event_id) == ("info", GENERATED)
    assert row(severity=None).record.severity is None
    assert row(actor_id="", resource_type=None).record.actor_id == "gateway-service"


def test_only_ids_of_the_server_are_new_in_the_world() -> None:
    own = "01939f5e-7f3c-4d2a-8c3e-0b6f1a2b3c4d"
    assert row().server_generated_id
    assert not row(event_id=own).server_generated_id
    assert not row(key="order-1").server_generated_id
    assert (
        row(key="order-1").record.event_id == row(key="order-1").record.event_id != row(key="order-2").record.event_id
    )
    assert str(row(event_id=own, key="order-1").record.event_id) == own


def test_an_id_of_the_far_future_is_refused() -> None:
    """Its event would not be found again, since the id tells where to look."""
    milliseconds = int((NOW + timedelta(days=1, seconds=1)).timestamp() * 1000)
    late = UUID(int=milliseconds << 80 | 7 << 76 | 2 << 62)
    assert flaw(event_id=str(late)).pointer == "/event_id"
    early = UUID(int=(milliseconds - 2000) << 80 | 7 << 76 | 2 << 62)
    assert row(event_id=str(early)).record.event_id == early


def test_trace_context_fills_what_the_event_leaves_out() -> None:
    token = trace_context.set(parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
    try:
        event = row().record
        assert (event.trace_id, event.span_id) == ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
        own = row(trace_id="a" * 32).record
        assert (own.trace_id, own.span_id) == ("a" * 32, None), "another trace's span would be wrong"
    finally:
        trace_context.reset(token)


def test_several_flaws_are_found_at_once() -> None:
    judged = judge(b"[" * 40 + b"]" * 40, event_timestamp="2020-01-01T00:00:00Z")
    assert isinstance(judged, tuple)
    assert [one.pointer for one in judged] == ["/event_timestamp", "/event_data"]


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"event_timestamp": 5, "event_data": 1, "event_id": []}'])
def test_what_is_not_usable_breaks_no_rule(text: bytes) -> None:
    """The contract's schema says what is wrong with it."""
    assert RULES.flaws(Submission(index=0, text=msgspec.Raw(text))) == ()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b'{"n": [' + b",".join([b"1e999"] * 261) + b"]}", ""),
        (b'{"n": [' + b",".join([b"1e999"] * 262) + b"]}", "exceeds_max_size"),
        (b'{"n": [' + b",".join([b"1e-998"] * 263) + b"]}", "exceeds_max_size"),
        (b'{"s": "' + b"1e999," * 5000 + b'"}', ""),
        (b'{"n": [' + b",".join([b"1"] * 9_999) + b"]}", ""),
        (b'{"n": [' + b",".join([b"1"] * 10_000) + b"]}", "exceeds_max_members"),
        (b'{"n": [' + b",".join([b"[1]"] * 5_000) + b"]}", "exceeds_max_members"),
        (b'{"n": [' + b",".join([b"[ ]"] * 9_999) + b"]}", ""),
        (b'{"s": "' + b"," * 20_000 + b'"}', ""),
    ],
)
def test_event_data_is_measured_as_it_would_be_read_back(data: bytes, reason: str) -> None:
    if reason:
        assert flaw(data).reason == reason
    else:
        row(data)
