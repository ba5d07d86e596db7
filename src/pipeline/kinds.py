"""What a kind of record brings to the pipeline: its id, digest, size, partition, and its form in the queue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from dlq import EVENTS, NOTIFICATIONS, Item, QueueNames
from pipeline.content import digest_of
from repository.records import AuditEvent, Notification, month_of
from telemetry.spans import current_traceparent

__all__ = ["AUDIT_EVENTS", "NOTIFICATION_AUDIT", "Kind", "Record"]

Record = TypeVar("Record")
#: Bytes of an event besides its event_data, roughly.
_ENVELOPE = 600

_encode_event = msgspec.json.Encoder().encode
_encode_notification = msgspec.json.Encoder(order="sorted").encode


class Kind(msgspec.Struct, Generic[Record], frozen=True, kw_only=True):
    """One kind of record.

    name: of its table, for metrics. noun: for messages. id_of: unique over all records of the kind. digest_of: equal
    for equal content. size_of: bytes in memory, roughly. month_of: the partition that it is in, if any. parent_of: the
    id of the record that must be stored before it, if any. decode raises msgspec.MsgspecError.
    """

    name: str
    noun: str
    queue: QueueNames
    id_of: Callable[[Record], str]
    digest_of: Callable[[Record], str]
    size_of: Callable[[Record], int]
    month_of: Callable[[Record], date | None]
    parent_of: Callable[[Record], UUID | None]
    encode: Callable[[Record], bytes]
    decode: Callable[[bytes], Record]

    def item_of(self, record: Record) -> Item:
        """The record as the queue takes it."""
        return Item(
            id=self.id_of(record),
            digest=self.digest_of(record),
            payload=self.encode(record),
            trace=current_traceparent(),
        )


def _digest_of_notification(notification: Notification) -> str:
    content = msgspec.structs.replace(notification, recorded_by=None)
    return hashlib.sha256(_encode_notification(content), usedforsecurity=False).hexdigest()[:32]


AUDIT_EVENTS: Kind[AuditEvent] = Kind(
    name="audit_events",
    noun="an audit event",
    queue=EVENTS,
    id_of=lambda event: str(event.event_id),
    digest_of=digest_of,
    size_of=lambda event: len(bytes(event.event_data)) + _ENVELOPE,
    month_of=lambda event: month_of(event.event_timestamp.date()),
    parent_of=lambda event: event.parent_event_id,
    encode=_encode_event,
    decode=msgspec.json.Decoder(AuditEvent).decode,
)
NOTIFICATION_AUDIT: Kind[Notification] = Kind(
    name="notification_audit",
    noun="a notification",
    queue=NOTIFICATIONS,
    id_of=lambda notification: notification.notification_id,
    digest_of=_digest_of_notification,
    size_of=lambda notification: len(_encode_notification(notification)),
    month_of=lambda _: None,
    parent_of=lambda _: None,
    encode=_encode_notification,
    decode=msgspec.json.Decoder(Notification).decode,
)
