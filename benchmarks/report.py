"""What a run shows: the table of rows, the verdicts on marks, and results.json."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.harness import Measured, Row
from benchmarks.marks import Verdict, verdicts

__all__ = ["machine", "merge", "print_rows", "print_verdicts", "verdicts_of"]


def machine() -> dict[str, Any]:
    """Where and when this was measured. load: of the minute before, for each core; this program's own included."""
    processor = platform.processor() or platform.machine()
    cores = os.cpu_count() or 1
    return {
        "name": f"{cores} cores, {processor}, {platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "load_per_core": round(os.getloadavg()[0] / cores, 2),
    }


def print_rows(rows: Sequence[Row], measured: Mapping[str, Measured]) -> None:
    """A line for each row that was measured."""
    table = Table(title=f"DataStorage on {machine()['name']}", title_justify="left")
    for column in ("row", "what", "median", "floor", "ratio", "mark"):
        table.add_column(column, no_wrap=column == "row")
    for row in rows:
        if one := measured.get(row.name):
            value, floor = _shown(one.value, one.unit), _shown(one.floor, one.unit)
            table.add_row(row.name, row.title, value, floor, _shown(one.ratio), row.mark)
    Console().print(table)


def verdicts_of(rows: Sequence[Row], measured: Mapping[str, Measured]) -> list[Verdict]:
    """The verdicts on the marks of these rows."""
    return [verdict for row in rows for verdict in verdicts(row.name, row.marks, measured.get(row.name))]


def print_verdicts(found: Sequence[Verdict]) -> None:
    """A line for each mark: met or missed, by how much, and against what."""
    table = Table(title="Marks", title_justify="left")
    for column in ("row", "mark", "measured", "of the mark", "verdict"):
        table.add_column(column, no_wrap=column in {"row", "verdict"})
    styles = {"met": "green", "missed": "red"}
    for one in found:
        number = _shown(one.number, one.mark.unit)
        table.add_row(one.row, str(one.mark), number, _shown(one.of_the_mark), one.word, style=styles.get(one.word))
    Console().print(table)


def _shown(value: float | None, unit: str = "") -> str:
    return "-" if value is None else f"{value:,.4g} {unit}".strip() if value < 1000 else f"{value:,.0f} {unit}".strip()


def merge(path: Path, more: dict[str, Any]) -> None:
    """Write `more` over what the file holds; rows that did not run keep their last result."""
    known = json.loads(path.read_text()) if path.exists() else {}
    if "rows" in more:
        more = {**more, "rows": {**known.get("rows", {}), **more["rows"]}}
    path.write_text(json.dumps({**known, **more}, indent=2, sort_keys=True) + "\n")
