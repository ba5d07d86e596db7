"""Storing on behalf of a program that must not suffer from it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any, Protocol

from datastorage_client.buffered.encoding import Event
from datastorage_client.errors import DataStorageError
from datastorage_client.integrations.context import context_members

__all__ = ["Store", "record"]

_log = logging.getLogger("datastorage_client")
_NO_CORRELATION = "uncorrelated"


class Store(Protocol):
    """BufferedAuditStore, AsyncBufferedAuditStore, or anything that stores."""

    def store(self, event: Event) -> str | None:
        """Take an event without waiting."""
        ...


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
