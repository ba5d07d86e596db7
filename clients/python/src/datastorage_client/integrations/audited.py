"""Calls and blocks as audit events: how long they took, how they ended, under which parent and trace."""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, cast

from datastorage_client.integrations.context import audit_context
from datastorage_client.integrations.recording import Store, asked, record

__all__ = ["AuditSpan", "audit_span", "audited"]

F = TypeVar("F", bound=Callable[..., Any])
_CODE_MAX, _MESSAGE_MAX, _ACTION_MAX = 50, 4096, 50


@dataclass
class AuditSpan:
    """What the event at the end of the block will say; the block may change it."""

    data: dict[str, Any] = field(default_factory=dict)
    #: Further members of the event, such as resource_id.
    members: dict[str, Any] = field(default_factory=dict)
    #: None: success, or failure where the block raised.
    outcome: Literal["success", "failure", "pending"] | None = None
    #: Id of the event at the start, if there is one.
    started_id: str | None = None


@contextmanager
def audit_span(
    store: Store,
    event_type: str,
    *,
    category: str,
    action: str | None = None,
    data: Mapping[str, Any] | None = None,
    started: bool = False,
    **members: Any,
) -> Iterator[AuditSpan]:
    """Record an event when the block ends, with its duration; a block that raises is a failure, with the error's name.

    action: the last part of event_type if absent. members: further members of the event, such as resource_id.
    started: record an event with outcome `pending` at the start too; it is the parent of the one at the end, and of all
    that is recorded within. Errors of the block go on; errors of the store are logged.
    """
    span = AuditSpan(data=dict(data or {}), members=members)
    fixed = {"event_type": event_type, "event_category": category}
    fixed["event_action"] = (action or event_type.rpartition(".")[2])[:_ACTION_MAX]
    began = time.perf_counter()
    with ExitStack() as stack:
        if started:
            first = {
                **span.members,
                **fixed,
                "event_outcome": "pending",
                "event_data": {**span.data, "phase": "started"},
            }
            span.started_id = record(store, first)
            stack.enter_context(audit_context(parent_event_id=span.started_id))
        try:
            yield span
        except BaseException as error:
            failure = {"error_code": type(error).__name__[:_CODE_MAX], "error_message": str(error)[:_MESSAGE_MAX]}
            _finish(store, span, {**fixed, **failure}, span.outcome or "failure", began)
            raise
        _finish(store, span, fixed, span.outcome or "success", began)


def _finish(store: Store, span: AuditSpan, fixed: Mapping[str, Any], outcome: str, began: float) -> None:
    milliseconds = round((time.perf_counter() - began) * 1000)
    record(
        store, {**span.members, **fixed, "event_outcome": outcome, "duration_ms": milliseconds, "event_data": span.data}
    )


def audited(
    store: Store,
    event_type: str,
    *,
    category: str,
    data: Callable[..., Mapping[str, Any]] | None = None,
    **options: Any,
) -> Callable[[F], F]:
    """Decorate a function or coroutine function so that each call is recorded as `audit_span` does.

    data(*args, **kwargs): the event_data of a call. options: those of audit_span.
    Raises TypeError for a generator function, whose call ends before its work begins: use `audit_span` in it.
    """

    def decorate(function: F) -> F:
        def span_of(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
            said = asked(lambda: dict(data(*args, **kwargs))) if data else None
            return audit_span(store, event_type, category=category, data=said, **options)

        if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
            raise TypeError(f"{function.__qualname__} is a generator function: use audit_span in it")
        if inspect.iscoroutinefunction(function):

            @functools.wraps(function)
            async def awaited(*args: Any, **kwargs: Any) -> Any:
                with span_of(args, kwargs):
                    return await function(*args, **kwargs)

            return cast("F", awaited)

        @functools.wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            with span_of(args, kwargs):
                return function(*args, **kwargs)

        return cast("F", called)

    return decorate
