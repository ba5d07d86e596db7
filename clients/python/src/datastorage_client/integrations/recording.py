"""Storing on behalf of a program that must not suffer from it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from typing import Any, Protocol, TypeVar

from datastorage_client.buffered.encoding import Event
from datastorage_client.errors import DataStorageError
from datastorage_client.integrations.context import context_members

__all__ = ["Store", "asked", "record"]

_log = logging.getLogger("datastorage_client")
_NO_CORRELATION = "uncorrelated"
T = TypeVar("T")


class Store(Protocol):
    """BufferedAuditStore, AsyncBufferedAuditStore, or anything that stores."""

    def store(self, event: Event) -> str | None:
        """Take an event without waiting."""
        ...


def asked(callback: Callable[[], T]) -> T | None:
    """What a callback of the program says about an event; None where it fails, which is logged."""
    try:
        return callback()
    except Exception:  # noqa: BLE001 - whatever it was, the program and its event go on
        _log.exception("the callback for an audit event failed; the event goes without it")
        return None


def record(store: Store, members: Mapping[str, Any]) -> str | None:
    """Store an event: the members, the context's, and what every event has. Its id, or None where it was not taken.

    Never raises because of the store: that an event was not taken is logged, and the program goes on.
    """
    event = {
        "version": "1.0",
        "event_timestamp": datetime.now(timezone.utc),
        "correlation_id": _NO_CORRELATION,
        "event_outcome": "success",
        "event_data": {},
        **context_members(),
        **{name: value for name, value in members.items() if value is not None},
    }
    try:
        return store.store(event)
    except (DataStorageError, RuntimeError) as error:
        _log.error("audit event %s was not taken: %s", event.get("event_type"), error)
        return None
