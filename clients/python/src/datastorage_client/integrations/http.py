"""Which requests are audited, and what is said of them; for the ASGI and the WSGI middleware."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from datastorage_client._ids import uuid7
from datastorage_client.integrations.context import AuditContext, audit_context, parse_traceparent
from datastorage_client.integrations.recording import Store, asked, record

__all__ = ["Audit", "Rule", "actor_of", "rule_for"]

_FAILED = 400
_ID_MAX, _ACTOR_MAX, _RESOURCE_MAX = 255, 255, 255


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Requests to audit: the first rule that fits is taken. path: a pattern such as `/orders/*`; `*` takes slashes too.

    methods: empty for any. data(method, path, headers, status): more members of event_data; names of headers are in
    lower case.
    """

    path: str
    event_type: str
    category: str
    methods: frozenset[str] | tuple[str, ...] = ("POST", "PUT", "PATCH", "DELETE")
    action: str | None = None
    resource_type: str = "http"
    data: Callable[[str, str, Mapping[str, str], int], Mapping[str, Any]] | None = None
    #: Whether requests are left out on purpose.
    skip: bool = False


def rule_for(rules: Iterable[Rule], method: str, path: str) -> Rule | None:
    """The rule that a request falls under; None where it is not to be audited."""
    for rule in rules:
        if fnmatchcase(path, rule.path) and (not rule.methods or method in rule.methods):
            return None if rule.skip else rule
    return None


def actor_of(
    actor: Callable[[Mapping[str, Any], Mapping[str, str]], str | None] | None,
    request: Mapping[str, Any],
    headers: Mapping[str, str],
) -> str | None:
    """Who asks, as the program's callback says."""
    who = asked(lambda: actor(request, headers)) if actor else None
    return None if who is None else str(who)


@dataclass
class Audit:
    """One audited request, from its start to its record."""

    store: Store
    rule: Rule
    method: str
    path: str
    headers: Mapping[str, str]
    actor_id: str | None = None
    began: float = field(default_factory=time.perf_counter)

    def context(self) -> AbstractContextManager[AuditContext]:
        """The context of the request's work: its correlation and trace, for what is recorded meanwhile."""
        trace = parse_traceparent(self.headers.get("traceparent", ""))
        correlation = self.headers.get("x-correlation-id") or self.headers.get("x-request-id") or uuid7()
        trace_id, span_id = trace or (None, None)
        return audit_context(
            correlation_id=correlation[:_ID_MAX], trace_id=trace_id, span_id=span_id, actor_id=self.actor_id
        )

    def finish(self, status: int, error: BaseException | None = None) -> None:
        """Record the request. status: of the answer; 0 where there was none."""
        data = {"method": self.method, "path": self.path, "status": status}
        if more := self.rule.data:
            data |= asked(lambda: dict(more(self.method, self.path, self.headers, status))) or {}
        failed = error is not None or status >= _FAILED or not status
        record(self.store, {
            "event_type": self.rule.event_type,
            "event_category": self.rule.category,
            "event_action": self.rule.action or self.method.lower(),
            "event_outcome": "failure" if failed else "success",
            "resource_type": self.rule.resource_type,
            "resource_id": self.path[:_RESOURCE_MAX],
            "actor_id": self.actor_id[:_ACTOR_MAX] if self.actor_id else None,
            "duration_ms": round((time.perf_counter() - self.began) * 1000),
            "error_code": type(error).__name__[:50] if error else str(status) if failed else None,
            "event_data": data,
        })  # fmt: skip
