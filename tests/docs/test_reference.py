"""The reference pages say what the code does: each setting, metric and problem has its line."""

import re
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase

from datastorage.settings import Settings, variable_of
from telemetry import metrics
from web.problems import CATALOGUE, ProblemKind

DOCS = Path(__file__).parents[2] / "docs"


def _rows(page: str) -> dict[str, list[str]]:
    """The page's table rows by the name in their first cell."""
    lines = (DOCS / page).read_text().splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")]
    return {row[0].strip("| `"): row for row in cells}


def _default(value: object) -> str:
    if isinstance(value, tuple) and value:
        return "`" + ",".join(f"{part:g}" for part in value) + "`"
    return "none" if value is None or value == () else f"`{value}`"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_a_settings_line_has_its_variable_default_and_description(name: str) -> None:
    field = Settings.model_fields[name]
    _, variable, default, meaning = _rows("configuration.md")[name]
    assert (variable, default) == (f"`{variable_of(name)}`", _default(field.default))
    assert meaning.rstrip(" |") == field.description


def test_no_line_documents_a_setting_that_does_not_exist() -> None:
    documented = {name for name, row in _rows("configuration.md").items() if len(row) == 4}
    assert documented == set(Settings.model_fields)


def _metrics() -> dict[str, MetricWrapperBase]:
    found = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    return {one._name + ("_total" if one._type == "counter" else ""): one for one in found}


def test_every_metric_has_its_line_and_every_line_its_metric() -> None:
    rows = {name: row for name, row in _rows("metrics.md").items() if len(row) == 4}
    assert set(rows) == set(_metrics())
    for name, metric in _metrics().items():
        labels = re.findall(r"`([a-z_]+)`", rows[name][2])
        assert (rows[name][1], labels) == (metric._type, list(metric._labelnames)), name


@pytest.mark.parametrize("kind", CATALOGUE.values(), ids=lambda kind: kind.slug)
def test_every_problem_is_documented_as_the_service_explains_it(kind: ProblemKind) -> None:
    row = [cell.rstrip(" |") for cell in _rows("problems.md")[kind.slug]]
    assert row[1:] == [str(kind.status), kind.title, kind.advice]
