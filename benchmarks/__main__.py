"""`python -m benchmarks [ROW …]`: measure, print the table, write results.json; see README.md."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Measured, Row, load_rows, open_stage

_HERE = Path(__file__).parent
_RESULTS = _HERE / "results.json"
_BASELINE = _HERE.parent / ".perf-baseline.json"


def main() -> int:
    """Exit code 1 when --check finds a ratio that is worse than the accepted one by more than the tolerance."""
    options = _options()
    rows = [row for row in load_rows().values() if any(fnmatch(row.name, pattern) for pattern in options.rows or ["*"])]
    rows = [row for row in rows if row.core or not options.core]
    if not rows:
        print(f"no row matches; there are: {', '.join(load_rows())}", file=sys.stderr)
        return 2
    measured = _measure(rows, options.rounds)
    _print(rows, measured)
    _merge(_RESULTS, {"machine": _machine(), "rows": {name: one.as_json() for name, one in measured.items()}})
    ratios = {name: one.ratio for name, one in measured.items() if one.ratio is not None}
    if options.update:
        _merge(_BASELINE, ratios)
    return _check(measured, options.tolerance / 100) if options.check else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="names of rows, * allowed; all if none is given")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of each row, whose median counts (default 5)")
    parser.add_argument("--core", action="store_true", help="only the rows that CI measures, some minutes in all")
    parser.add_argument("--check", action="store_true", help="fail when a ratio is worse than accepted")
    parser.add_argument("--tolerance", type=float, default=20, metavar="PERCENT", help="how much worse (default 20)")
    parser.add_argument("--update", action="store_true", help="accept the ratios of this run")
    return parser.parse_args()


def _measure(rows: list[Row], rounds: int) -> dict[str, Measured]:
    console = Console(stderr=True)
    measured = {}
    with open_stage(rounds, lambda line: console.print(f"    {line}", style="dim")) as stage:
        for number, row in enumerate(rows, 1):
            console.print(f"[{number}/{len(rows)}] {row.title}", markup=False)
            measured[row.name] = row.measure(stage)
    return measured


def _print(rows: list[Row], measured: dict[str, Measured]) -> None:
    table = Table(title=f"DataStorage on {_machine()['name']}", title_justify="left")
    for column in ("row", "median", "floor", "ratio", "mark"):
        table.add_column(column)
    for row in rows:
        one = measured[row.name]
        table.add_row(row.title, _shown(one.value, one.unit), _shown(one.floor, one.unit), _shown(one.ratio), row.mark)
    Console().print(table)


def _shown(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.4g} {unit}".strip() if value < 1000 else f"{value:,.0f} {unit}".strip()


def _machine() -> dict[str, Any]:
    processor = platform.processor() or platform.machine()
    return {
        "name": f"{os.cpu_count()} cores, {processor}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _merge(path: Path, more: dict[str, Any]) -> None:
    """Write `more` over what the file holds; rows that did not run keep their last result."""
    known = json.loads(path.read_text()) if path.exists() else {}
    if "rows" in more:
        more = {**more, "rows": {**known.get("rows", {}), **more["rows"]}}
    path.write_text(json.dumps({**known, **more}, indent=2, sort_keys=True) + "\n")


def _check(measured: dict[str, Measured], tolerance: float) -> int:
    accepted = json.loads(_BASELINE.read_text()) if _BASELINE.exists() else {}
    worse = [line for name, one in measured.items() if (line := _worse(name, one, accepted.get(name), tolerance))]
    for line in worse:
        print(line, file=sys.stderr)
    return 1 if worse else 0


def _worse(name: str, one: Measured, accepted: float | None, tolerance: float) -> str | None:
    """tolerance: 0.2 takes a ratio that is 20 % worse, 1 one that is half as good."""
    if accepted is None or one.ratio is None:
        return None
    limit = accepted / (1 + tolerance) if one.better == "higher" else accepted * (1 + tolerance)
    bad = one.ratio < limit if one.better == "higher" else one.ratio > limit
    return f"{name}: ratio {one.ratio:.3g}, accepted {accepted:.3g}: more than {tolerance:.0%} worse" if bad else None


if __name__ == "__main__":
    sys.exit(main())
