"""Queue entries as Data Storage V1.0 wrote them: one field `message` with a JSON envelope, read into our form.

The envelope has type, payload, timestamp, retry_count and last_error; the payload of an event has event_data as base64,
as Go's encoding/json writes bytes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec

from dlq import Adoptable, Item
from pipeline.kinds import Kind
from repository.records import AuditEvent, Notification
from telemetry.logs import get_logger

__all__ = ["V1Reader"]

_log = get_logger(__name__)
_FIELD = b"message"
#: Types of V1.0's entries and the kinds that they are here.
_TYPES = {"audit_event": "audit_events", "notification_audit": "notification_audit"}
_TRACE, _SPAN = 32, 16
Record = TypeVar("Record")


class _Envelope(msgspec.Struct, frozen=True):
    type: str
    payload: msgspec.Raw
    timestamp: datetime
    last_error: str = ""


class _Event(msgspec.Struct, frozen=True, kw_only=True):
    event_id: UUID
    version: str = "1.0"
    event_timestamp: datetime
    event_type: str
    event_category: str
    event_action: str
    event_outcome: str
    actor_type: str
    actor_id: str
    resource_type: str
    resource_id: str
    correlation_id: str
    event_data: msgspec.Raw
    parent_event_id: UUID | None = None
    trace_id: str | None = None
    span_id: str | None = None
    namespace: str | None = None
    cluster_name: str | None = None
    cluster_id: str | None = None
    severity: str | None = "info"
    duration_ms: int | None = None
    error_code: str | None = None
    error_message: str | None = None


class _Notification(msgspec.Struct, frozen=True, kw_only=True):
    notification_id: str
    remediation_id: str
    recipient: str
    channel: str
    message_summary: str
    status: str
    sent_at: datetime
    delivery_status: str = ""
    error_message: str = ""
    escalation_level: int = 0


class V1Reader(Generic[Record]):
    """Implements dlq.Adopt for one kind of record."""

    def __init__(self, kind: Kind[Record]) -> None:
        self._kind = kind

    def __call__(self, fields: Mapping[bytes, bytes]) -> Adoptable | None:
        """What an entry of V1.0 holds; None for any other. Raises ValueError, saying what is wrong."""
        if set(fields) != {_FIELD}:
            return None
        try:
            envelope = msgspec.json.decode(fields[_FIELD], type=_Envelope)
            if _TYPES.get(envelope.type) != self._kind.name:
                raise ValueError(f"an entry of V1.0 with the type {envelope.type[:64]!r} is not for this queue")
            read: Any = _event if self._kind.name == "audit_events" else _notification
            item: Item = self._kind.item_of(read(envelope.payload))
        except (msgspec.MsgspecError, binascii.Error, UnicodeError, RecursionError) as error:
            raise ValueError(f"an entry of V1.0 that is not {self._kind.noun}") from error
        return Adoptable(item=item, enqueued_at=envelope.timestamp, last_error=envelope.last_error)


def _event(payload: bytes) -> AuditEvent:
    sent = msgspec.json.decode(payload, type=_Event)
    values = msgspec.structs.asdict(sent)
    for name, most in (("trace_id", _TRACE), ("span_id", _SPAN)):
        if values[name] and len(values[name]) > most:
            _log.warning(
                "a queued event of V1.0 loses what is no W3C trace id", event_id=str(sent.event_id), member=name
            )
            values[name] = None
    cluster, version = values.pop("cluster_id"), values.pop("version")
    return AuditEvent(
        **{
            **values,
            "event_version": version,
            "event_timestamp": sent.event_timestamp.astimezone(UTC),
            "event_data": _data(sent.event_data),
            "cluster_name": sent.cluster_name or cluster,
        }
    )


def _data(raw: msgspec.Raw) -> msgspec.Raw:
    """The JSON text itself. Raises msgspec.DecodeError, binascii.Error."""
    text = bytes(raw)
    if text.startswith(b'"'):
        text = base64.b64decode(msgspec.json.decode(text, type=str), validate=True)
    msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    return msgspec.Raw(text)


def _notification(payload: bytes) -> Notification:
    sent = msgspec.json.decode(payload, type=_Notification)
    values = msgspec.structs.asdict(sent)
    return Notification(
        **{
            **values,
            "sent_at": sent.sent_at.astimezone(UTC),
            "delivery_status": sent.delivery_status or None,
            "error_message": sent.error_message or None,
        }
    )
