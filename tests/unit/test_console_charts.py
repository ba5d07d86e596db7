"""Geometry of the charts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from console.charts import BOTTOM, HEIGHT, TOP, line, nice_ceiling, stacked

AT = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (3, 5), (11, 20), (100, 100), (51, 100), (0.3, 1)])
def test_an_axis_ends_at_a_round_number(value: float, top: float) -> None:
    assert nice_ceiling(value) == top


def test_a_column_stacks_its_parts_without_overlap() -> None:
    chart = stacked({(AT, "success"): 6, (AT, "failure"): 4}, ("success", "failure"), AT, AT + 3 * MINUTE, MINUTE)
    below, above = chart.bars
    assert below.y + below.height == pytest.approx(HEIGHT - BOTTOM)
    assert above.y + above.height == pytest.approx(below.y)
    assert above.y == pytest.approx(TOP)
    assert len(chart.columns) == 3
    assert chart.columns[0][3] == "6 success, 4 failure"
    assert chart.totals == {"success": 6, "failure": 4}


def test_a_window_begins_with_the_step_that_it_begins_in() -> None:
    chart = stacked({(AT, "success"): 1}, ("success",), AT + timedelta(seconds=30), AT + 2 * MINUTE, MINUTE)
    assert chart.columns[0][2] == AT
    assert len(chart.bars) == 1


def test_a_line_runs_from_the_first_value_to_the_last() -> None:
    chart = line([(AT, 0), (AT + MINUTE, 5)], least_top=5)
    assert chart.points.split()[-1] == f"720.0,{TOP}.0"
    assert chart.points.split()[0].endswith(f",{HEIGHT - BOTTOM}.0")
