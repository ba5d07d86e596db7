"""The months of the audit trail, and what upkeep did and will do."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, g, render_template

from console.evidence import log_state
from console.pages.overview import services
from console.reader import may

__all__ = ["blueprint"]

blueprint = Blueprint("months", __name__)


@blueprint.get("/months")
def page() -> str:
    """The months, the newest first."""
    answer, log, checkpoint = g.ask.together(
        ("/api/v1/partitions", {}), ("/api/v1/log", {}), ("/api/v1/log/checkpoint", {})
    )
    months: list[dict[str, Any]] = answer.problem.get("partitions", [])[::-1]
    now, upkeep = services().clock(), services().upkeep()
    return render_template(
        "months.html",
        answer=answer,
        log=log_state(log, services().clock()),
        log_answer=log,
        checkpoint=checkpoint.body.decode() if checkpoint.ok else "",
        months=months,
        largest=max([1, *(month.get("bytes") or 0 for month in months)]),
        this_month=f"{now:%Y_%m}",
        upkeep=upkeep if may("ops:read") else None,
        next_round=upkeep.at + timedelta(seconds=upkeep.interval) if upkeep.at else None,
        next_month=_next_month(now.date(), upkeep.ahead),
    )


def _next_month(today: date, ahead: int) -> tuple[date, str]:
    """When upkeep will make a month next, and which: on the first of the next month the one that is `ahead` of it."""
    first = _plus(today, 1)
    return first, f"{_plus(first, ahead):%Y_%m}"


def _plus(day: date, months: int) -> date:
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)
