"""Signing in with a token, and out again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from console.reader import caller_of, safe_next, sign_in, sign_out

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
    return render_template("sign_in.html", next=safe_next(request.args.get("next", "")), refused="")


@blueprint.post("/sign-in")
def check() -> Any:
    """Remember the token in a session of its own, if the API takes it."""
    token = request.form.get("token", "").strip()
    if refused := _refusal(token):
        again = render_template("sign_in.html", next=safe_next(request.form.get("next", "")), refused=refused)
        return again, 400
    sign_in(token)
    return redirect(safe_next(request.form.get("next", "")), 303)


def _refusal(token: str) -> str:
    """Why nobody is signed in with `token`; empty where the API takes it, whatever it allows."""
    if not token or not token.isascii() or not token.isprintable() or len(token) > _LONGEST:
        return "Paste a token: it has no spaces and no line breaks."
    caller = caller_of(request.environ["asgi.scope"], {"token": token})
    status = g.ask.status_as(caller, "/api/v1/dlq")
    return _REFUSALS.get(status, "")


@blueprint.post("/sign-out")
def leave() -> Any:
    """Forget the token."""
    sign_out()
    return redirect(url_for("signing_in.form"), 303)
