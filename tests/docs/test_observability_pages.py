"""Runbook, rules, dashboard and log pages belong together."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy/prometheus/rules.yaml").read_text())
ALERTS = {rule["alert"]: rule for group in RULES["groups"] for rule in group["rules"] if "alert" in rule}
DASHBOARD: dict[str, Any] = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text())
RUNBOOK = (ROOT / "docs/runbook.md").read_text()


@pytest.mark.parametrize("name", ALERTS)
def test_each_alert_has_a_severity_a_summary_and_its_section_of_the_runbook(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in {"warning", "critical"}
    assert alert["annotations"]["summary"]
    page, anchor = alert["annotations"]["runbook_url"].split("#")
    assert page == "docs/runbook.md"
    sections = {heading.lower(): heading for heading in re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)}
    assert sections[anchor] == name


def test_the_runbook_names_no_alert_and_no_metric_that_does_not_exist() -> None:
    assert set(re.findall(r"\bDataStorage[A-Z]\w+", RUNBOOK)) == set(ALERTS)
    documented = (ROOT / "docs/metrics.md").read_text()
    recorded = {rule["record"] for group in RULES["groups"] for rule in group["rules"] if "record" in rule}
    assert set(re.findall(r"datastorage:\w+:\w+", RUNBOOK)) <= recorded
    for name in re.findall(r"\b(?:datastorage|process)_[a-z_]+", RUNBOOK):
        assert f"`{re.sub('_bucket$', '', name)}`" in documented, name


def test_panels_have_ids_of_their_own_and_do_not_overlap() -> None:
    panels = DASHBOARD["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken: set[tuple[int, int]] = set()
    for panel in panels:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert taken.isdisjoint(cells), panel["title"]
        taken |= cells


def test_every_panel_asks_its_own_data_source_for_the_chosen_instances() -> None:
    variables = {variable["name"] for variable in DASHBOARD["templating"]["list"]}
    assert variables == {"datasource", "job", "instance"}
    for panel in DASHBOARD["panels"]:
        assert panel["type"] in {"row", "timeseries", "stat"}
        letters = [target["refId"] for target in panel.get("targets", ())]
        assert len(set(letters)) == len(letters)
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == "${datasource}"
            assert 'job=~"$job"' in target["expr"] or target["expr"].startswith("datastorage:")
    rows = [panel["title"] for panel in DASHBOARD["panels"] if panel["type"] == "row"]
    assert rows[0] == "Service level objectives"
    assert {"Writes", "Queue", "Connections to PostgreSQL", "Queries", "Workflow catalog", "Process"} <= set(rows)
