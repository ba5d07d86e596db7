"""Structured logging: JSON lines for machines, coloured lines for a person at a terminal."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Literal

import structlog

from telemetry.context import request_id

__all__ = ["configure_logging", "get_logger"]

#: Stack traces, which are lines and hold no values of variables.
_OF_OURS = frozenset(("exception", "stack"))
LogFormat = Literal["json", "console"]


def _add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if current := request_id.get():
        event.setdefault("request_id", current)
    return event


def _escape(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """What clients send must not move a terminal's cursor or forge a line; JSON escapes by itself."""
    for name, value in event.items():
        if isinstance(value, str) and not value.isprintable() and name not in _OF_OURS:
            event[name] = "".join(
                one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in value
            )
    return event


def configure_logging(level: str, log_format: LogFormat) -> None:
    """Send the whole process' logs, those of libraries too, to standard error.

    level: a name of the standard library's levels, in any case.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        _add_request_id,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # Never the values of local variables: they are what clients sent.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    finish: list[structlog.typing.Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    finish.append(structlog.processors.format_exc_info if log_format == "json" else _escape)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*finish, renderer]),
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("connexion", "httpx", "httpcore", "uvicorn.access", "psycopg.pool", "yoyo"):
        logging.getLogger(noisy).setLevel(max(logging.WARNING, root.level))


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry `name`, the request id and the key-value pairs that they are given."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
