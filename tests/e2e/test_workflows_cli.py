"""`datastorage workflows` against a running service."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fixtures.service import Service

DEFINITION = """
workflow_name: {name}
version: {version}
name: Restart [bold]after[/] OOM
description: Restarts.
content: |
  kind: Workflow
  {content}
labels: {{signal_type: OOMKilled, severity: critical, component: deployment, environment: production, priority: P0}}
execution_engine: tekton
custom_labels: {{team: [payments]}}
"""
SEARCH = [
    "search", "--signal-type", "OOMKilled", "--severity", "critical", "--component", "deployment",
    "--environment", "production", "--priority", "P0",
]  # fmt: skip


def cli(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", "workflows", *arguments, "--url", service.url]
    environment = service.environment | {"COLUMNS": "140"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


def write(path: Path, name: str, version: str = "1.0.0", content: str = "steps") -> Path:
    path.write_text(DEFINITION.format(name=name, version=version, content=content))
    return path


def test_definitions_are_imported_once_listed_and_found(service: Service, tmp_path: Path) -> None:
    write(tmp_path / "one.yaml", "one")
    nested = tmp_path / "more"
    nested.mkdir()
    both = (
        write(nested / "both.yml", "two").read_text()
        + "---"
        + DEFINITION.format(name="two", version="1.1", content="x")
    )
    (nested / "both.yml").write_text(both)
    first = cli(service, "import", str(tmp_path))
    assert first.stdout == "3 created, 0 unchanged, 0 different\n", first.stderr
    assert "3/3" in first.stderr
    assert cli(service, "import", str(tmp_path)).stdout == "0 created, 3 unchanged, 0 different\n"

    listed = cli(service, "list", "--latest").stdout
    assert "1.1 *" in listed
    assert "1.0.0 *" in listed
    assert "Restart [bold]after[/] OOM" in listed, "text of others styles nothing"
    assert "2 of 2" in listed

    found = cli(service, *SEARCH, "--detected", "gitOpsManaged=true", "--custom", "team=payments", "--explain").stdout
    assert "0.4950" in found
    assert "gitOpsManaged" in found
    assert "-0.100" in found
    assert "+0.050" in found
    assert "No workflow fits" in cli(service, *SEARCH[:-1], "P3").stdout


def test_a_version_with_other_content_is_reported(service: Service, tmp_path: Path) -> None:
    file = write(tmp_path / "one.yaml", "one")
    cli(service, "import", str(file))
    write(file, "one", content="changed")
    again = cli(service, "import", str(file))
    assert again.returncode == 2
    assert again.stdout == "0 created, 0 unchanged, 1 different\n"
    assert "one.yaml: one 1.0.0 is in the catalog with other content; give it a new version" in again.stderr


def test_nothing_is_sent_before_all_is_right(service: Service, tmp_path: Path) -> None:
    write(tmp_path / "a.yaml", "good")
    bad = (
        write(tmp_path / "b.yaml", "bad")
        .read_text()
        .replace("critical", "High")
        .replace("execution_engine: tekton", "")
    )
    (tmp_path / "b.yaml").write_text(bad)
    refused = cli(service, "import", str(tmp_path))
    assert refused.returncode == 2
    assert "nothing was imported" in refused.stderr
    assert "b.yaml: severity must be one of critical, high, medium, low" in refused.stderr
    assert "b.yaml: execution_engine is required" in refused.stderr
    assert "No workflows." in cli(service, "list").stdout
    (tmp_path / "b.yaml").write_text("{")
    assert "b.yaml is not YAML or JSON" in cli(service, "import", str(tmp_path)).stderr
