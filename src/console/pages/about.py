"""Effective settings, versions, and where to read on."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from console.pages.overview import services
from console.reader import may

__all__ = ["blueprint"]

blueprint = Blueprint("about", __name__)


@blueprint.get("/about")
def page() -> str:
    """Settings for those who may look at the service's operation, versions for everybody."""
    allowed, ready = g.ask.together(("/api/v1/dlq", {}), ("/health/ready", {}))
    settings = services().settings() if may("ops:read") else None
    return render_template(
        "about.html",
        answer=allowed,
        ready=ready.problem,
        settings=[(name, services().variable_of(name), value) for name, value in (settings or {}).items()],
        versions=services().versions,
    )
