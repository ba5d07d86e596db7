"""ASGI middleware: requests as audit events, by rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from datastorage_client.integrations.http import Audit, Rule, actor_of, rule_for
from datastorage_client.integrations.recording import Store

__all__ = ["AsgiAuditMiddleware"]

App = Callable[[Any, Any, Any], Awaitable[None]]


class AsgiAuditMiddleware:
    """Records each request that falls under a rule when its answer is complete.

    actor(scope, headers): who asks, or None. What the application records meanwhile has the request's correlation id
    (`x-correlation-id`, else `x-request-id`, else a new one) and trace (`traceparent`).
    """

    def __init__(
        self,
        app: App,
        store: Store,
        rules: Iterable[Rule],
        *,
        actor: Callable[[Mapping[str, Any], Mapping[str, str]], str | None] | None = None,
    ) -> None:
        self._app = app
        self._store = store
        self._rules = tuple(rules)
        self._actor = actor

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request."""
        rule = rule_for(self._rules, scope["method"], scope["path"]) if scope["type"] == "http" else None
        if rule is None:
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        who = actor_of(self._actor, scope, headers)
        audit = Audit(self._store, rule, scope["method"], scope["path"], headers, who)
        status = 0

        async def send_on(message: Any) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        with audit.context():
            try:
                await self._app(scope, receive, send_on)
            except BaseException as error:
                audit.finish(status, error)
                raise
            audit.finish(status)
