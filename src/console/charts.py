"""Geometry of the charts that are drawn on the server: numbers in, coordinates out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

__all__ = ["Bar", "LineChart", "StackedChart", "line", "nice_ceiling", "stacked"]

WIDTH, HEIGHT = 720, 180
LEFT, BOTTOM, TOP = 44, 22, 8


class Bar(msgspec.Struct, frozen=True):
    """One part of a column."""

    x: float
    y: float
    width: float
    height: float
    series: str


class Tick(msgspec.Struct, frozen=True):
    """A labelled place on an axis."""

    at: float
    label: str


class StackedChart(msgspec.Struct, frozen=True, kw_only=True):
    """Columns over time. columns: (x, width, when, what the column holds, in words)."""

    bars: Sequence[Bar]
    columns: Sequence[tuple[float, float, datetime, str]]
    x_ticks: Sequence[tuple[float, datetime]]
    y_ticks: Sequence[Tick]
    totals: Mapping[str, int]


class LineChart(msgspec.Struct, frozen=True, kw_only=True):
    """One line over time; points and area for SVG's polyline and polygon."""

    points: str
    area: str
    x_ticks: Sequence[tuple[float, datetime]]
    y_ticks: Sequence[Tick]


def nice_ceiling(value: float) -> float:
    """The least of 1, 2, 5, 10, 20, 50 … that is not below `value`."""
    if value <= 1:
        return 1
    magnitude: float = 10.0 ** math.floor(math.log10(value))
    return next(factor * magnitude for factor in (1, 2, 5, 10) if factor * magnitude >= value)


def stacked(
    counts: Mapping[tuple[datetime, str], int], series: Sequence[str], since: datetime, until: datetime, step: timedelta
) -> StackedChart:
    """Columns of `step`, from the one that `since` is in to the one that `until` is in."""
    first = _floor(since, step)
    number = max(1, math.ceil((until - first) / step))
    slot = (WIDTH - LEFT) / number
    times = [first + step * index for index in range(number)]
    heights = [sum(counts.get((at, name), 0) for name in series) for at in times]
    top = nice_ceiling(max([*heights, 1]))
    bars: list[Bar] = []
    columns: list[tuple[float, float, datetime, str]] = []
    for index, at in enumerate(times):
        base, words = float(HEIGHT - BOTTOM), []
        x, width = LEFT + index * slot, max(1.0, slot * 0.86)
        for name in series:
            if count := counts.get((at, name), 0):
                height = count / top * (HEIGHT - BOTTOM - TOP)
                base -= height
                bars.append(Bar(round(x, 2), round(base, 2), round(width, 2), round(height, 2), name))
                words.append(f"{count:,} {name}")
        columns.append((round(x, 2), round(slot, 2), at, ", ".join(words) or "none"))
    totals = {name: sum(count for (_, one), count in counts.items() if one == name) for name in series}
    return StackedChart(
        bars=bars, columns=columns, x_ticks=_time_ticks(first, step, number), y_ticks=_value_ticks(top), totals=totals
    )


def line(values: Sequence[tuple[datetime, float]], *, least_top: float = 1) -> LineChart:
    """A line through values in ascending order of time; there are at least two."""
    first, span = values[0][0], max((values[-1][0] - values[0][0]).total_seconds(), 1)
    top = nice_ceiling(max([least_top, *(value for _, value in values)]))
    floor = HEIGHT - BOTTOM
    points = [
        (
            round(LEFT + (at - first).total_seconds() / span * (WIDTH - LEFT), 1),
            round(floor - value / top * (floor - TOP), 1),
        )
        for at, value in values
    ]
    text = " ".join(f"{x},{y}" for x, y in points)
    return LineChart(
        points=text,
        area=f"{points[0][0]},{floor} {text} {points[-1][0]},{floor}",
        x_ticks=[(points[0][0], values[0][0]), (points[-1][0], values[-1][0])],
        y_ticks=_value_ticks(top),
    )


def _floor(at: datetime, step: timedelta) -> datetime:
    seconds = step.total_seconds()
    return datetime.fromtimestamp(at.timestamp() // seconds * seconds, at.tzinfo)


def _time_ticks(first: datetime, step: timedelta, number: int) -> list[tuple[float, datetime]]:
    every = max(1, round(number / 6))
    slot = (WIDTH - LEFT) / number
    return [(round(LEFT + index * slot, 2), first + step * index) for index in range(0, number, every)]


def _value_ticks(top: float) -> list[Tick]:
    return [
        Tick(round(HEIGHT - BOTTOM - part * (HEIGHT - BOTTOM - TOP), 2), f"{top * part:,.0f}")
        for part in ((0, 1) if top == 1 else (0, 0.5, 1))
    ]
