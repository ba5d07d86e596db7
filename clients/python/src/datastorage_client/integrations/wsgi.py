"""WSGI middleware: requests as audit events, by rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from datastorage_client.integrations.http import Audit, Rule, actor_of, rule_for
from datastorage_client.integrations.recording import Store

__all__ = ["WsgiAuditMiddleware"]

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class WsgiAuditMiddleware:
    """As AsgiAuditMiddleware, for WSGI. actor(environ, headers): who asks, or None."""

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

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        method, path = environ["REQUEST_METHOD"], environ.get("PATH_INFO", "") or "/"
        rule = rule_for(self._rules, method, path)
        if rule is None:
            return self._app(environ, start_response)
        headers = {
            name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"
        }
        who = actor_of(self._actor, environ, headers)
        return self._audited(Audit(self._store, rule, method, path, headers, who), environ, start_response)

    def _audited(self, audit: Audit, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterator[bytes]:
        status = 0

        def start(line: str, *rest: Any) -> Any:
            nonlocal status
            status = int(line.split(" ", 1)[0])
            return start_response(line, *rest)

        with audit.context():
            body: Iterable[bytes] = ()
            try:
                body = self._app(environ, start)
                yield from body
            except BaseException as error:
                audit.finish(status, error)
                raise
            finally:
                if hasattr(body, "close"):
                    body.close()
            audit.finish(status)
