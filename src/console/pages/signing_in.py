"""Signing in with a token, and out again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for

from console.reader import safe_next, sign_in, sign_out

__all__ = ["blueprint"]

blueprint = Blueprint("signing_in", __name__)


@blueprint.get("/sign-in")
def form() -> str:
    """The form."""
    return render_template("sign_in.html", next=safe_next(request.args.get("next", "")), refused="")


@blueprint.post("/sign-in")
def check() -> Any:
    """Remember the token in a session of its own."""
    token = request.form.get("token", "").strip()
    if not token or not token.isascii() or not token.isprintable():
        again = render_template("sign_in.html", next=safe_next(request.form.get("next", "")), refused="Paste a token.")
        return again, 400
    sign_in(token)
    return redirect(safe_next(request.form.get("next", "")), 303)


@blueprint.post("/sign-out")
def leave() -> Any:
    """Forget the token."""
    del g.ask
    sign_out()
    return redirect(url_for("signing_in.form"), 303)
