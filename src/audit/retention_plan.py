"""How long months stay, and what the policy by age does now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, timedelta
from typing import Literal

import msgspec

from repository.months import Month
from repository.partitions import next_month, previous_month
from repository.records import month_of

__all__ = ["Step", "end_of_retention", "plan"]


class Step(msgspec.Struct, frozen=True):
    """One act on one month; `hold` is to leave it where it is. why: for people."""

    act: Literal["archive", "detach", "drop", "hold"]
    month: date
    why: str


def end_of_retention(one: Month, least_days: Mapping[str, int]) -> date | None:
    """The first day on which the last event of an archived month may be dropped; None without an archive.

    Counted from the month's end, by the longest retention_days of its events and the longest that `least_days` asks for
    a category of which it has events.
    """
    if one.retention_days is None:
        return None
    days = max([one.retention_days, *(least_days.get(category, 0) for category in one.by_category or ())])
    return next_month(one.month) + timedelta(days=days)


def plan(
    months: Iterable[Month],
    keep: int,
    today: date,
    *,
    drop: bool,
    held: Callable[[Month], str] = lambda _one: "",
    least_days: Mapping[str, int] | None = None,
) -> list[Step]:
    """What the policy does now: `keep` months before this one stay attached.

    A detached month without an archive is left alone: somebody is repairing it. drop: give up months whose retention
    has ended, too; least_days: see end_of_retention. held: which legal holds keep a month, for people; it is archived
    and stays where it is.
    """
    oldest = month_of(today)
    for _ in range(keep):
        oldest = previous_month(oldest)
    steps = []
    for one in months:
        age = f"older than the {keep} months before this one"
        if one.month >= oldest or one.state == "archived" or (one.state == "detached" and one.sha256 is None):
            continue
        if one.sha256 is None:
            steps.append(Step("archive", one.month, age))
        leaving = []
        if one.state != "detached":
            leaving.append(Step("detach", one.month, age))
        if drop and (end := end_of_retention(one, least_days or {})) is not None and end <= today:
            leaving.append(Step("drop", one.month, f"archived, and its retention ended on {end}"))
        if leaving and (why := held(one)):
            leaving = [Step("hold", one.month, why)]
        steps += leaving
    return steps
