"""Structured logging: JSON lines for machines, coloured lines for a person at a terminal."""

import logging
import signal
import sys
from collections.abc import MutableMapping
from types import FrameType
from typing import Any, Literal

import structlog

from telemetry import spans
from telemetry.context import request_id, subject, trace_context

__all__ = ["configure_logging", "get_logger", "is_debugging", "set_level", "toggle_debug", "toggle_debug_on_signal"]

#: Stack traces, which are lines and hold no values of variables.
_OF_OURS = frozenset(("exception", "stack"))
LogFormat = Literal["json", "console"]
#: Libraries that tell on the level info what only matters to their developers.
_CHATTY = ("connexion", "httpx", "httpcore", "uvicorn.access", "psycopg.pool", "yoyo")
#: The level that the settings ask for; SIGUSR1 goes from it to debug and back.
_configured = {"level": "info"}


def _add_context(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add whose request it is, where there is one."""
    if current := request_id.get():
        event.setdefault("request_id", current)
    own = spans.current()
    if trace := own.context if own else trace_context.get():
        event.setdefault("trace_id", trace.trace_id)
    if caller := subject.get():
        event.setdefault("subject", caller)
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
        _add_context,
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
        cache_logger_on_first_use=False,  # a logger that is kept would keep its level too
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=[*finish, renderer]),
    )
    logging.getLogger().handlers[:] = [handler]
    _configured["level"] = level
    set_level(level)


def set_level(level: str) -> None:
    """Log from this level on, at once and in the whole process.

    level: a name of the standard library's levels, in any case.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(number))
    logging.getLogger().setLevel(number)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(max(logging.WARNING, number))


def is_debugging() -> bool:
    """Whether lines of the level debug are written."""
    return logging.getLogger().isEnabledFor(logging.DEBUG)


def toggle_debug() -> None:
    """From the configured level to debug, or back."""
    is_debug = logging.getLogger().level == logging.DEBUG
    level = _configured["level"] if is_debug else "debug"
    set_level(level)
    get_logger(__name__).warning("log level changed", level_now=level)


def toggle_debug_on_signal() -> None:
    """Let SIGUSR1 call toggle_debug in this process and in those that it forks."""

    def handle(_number: int, _frame: FrameType | None) -> None:
        toggle_debug()

    signal.signal(signal.SIGUSR1, handle)


def get_logger(name: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry `name`, the request's ids, and the key-value pairs that they are given."""
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger
