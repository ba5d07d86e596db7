"""`python -m benchmarks.curves [NAME …]`: measure, and draw docs/images/curves/NAME.svg; points beside it as JSON."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console

from benchmarks.curves import Curve, Extent, load_curves
from benchmarks.curves.draw import draw
from benchmarks.harness import open_stage
from benchmarks.report import machine

_PICTURES = Path(__file__).parents[2] / "docs" / "images" / "curves"


def main() -> int:
    """Exit code 2 when no curve is called so."""
    options = _options()
    chosen = [one for one in load_curves().values() if any(fnmatch(one.name, name) for name in options.names or ["*"])]
    if not chosen:
        print(f"no curve matches; there are: {', '.join(load_curves())}", file=sys.stderr)
        return 2
    if not options.draw:
        _measure(chosen, Extent(share=options.share, largest=options.largest), options.into)
    else:
        for told in (options.into / f"{one.name}.json" for one in chosen):
            if told.exists():
                _draw(told)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.curves", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="names of curves, * allowed; all if none is given")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw what was measured last")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual load for each point (default 1)")
    parser.add_argument("--largest", type=int, default=1_000_000, metavar="ROWS", help="of a table (default 1000000)")
    parser.add_argument("--into", type=Path, default=_PICTURES, metavar="FOLDER", help="default docs/images/curves")
    return parser.parse_args()


def _measure(chosen: list[Curve], extent: Extent, into: Path) -> None:
    console = Console(stderr=True)
    with open_stage(1, lambda line: console.print(f"    {line}", style="dim", markup=False)) as stage:
        for number, one in enumerate(chosen, 1):
            console.print(f"[{number}/{len(chosen)}] {one.title}", markup=False)
            began = time.monotonic()
            series = {
                name: [(x, float(f"{y:.4g}")) for x, y in points] for name, points in one.measure(stage, extent).items()
            }
            told = {
                "name": one.name,
                "title": one.title,
                "x": asdict(one.x),
                "y": asdict(one.y),
                "machine": machine(),
                "share": extent.share,
                "seconds": round(time.monotonic() - began),
                "series": series,
            }
            (into / f"{one.name}.json").write_text(json.dumps(told, indent=1) + "\n")
            _draw(into / f"{one.name}.json")


def _draw(told: Path) -> None:
    told.with_suffix(".svg").write_text(draw(json.loads(told.read_text())) + "\n")


if __name__ == "__main__":
    sys.exit(main())
