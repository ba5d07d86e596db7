"""The rules for one audit event that the contract's schema cannot say, and how an event is made of what was sent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

import msgspec

from audit.submission import Submission
from pipeline.outcome import Flaw
from repository.event_ids import generated_at, surely_generated_by
from repository.json_measures import depth_of, members_of, size_written_out
from repository.records import AuditEvent, Row
from telemetry.clock import Clock, IdFactory
from telemetry.context import trace_context

__all__ = ["EventRules", "RuleLimits"]

#: Namespace of the ids that stand for Idempotency-Keys (RFC 9562, section 5.5).
_KEYS = UUID("5d1d6f0c-58a5-4f0f-9c39-1b7b7d2a5a10")
#: A UUIDv7 from further in the future than this would hide its event from later look-ups, see docs/decisions/0031.
_ID_TOLERANCE = timedelta(days=1)


#: Names that stand for this service; its own events alone bear them.
_OWN_TYPES, _OWN_ACTOR = "datastorage.", "datastorage"


class RuleLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What an event may be."""

    max_age: timedelta
    max_future: timedelta
    data_max_bytes: int
    data_max_depth: int
    data_max_members: int


class _Sent(msgspec.Struct, frozen=True, kw_only=True):
    """An event as the contract has it; unknown members are dropped."""

    version: str
    event_type: str
    event_timestamp: datetime
    event_category: str
    event_action: str
    event_outcome: str
    correlation_id: str
    event_data: msgspec.Raw
    event_id: UUID | None = None
    actor_type: str | None = None
    actor_id: str | None = None
    resource_type: str | None = None
    resource_id: str | None = None
    severity: str | msgspec.UnsetType | None = msgspec.UNSET
    namespace: str | None = None
    cluster_name: str | None = None
    duration_ms: int | float | None = None  # 1500.0 is an integer to JSON Schema
    error_code: str | None = None
    error_message: str | None = None
    parent_event_id: UUID | None = None
    trace_id: str | None = None
    span_id: str | None = None


class _Probe(msgspec.Struct, frozen=True):
    """The members that rules look at, of any type: the text may break the schema."""

    event_timestamp: msgspec.Raw = msgspec.Raw(b"null")
    event_data: msgspec.Raw = msgspec.Raw(b"null")
    event_id: msgspec.Raw = msgspec.Raw(b"null")
    event_type: object = None
    actor_id: object = None


_decode = msgspec.json.Decoder(_Sent).decode
_probe = msgspec.json.Decoder(_Probe).decode
_instant = msgspec.json.Decoder(datetime).decode
_uuid = msgspec.json.Decoder(UUID).decode


class EventRules:
    """Judges submissions, and makes events of those that pass."""

    def __init__(self, limits: RuleLimits, clock: Clock, new_id: IdFactory) -> None:
        self._limits = limits
        self._clock = clock
        self._new_id = new_id

    def flaws(self, submission: Submission) -> tuple[Flaw, ...]:
        """Every rule that is broken; what is not usable by a rule breaks none."""
        try:
            sent = _probe(submission.text)
        except msgspec.MsgspecError:
            return ()
        reserved = () if submission.own else _reserved(sent)
        return (*reserved, *self._time_flaws(sent), *self._data_flaws(bytes(sent.event_data)), *self._id_flaws(sent))

    def judge(self, submissions: Sequence[Submission]) -> list[Row[AuditEvent] | tuple[Flaw, ...]]:
        """For each submission, which fits the contract: the event to store, defaults applied, or its flaws."""
        now = self._clock()
        return [self._judged(submission, now) for submission in submissions]

    def _judged(self, submission: Submission, now: datetime) -> Row[AuditEvent] | tuple[Flaw, ...]:
        sent = _decode(submission.text)
        return (not self._is_plain(sent, now, own=submission.own) and self.flaws(submission)) or self._row(
            submission, sent
        )

    def _is_plain(self, sent: _Sent, now: datetime, *, own: bool) -> bool:
        """Whether no rule can be broken, at the least cost; nearly every event passes here."""
        limits, data = self._limits, bytes(sent.event_data)
        return (
            now - limits.max_age <= sent.event_timestamp <= now + limits.max_future
            and size_written_out(data, limits.data_max_bytes) <= limits.data_max_bytes
            and data.count(b"{") + data.count(b"[") <= limits.data_max_depth
            and (
                len(data) <= limits.data_max_members
                or data.count(b",") + limits.data_max_depth <= limits.data_max_members
            )
            and (own or (sent.actor_id != _OWN_ACTOR and not sent.event_type.startswith(_OWN_TYPES)))
            and (sent.event_id is None or surely_generated_by(sent.event_id, now))
        )

    def _row(self, submission: Submission, sent: _Sent) -> Row[AuditEvent]:
        trace = trace_context.get()
        server_generated_id = sent.event_id is None and not submission.idempotency_key
        event = AuditEvent(
            event_id=sent.event_id or self._id_of(submission),
            event_version=sent.version,
            event_timestamp=sent.event_timestamp.astimezone(UTC),
            event_type=sent.event_type,
            event_category=sent.event_category,
            event_action=sent.event_action,
            event_outcome=sent.event_outcome,
            actor_type=sent.actor_type or "service",
            actor_id=sent.actor_id or f"{sent.event_category}-service",
            resource_type=sent.resource_type or sent.event_category,
            resource_id=sent.resource_id or sent.correlation_id,
            correlation_id=sent.correlation_id,
            event_data=sent.event_data,
            severity="info" if sent.severity is msgspec.UNSET else sent.severity,
            namespace=sent.namespace,
            cluster_name=sent.cluster_name,
            duration_ms=None if sent.duration_ms is None else int(sent.duration_ms),
            error_code=sent.error_code,
            error_message=sent.error_message,
            parent_event_id=sent.parent_event_id,
            trace_id=sent.trace_id or (trace.trace_id if trace else None),
            span_id=sent.span_id or (trace.span_id if trace and not sent.trace_id else None),
            recorded_by=submission.recorded_by or None,
        )
        return Row(record=event, server_generated_id=server_generated_id)

    def _id_of(self, submission: Submission) -> UUID:
        """Of an Idempotency-Key: the same at each try of the same caller, another one for every other caller."""
        key, subject = submission.idempotency_key, submission.recorded_by
        return uuid5(_KEYS, f"{subject}\0{key}" if subject else key) if key else self._new_id()

    def _time_flaws(self, sent: _Probe) -> Iterator[Flaw]:
        try:
            instant = _instant(sent.event_timestamp)
        except msgspec.MsgspecError:
            return
        if instant.tzinfo is None:
            return
        now, limits = self._clock(), self._limits
        if instant > now + limits.max_future:
            yield _time_flaw("is in the future", instant, now, "future_timestamp")
        elif instant < now - limits.max_age:
            yield _time_flaw("is too old", instant, now, "timestamp_too_old")

    def _data_flaws(self, data: bytes) -> Iterator[Flaw]:
        limits = self._limits
        if (size := size_written_out(data, limits.data_max_bytes)) > limits.data_max_bytes:
            counted = "bytes" if size == len(data) else "bytes with its numbers written out"
            yield _flaw(
                "/event_data",
                f"event_data has {size} {counted}; at most {limits.data_max_bytes} are taken",
                "exceeds_max_size",
            )
        elif depth_of(data, limits.data_max_depth) > limits.data_max_depth:
            yield _flaw(
                "/event_data", f"event_data is nested deeper than {limits.data_max_depth} levels", "exceeds_max_depth"
            )
        elif (members := members_of(data, limits.data_max_members)) > limits.data_max_members:
            many = f"event_data has {members} members and items; at most {limits.data_max_members} are taken"
            yield _flaw("/event_data", many, "exceeds_max_members")

    def _id_flaws(self, sent: _Probe) -> Iterator[Flaw]:
        try:
            instant = generated_at(_uuid(sent.event_id))
        except msgspec.MsgspecError:
            return
        now = self._clock()
        if instant is not None and instant > now + _ID_TOLERANCE:
            yield _flaw(
                "/event_id",
                f"event_id is a UUIDv7 of the future: {_both(instant, now)}; generate a new one",
                "future_timestamp",
            )


def _reserved(sent: _Probe) -> Iterator[Flaw]:
    if isinstance(sent.event_type, str) and sent.event_type.startswith(_OWN_TYPES):
        yield _flaw("/event_type", f"event_type must not begin with {_OWN_TYPES}: these are the service's", "reserved")
    if sent.actor_id == _OWN_ACTOR:
        yield _flaw("/actor_id", f"actor_id must not be {_OWN_ACTOR}: that is the service itself", "reserved")


def _flaw(pointer: str, message: str, reason: str) -> Flaw:
    return Flaw(pointer=pointer, message=message, reason=reason)


def _time_flaw(what: str, instant: datetime, now: datetime, reason: str) -> Flaw:
    return _flaw("/event_timestamp", f"invalid timestamp: timestamp {what}: {_both(instant, now)}", reason)


def _both(instant: datetime, now: datetime) -> str:
    return f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}, now is {now:%Y-%m-%dT%H:%M:%S.%fZ}"
