"""The dashboard against the schema of Grafana 11.6, as its own SDK (generated from Grafana's CUE definitions) knows it.

Grafana itself is in none of the registries that this suite reaches; what the schema does not know, Grafana ignores.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from grafana_foundation_sdk.cog import plugins
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.dashboard import Dashboard

DASHBOARD = Path(__file__).parents[2] / "deploy" / "grafana" / "dashboard.json"


def unknown(document: dict[str, Any]) -> list[str]:
    """Members and values that do not survive the way through the schema's classes."""
    plugins.register_default_plugins()
    return list(_lost(document, json.loads(JSONEncoder().encode(Dashboard.from_json(document))), ""))


def _lost(sent: Any, read: Any, place: str) -> Iterator[str]:
    if isinstance(sent, dict) and isinstance(read, dict):
        for name, value in sent.items():
            if name in read:
                yield from _lost(value, read[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}"
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for number, (one, other) in enumerate(zip(sent, read, strict=True)):
            yield from _lost(one, other, f"{place}/{number}")
    elif sent != read:
        yield place


def test_grafana_knows_every_member_of_the_dashboard() -> None:
    assert unknown(json.loads(DASHBOARD.read_text())) == []


def test_a_misspelt_member_is_found() -> None:
    document = json.loads(DASHBOARD.read_text())
    panels = [panel for panel in document["panels"] if panel["type"] == "timeseries"]
    panels[0]["gridpos"] = panels[0].pop("gridPos")
    panels[1]["options"]["legend"]["show"] = True
    panels[2]["targets"][0]["expression"] = "up"
    lost = {place.rpartition("/")[2] for place in unknown(document)}
    assert lost == {"gridpos", "show", "expression"}
