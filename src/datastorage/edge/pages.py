"""What the service answers besides its operations: the contract, Swagger UI, the reference, the pages of problems."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import cache
from html import escape
from importlib import resources
from typing import Any

import msgspec

from web.messages import AnyResponse, Response
from web.problems import CATALOGUE, Problem, ProblemKind

__all__ = ["Pages"]

_HTML = "text/html; charset=utf-8"
_ASSETS = {
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui-standalone-preset.js": "text/javascript; charset=utf-8",
    "favicon-32x32.png": "image/png",
}
_STRICT = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}

_UI = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Data Storage API</title>
<link rel="stylesheet" href="swagger-ui.css"><link rel="icon" type="image/png" href="favicon-32x32.png"></head>
<body><div id="swagger-ui"></div>
<script src="swagger-ui-bundle.js"></script><script src="swagger-ui-standalone-preset.js"></script>
<script src="start.js"></script></body></html>
"""
_UI_START = """window.onload = () => SwaggerUIBundle({
  url: new URL("../openapi.json", window.location.href).href, dom_id: "#swagger-ui", deepLinking: true,
  validatorUrl: null, presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset], layout: "StandaloneLayout",
});
"""
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}}</style></head>
<body>{body}</body></html>
"""


class Pages:
    """Fixed answers by path. start: where a browser that asks for / is led; empty for nowhere.

    The files of Swagger UI come from its wheel: no other host is asked for anything.
    """

    def __init__(self, spec_text: bytes, spec: Mapping[str, Any], *, start: str = "") -> None:
        self._start = start
        spec_json = msgspec.json.encode(spec)
        self._fixed: dict[str, Callable[[], AnyResponse]] = {
            "/openapi.yaml": lambda: Response(status=200, body=spec_text, media_type="application/yaml"),
            "/openapi.json": lambda: Response(status=200, body=spec_json),
            "/ui": lambda: Response(status=307, headers={"Location": "ui/"}, media_type=_HTML),
            "/ui/": lambda: Response(status=200, body=_UI.encode(), media_type=_HTML, headers=_STRICT),
            "/ui/start.js": lambda: Response(status=200, body=_UI_START.encode(), media_type="text/javascript"),
            "/docs": cache(lambda: _reference(spec)),
            "/problems": _problem_list,
        }
        self._fixed |= {f"/problems/{kind.slug}": _page_maker(kind) for kind in CATALOGUE.values()}

    def allowed_methods(self, path: str) -> tuple[str, ...]:
        """The methods that `path` takes; empty where there is no such page."""
        return ("GET", "HEAD") if path in self._fixed or _asset(path) else ()

    async def answer(self, method: str, path: str, accept: str = "") -> AnyResponse:
        """The page at `path`. Raises Problem: not-found or method-not-allowed."""
        if path == "/" and self._start and method in {"GET", "HEAD"} and "text/html" in accept:
            return Response(status=307, headers={"Location": self._start}, media_type=_HTML)
        allowed = self.allowed_methods(path)
        if not allowed:
            raise Problem("not-found", f"There is nothing at {path[:200]}.")
        if method not in allowed:
            raise Problem(
                "method-not-allowed",
                f"{method[:20]} is not allowed here; allowed are {', '.join(allowed)}.",
                headers={"Allow": ", ".join(allowed)},
            )
        if path in self._fixed:
            return self._fixed[path]()
        name = _asset(path)
        content = await asyncio.to_thread((resources.files("flask_swagger_ui") / "dist" / name).read_bytes)
        return Response(status=200, body=content, media_type=_ASSETS[name], headers={"Cache-Control": "max-age=86400"})


def _asset(path: str) -> str:
    name = path.removeprefix("/ui/")
    return name if name != path and name in _ASSETS else ""


def _page_maker(kind: ProblemKind) -> Callable[[], AnyResponse]:
    body = (
        f"<h1>{escape(kind.title)}</h1><p><code>{kind.slug}</code>, status {kind.status}</p>"
        f"<p>{escape(kind.advice)}</p><p><a href='../problems'>All problems</a></p>"
    )
    return lambda: _html(kind.title, body)


def _reference(spec: Mapping[str, Any]) -> AnyResponse:
    from datastorage.edge.reference import reference_page  # a renderer of Markdown that no start should wait for

    return Response(status=200, body=reference_page(spec), media_type=_HTML, headers=_STRICT)


def _problem_list() -> AnyResponse:
    items = "".join(
        f"<li><a href='problems/{kind.slug}'>{escape(kind.title)}</a> ({kind.status}): {escape(kind.advice)}</li>"
        for kind in CATALOGUE.values()
    )
    return _html("Problems", f"<h1>Problems</h1><ul>{items}</ul>")


def _html(title: str, body: str) -> AnyResponse:
    text = _PAGE.format(title=escape(title), body=body)
    return Response(status=200, body=text.encode(), media_type=_HTML, headers=_STRICT)
