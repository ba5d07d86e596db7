"""`python -m benchmarks [ROW …]`: measure, print table and verdicts, write results.json; see README.md."""

from __future__ import annotations

import argparse
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

from rich.console import Console

from benchmarks.guard import BASELINE, accepted_ratios, guard
from benchmarks.harness import Measured, Row, load_rows, open_stage
from benchmarks.report import machine, merge, print_rows, print_verdicts, verdicts_of

_RESULTS = Path(__file__).parent / "results.json"


def main() -> int:
    """Exit code 1 when --check finds a ratio that is worse than the accepted one by more than the tolerance."""
    options = _options()
    rows = [row for row in load_rows().values() if any(fnmatch(row.name, pattern) for pattern in options.rows or ["*"])]
    rows = [row for row in rows if row.core or not options.core]
    if not rows:
        print(f"no row matches; there are: {', '.join(load_rows())}", file=sys.stderr)
        return 2
    measured, complaints = _measure(rows, options)
    found = verdicts_of(rows, measured)
    print_rows(rows, measured)
    print_verdicts(found)
    told = {name: one.as_json() for name, one in measured.items()}
    for name, one in told.items():
        one["verdicts"] = [verdict.as_json() for verdict in found if verdict.row == name]
    merge(_RESULTS, {"machine": machine(), "rows": told})
    if options.update:
        merge(BASELINE, {name: round(one.ratio, 4) for name, one in measured.items() if one.ratio is not None})
    for line in complaints:
        print(line, file=sys.stderr)
    return 1 if complaints else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help="names of rows, * allowed; all if none is given")
    parser.add_argument("--rounds", type=int, help="rounds of each row, whose median counts (default 5; with --core 3)")
    parser.add_argument("--core", action="store_true", help="only the rows of CPU time, some minutes in all")
    parser.add_argument("--check", action="store_true", help="fail when a ratio is worse than accepted, three times")
    parser.add_argument("--tolerance", type=float, default=20, metavar="PERCENT", help="how much worse (default 20)")
    parser.add_argument("--update", action="store_true", help="accept the ratios of this run")
    options = parser.parse_args()
    options.rounds = options.rounds or (3 if options.core else 5)
    return options


def _measure(rows: list[Row], options: argparse.Namespace) -> tuple[dict[str, Measured], list[str]]:
    console = Console(stderr=True)
    began = time.monotonic()

    def say(line: str) -> None:
        console.print(f"    {line}", style="dim", markup=False)

    with open_stage(options.rounds, say) as stage:

        def measure(row: Row) -> Measured:
            minutes = (time.monotonic() - began) / 60
            console.print(f"[{rows.index(row) + 1}/{len(rows)}] {minutes:.1f} min: {row.title}", markup=False)
            return row.measure(stage)

        if options.check:
            return guard(rows, measure, accepted_ratios(), options.tolerance / 100, say)
        return {row.name: measure(row) for row in rows}, []


if __name__ == "__main__":
    sys.exit(main())
