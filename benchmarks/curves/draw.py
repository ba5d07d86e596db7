"""Draw a curve as an SVG without scripts, fonts or anything else from outside."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import pygal
from pygal.style import Style

__all__ = ["draw"]

_STYLE = Style(
    background="white",
    plot_background="white",
    font_family="sans-serif",
    guide_stroke_color="#dddddd",
    major_guide_stroke_color="#bbbbbb",
    colors=("#0969da", "#8c959f", "#cf222e", "#1a7f37", "#8250df"),
)
_STEPS = (1, 2, 5)
_LABELS = 8
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)


def draw(told: Mapping[str, Any]) -> str:
    """The picture of what `benchmarks.curves` wrote as JSON. Raises ValueError when there is no point."""
    lines = {name: [(float(x), float(y)) for x, y in points] for name, points in told["series"].items()}
    if not any(lines.values()):
        raise ValueError("no point was measured")
    x_axis, y_axis = told["x"], told["y"]
    chart = pygal.XY(
        title=told["title"],
        x_title=x_axis["title"],
        y_title=y_axis["title"],
        width=760,
        height=400,
        explicit_size=True,
        style=_STYLE,
        js=[],
        legend_at_bottom=True,
        dots_size=3,
        show_x_guides=True,
        disable_xml_declaration=True,
        render_in_browser=False,
        no_data_text="",
    )
    chart.uuid = told["name"]  # else a new one each time, in every rule of the style
    highest = max(y for points in lines.values() for _, y in points)
    lowest = min(y for points in lines.values() for _, y in points)
    chart.x_labels = _labels([x for points in lines.values() for x, _ in points], log=x_axis["log"])
    chart.y_labels = _labels([lowest if y_axis["log"] else 0.0, highest], log=y_axis["log"])
    for name, points in lines.items():
        chart.add(name, [(_place(x, log=x_axis["log"]), _place(y, log=y_axis["log"])) for x, y in points])
    return _SCRIPT.sub("", str(chart.render(is_unicode=True)))


def _place(value: float, *, log: bool) -> float:
    return math.log10(value) if log else value


def _labels(values: list[float], *, log: bool) -> list[dict[str, Any]]:
    """Round numbers that enclose the values, as pygal takes them."""
    low, high = min(values), max(values)
    numbers = _decades(low, high) if log else _even(low, high)
    return [{"value": _place(number, log=log), "label": _short(number)} for number in numbers]


def _decades(low: float, high: float) -> list[float]:
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    fine = [step * 10.0**power for power in range(first, last + 1) for step in _STEPS]
    begin = max((number for number in fine if number <= low * 1.001), default=fine[0])
    end = min((number for number in fine if number >= high * 0.999), default=fine[-1])
    return [number for number in fine if begin <= number <= end]


def _even(low: float, high: float) -> list[float]:
    rough = max(high - min(low, 0.0), 1e-9) / _LABELS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * one for one in (1, 2, 5, 10) if size * one >= rough)
    return [step * number for number in range(math.floor(min(low, 0.0) / step), math.ceil(high / step) + 1)]


def _short(number: float) -> str:
    for size, letter in ((1e6, " M"), (1e3, " k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"
