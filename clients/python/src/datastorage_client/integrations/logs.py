"""Log records as audit events, of `logging` and of structlog."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, MutableMapping
from typing import Any

from datastorage_client.integrations.recording import Store, record

__all__ = ["AuditHandler", "AuditProcessor"]

#: Loggers whose records would make new ones when they are delivered.
_OURS = ("datastorage_client", "httpx", "httpcore")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
#: Members of an event that a record may carry.
_MEMBERS = frozenset((
    "event_type", "event_action", "event_outcome", "correlation_id", "actor_type", "actor_id", "resource_type",
    "resource_id", "namespace", "cluster_name", "duration_ms", "error_code", "error_message", "parent_event_id",
    "trace_id", "span_id",
))  # fmt: skip
_SEVERITY_MAX, _MESSAGE_MAX = 20, 4096


class AuditHandler(logging.Handler):
    """Stores each record that reaches it; give it a level and filters as any handler.

    Attributes of a record (`extra=`) that are members of an event, such as correlation_id, become those; the others go
    into event_data beside message, logger and place. ERROR and above is a failure. Raises nothing.
    """

    def __init__(
        self, store: Store, *, category: str, event_type: str = "log.record", level: int = logging.INFO
    ) -> None:
        super().__init__(level)
        self._store = store
        self._fixed = {"event_category": category, "event_type": event_type, "event_action": "logged"}

    def emit(self, entry: logging.LogRecord) -> None:  # noqa: D102
        if entry.name.partition(".")[0] in _OURS:
            return
        try:
            extra = {name: value for name, value in vars(entry).items() if name not in _STANDARD}
            data = {"message": entry.getMessage(), "logger": entry.name, "place": f"{entry.pathname}:{entry.lineno}"}
            event = _event(self._fixed, extra, data, entry.levelname, entry.levelno)
            if entry.exc_info and entry.exc_info[0]:
                event.setdefault("error_code", entry.exc_info[0].__name__[:50])
                event.setdefault("error_message", str(entry.exc_info[1])[:_MESSAGE_MAX])
            record(self._store, event)
        except Exception:  # noqa: BLE001 - as every handler: what went wrong in it must not end the program
            self.handleError(entry)


class AuditProcessor:
    """A structlog processor that stores each event dictionary and hands it on unchanged. Put it before the renderer.

    Keys are treated as AuditHandler treats attributes.
    """

    def __init__(
        self, store: Store, *, category: str, event_type: str = "log.record", level: int = logging.INFO
    ) -> None:
        self._store = store
        self._level = level
        self._fixed = {"event_category": category, "event_type": event_type, "event_action": "logged"}

    def __call__(self, _logger: object, method: str, entry: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """See structlog's processors."""
        name = {"warn": "warning", "exception": "error"}.get(method, method)
        number = logging.getLevelName(name.upper())
        if isinstance(number, int) and number >= self._level:
            extra = {key: value for key, value in entry.items() if key not in {"event", "level", "timestamp"}}
            record(self._store, _event(self._fixed, extra, {"message": str(entry.get("event"))}, name, number))
        return entry


def _event(
    fixed: Mapping[str, Any], extra: Mapping[str, Any], data: Mapping[str, Any], level: str, number: int
) -> dict[str, Any]:
    members = {name: value for name, value in extra.items() if name in _MEMBERS and value is not None}
    rest = {name: _plain(value) for name, value in extra.items() if name not in _MEMBERS}
    outcome = "failure" if number >= logging.ERROR else "success"
    severity = level.lower()[:_SEVERITY_MAX]
    return {**fixed, "event_outcome": outcome, "severity": severity, **members, "event_data": {**rest, **data}}


def _plain(value: Any) -> Any:
    try:
        return json.loads(json.dumps(value, default=str, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        return repr(value)
