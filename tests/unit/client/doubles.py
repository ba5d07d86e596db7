"""A service for the client's unit tests, in memory: it keeps what it acknowledges, once for each id."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx

__all__ = ["FakeService", "event", "problem"]

Answer = Callable[[list[dict[str, Any]]], httpx.Response]


def event(**members: Any) -> dict[str, Any]:
    return {
        "version": "1.0",
        "event_type": "gateway.signal.received",
        "event_category": "gateway",
        "event_action": "received",
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": "c-1",
        "event_data": {"k": "v"},
        **members,
    }


def problem(status: int, slug: str, detail: str = "because", **members: Any) -> dict[str, Any]:
    return {
        "type": f"https://kubernaut.ai/problems/{slug}",
        "title": slug.replace("-", " ").title(),
        "status": status,
        "detail": detail,
        "instance": "/api/v1/audit/events/batch",
        "request_id": "r-1",
        **members,
    }


class FakeService:
    """Answers batches as the service does; `answers` come first, one a request: a response, an error or a function."""

    def __init__(self, *answers: Any, bad: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.bad = set(bad)
        self.stored: dict[str, dict[str, Any]] = {}
        self.requests: list[httpx.Request] = []
        self.tokens: list[str | None] = []
        self.batches: list[list[dict[str, Any]]] = []
        self.gate = threading.Event()
        self.gate.set()
        self.entered = threading.Event()
        self.transport = httpx.MockTransport(self._answer)

    @property
    def options(self) -> dict[str, Any]:
        """Arguments that make a store use this service."""
        return {"client_options": {"transport": self.transport}, "retry_initial": 0.001, "retry_max": 0.01}

    def _answer(self, request: httpx.Request) -> httpx.Response:
        content = request.content
        if request.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        events = json.loads(content)
        self.requests.append(request)
        self.tokens.append(request.headers.get("authorization"))
        self.batches.append(events)
        self.entered.set()
        assert self.gate.wait(30)
        planned = self.answers.pop(0) if self.answers else self._record
        if isinstance(planned, Exception):
            raise planned
        return planned if isinstance(planned, httpx.Response) else planned(events)

    def _record(self, events: list[dict[str, Any]]) -> httpx.Response:
        lenient = self.requests[-1].headers.get("prefer") == "handling=lenient"
        bad = [index for index, one in enumerate(events) if one["correlation_id"] in self.bad]
        if bad and not lenient:
            errors = [{"pointer": f"#/{index}/correlation_id", "detail": "bad"} for index in bad]
            return httpx.Response(400, json=problem(400, "validation-error", errors=errors))
        results: list[dict[str, Any]] = []
        for index, one in enumerate(events):
            if index in bad:
                refused = problem(400, "validation-error", errors=[{"pointer": f"#/{index}/x", "detail": "bad"}])
                results.append({"index": index, "status": "rejected", "problem": refused})
                continue
            known = one["event_id"] in self.stored
            assert not known or self.stored[one["event_id"]] == one
            self.stored[one["event_id"]] = one
            results.append({"index": index, "event_id": one["event_id"], "status": "duplicate" if known else "created"})
        return httpx.Response(201, json={"event_ids": [], "message": "", "results": results})

    def record_then_fail(self, events: list[dict[str, Any]]) -> httpx.Response:
        """Store everything, and let the answer be lost."""
        self._record(events)
        raise httpx.ReadError("connection reset")
