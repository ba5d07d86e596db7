"""Signing in, with a token or at a provider that gives one, and out again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from access.errors import AccessUnavailableError, InvalidCredentialsError
from console.pages.overview import services
from console.reader import caller_of, remember_begun, safe_next, sign_in, sign_out, taken_begun
from console.sign_in import SignInError

__all__ = ["blueprint"]

blueprint = Blueprint("signing_in", __name__)

#: A cookie holds some 4,000 bytes.
_LONGEST = 2600
_REFUSALS = {
    401: "This token is not accepted: it is wrong, has ended or was revoked.",
    429: "Too many attempts failed from your address. Wait a minute.",
}


@blueprint.get("/sign-in")
def form() -> str:
    """The form."""
    return _form(request.args.get("next", ""))


def _form(following: str, refused: str = "") -> str:
    return render_template("sign_in.html", next=safe_next(following), refused=refused, provider=services().provider)


@blueprint.post("/sign-in")
def check() -> Any:
    """Remember the token in a session of its own, if the API takes it."""
    token = request.form.get("token", "").strip()
    following = request.form.get("next", "")
    if refused := _refusal(token):
        return _form(following, refused), 400
    sign_in(token)
    return redirect(safe_next(following), 303)


@blueprint.get("/sign-in/provider")
def lead() -> Any:
    """To the provider."""
    provider = services().provider
    if provider is None:
        return redirect(url_for("signing_in.form"))
    following = safe_next(request.args.get("next", ""))
    try:
        address, begun = provider.begin(_back(), following)
    except SignInError as error:
        return _form(following, str(error)), 502
    remember_begun(begun)
    return redirect(address)


@blueprint.get("/sign-in/provider/back")
def come_back() -> Any:
    """From the provider, with a code that is worth a token."""
    provider, begun = services().provider, taken_begun()
    if provider is None or begun is None:
        return _form("", "This sign-in was begun elsewhere, or is over. Try again."), 400
    try:
        token = provider.finish(request.url, begun, _back())
    except SignInError as error:
        return _form(begun.next, str(error)), 400
    if refused := _refusal(token):
        return _form(begun.next, refused), 400
    sign_in(token)
    return redirect(safe_next(begun.next), 303)


def _back() -> str:
    """Where the provider sends readers to: as it is registered there."""
    path = url_for("signing_in.come_back")
    return (services().address or request.host_url.rstrip("/")) + path


def _refusal(token: str) -> str:
    """Why nobody is signed in with `token`; empty where the API takes it, whatever it allows."""
    if not token or not token.isascii() or not token.isprintable():
        return "Paste a token: it has no spaces and no line breaks."
    if len(token) > _LONGEST:
        return f"This token is too long for a session: {_LONGEST} characters at the most."
    caller = caller_of(request.environ["asgi.scope"], {"token": token})
    status = g.ask.status_as(caller, "/api/v1/dlq")
    if refused := _REFUSALS.get(status):
        return refused
    try:
        g.ask.run(services().grant_of(caller))
    except InvalidCredentialsError:
        return _REFUSALS[401]
    except AccessUnavailableError:
        return "Tokens cannot be checked now. Try again in a moment."
    return ""


@blueprint.post("/sign-out")
def leave() -> Any:
    """Forget the token."""
    sign_out()
    return redirect(url_for("signing_in.form"), 303)
