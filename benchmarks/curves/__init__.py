"""Curves: how rates, latencies, cost and memory change as one thing grows. Each module here measures some of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from benchmarks.harness import Stage

__all__ = ["CURVES", "Axis", "Curve", "Extent", "Series", "curve", "load_curves"]

#: What is drawn: points by the name of their line.
Series = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much is measured. share: of the usual load for each point, to try a curve; largest: rows in a table."""

    share: float = 1.0
    largest: int = 1_000_000

    def of(self, usual: float, *, least: int = 1) -> int:
        """The usual number of requests, or seconds, or the share of it that is wanted."""
        return max(least, round(usual * self.share))


@dataclass(frozen=True, kw_only=True)
class Axis:
    """A title with its unit, and whether each step multiplies."""

    title: str
    log: bool = False


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One picture: docs/images/curves/<name>.svg, and its points beside it as JSON."""

    name: str
    title: str
    x: Axis
    y: Axis
    measure: Callable[[Stage, Extent], Series]


CURVES: dict[str, Curve] = {}

Measure = Callable[[Stage, Extent], Series]


def curve(name: str, *, title: str, x: Axis, y: Axis) -> Callable[[Measure], Measure]:
    """Register the function below as a curve."""

    def register(measure: Measure) -> Measure:
        CURVES[name] = Curve(name=name, title=title, x=x, y=y, measure=measure)
        return measure

    return register


def load_curves() -> dict[str, Curve]:
    """All curves, by name."""
    for module in iter_modules([str(Path(__file__).parent)]):
        if module.name not in {"__main__", "draw"}:
            import_module(f"{__name__}.{module.name}")
    return CURVES
