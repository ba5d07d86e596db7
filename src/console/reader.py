"""Who is looking: the one place where a session becomes the credentials of requests to operations."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import msgspec
from flask import Flask, Request, g, session
from flask.sessions import SecureCookieSessionInterface

from console.api import Caller
from console.sign_in import Begun

__all__ = [
    "COOKIE",
    "caller_of",
    "came_from_elsewhere",
    "csrf_token",
    "is_forged",
    "is_signed_in",
    "may",
    "reads_everything",
    "remember_begun",
    "safe_next",
    "sign_in",
    "sign_out",
    "taken_begun",
    "use_sessions",
]

COOKIE = "datastorage_console"
_CSRF, _TOKEN, _BEGUN = "csrf", "token", "begun"
_TAKEN_OVER = (b"host", b"x-request-id", b"traceparent")


class _Sessions(SecureCookieSessionInterface):
    """Signed cookies, Secure exactly where the reader came by HTTPS."""

    def get_cookie_secure(self, app: Flask) -> bool:
        del app
        from flask import request

        return request.is_secure


def use_sessions(app: Flask, secret: bytes) -> None:
    """Give `app` sessions: HttpOnly, SameSite=Strict, for the console's addresses only."""
    app.secret_key = secret
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME=COOKIE,
        SESSION_COOKIE_PATH="/console",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Strict",
    )


def caller_of(scope: Mapping[str, Any], remembered: Mapping[str, Any]) -> Caller:
    """On whose behalf operations are called. remembered: the session.

    A header from the browser never counts as credentials: only what the reader signed in with does.
    """
    headers = [(name, value) for name, value in scope["headers"] if name in _TAKEN_OVER]
    if token := remembered.get(_TOKEN):
        headers.append((b"authorization", f"Bearer {token}".encode("latin-1", "replace")))
    return Caller(scope, tuple(headers))


def may(scope: str) -> bool:
    """Whether the reader of this page has a scope: for what no operation was asked for."""
    return scope in g.grant.scopes


def reads_everything() -> bool:
    """Whether the reader may see counts over all events: nothing narrows what they may read."""
    limits = g.grant.limits
    return may("audit:read") and limits.namespaces is None and limits.clusters is None


def sign_in(token: str) -> None:
    """Remember the reader's token; the session begins anew."""
    session.clear()
    session[_TOKEN] = token
    csrf_token()


def remember_begun(begun: Begun) -> None:
    """Keep what a sign-in at the provider began with, until its reader comes back."""
    session[_BEGUN] = msgspec.structs.asdict(begun)


def taken_begun() -> Begun | None:
    """What `remember_begun` kept, once; None where nothing was begun in this session."""
    kept = session.pop(_BEGUN, None)
    return Begun(**kept) if kept else None


def sign_out() -> None:
    """Forget the reader."""
    session.clear()


def is_signed_in() -> bool:
    """Whether the session holds a token."""
    return _TOKEN in session


def csrf_token() -> str:
    """The token that every form of this session carries."""
    if _CSRF not in session:
        session[_CSRF] = secrets.token_urlsafe(24)
    return str(session[_CSRF])


def is_forged(request: Request) -> bool:
    """Whether a request that changes something lacks this session's token."""
    sent = request.headers.get("X-CSRF-Token") or request.form.get("csrf", "")
    return not secrets.compare_digest(sent.encode(), str(session.get(_CSRF, "")).encode()) or not sent


def came_from_elsewhere(request: Request) -> bool:
    """Whether a link of another site led here without the cookie, which SameSite=Strict holds back."""
    return (
        request.method == "GET"
        and COOKIE not in request.cookies
        and request.headers.get("Sec-Fetch-Site") == "cross-site"
        and request.headers.get("Sec-Fetch-Mode") == "navigate"
    )


def safe_next(address: str) -> str:
    """`address` where it is a page of the console, else its first page: nobody is sent to another site."""
    parts = urlsplit(address)
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/console") and "\\" not in address
    return address if inside else "/console/"
