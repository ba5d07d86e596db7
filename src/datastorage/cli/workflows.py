"""`datastorage workflows`: bring definitions into the catalog, list them, search them."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import httpx
import yaml
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from datastorage.cli.shared import CommandError, api_client, page_of, plain, require_success, url_option

__all__ = ["workflows"]

_PATH = "/api/v1/workflows"
_SUFFIXES = (".yaml", ".yml", ".json")
_LABELS = ("signal_type", "severity", "component", "environment", "priority")
_STYLES = {"exact": "green", "wildcard": "yellow", "conflict": "red", "missing": "dim", "ignored": "dim"}


class _Definition(NamedTuple):
    """One version to import, and where it stands."""

    place: str
    body: dict[str, Any]


@click.group()
def workflows() -> None:
    """Bring workflow definitions into the catalog, list and search them."""


@workflows.command("import")
@url_option
@click.argument("source", type=click.Path(exists=True, path_type=Path))
def import_definitions(url: str | None, source: Path) -> None:
    """Create the versions that SOURCE defines: a YAML or JSON file, or a directory of them.

    A file holds one definition, a list of them, or several YAML documents; content_hash may be left out. All are
    checked before the first is sent. A version that is in the catalog with the same content is left as it is, so an
    import can be repeated; with other content it is reported.
    """
    definitions = list(_definitions(source))
    _check(definitions)
    outcomes: Counter[str] = Counter()
    clashes = []
    console = Console(stderr=True)
    columns = (TextColumn("importing"), BarColumn(), MofNCompleteColumn())
    with api_client(url) as client, Progress(*columns, console=console) as progress:
        for definition in progress.track(definitions):
            outcome = _import(client, definition)
            outcomes[outcome] += 1
            if outcome == "different":
                clashes.append(definition)
    click.echo(f"{outcomes['created']} created, {outcomes['unchanged']} unchanged, {outcomes['different']} different")
    if clashes:
        listed = "\n".join(
            f"{one.place}: {one.body['workflow_name']} {one.body['version']} is in the catalog with other content; "
            "give it a new version"
            for one in clashes
        )
        raise CommandError(f"a version cannot be changed:\n{listed}")


def _definitions(source: Path) -> Iterator[_Definition]:
    files = sorted(p for p in source.rglob("*") if p.suffix in _SUFFIXES) if source.is_dir() else [source]
    if not files:
        raise CommandError(f"{source} has no {', '.join(_SUFFIXES)} files")
    for file in files:
        try:
            documents = [document for document in yaml.safe_load_all(file.read_text(encoding="utf-8")) if document]
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} is not YAML or JSON: {' '.join(str(error).split())}") from None
        bodies = [body for document in documents for body in (document if isinstance(document, list) else [document])]
        for number, body in enumerate(bodies, start=1):
            place = str(file) if len(bodies) == 1 else f"{file} ({number})"
            if not isinstance(body, dict):
                raise CommandError(f"{place} is not a mapping")
            yield _Definition(place, _complete(body))


def _complete(body: dict[str, Any]) -> dict[str, Any]:
    """The request body: what YAML reads as a date or number where text is meant is text again."""
    body = {name: str(value) if name in {"version", "previous_version"} else value for name, value in body.items()}
    if hasattr(body.get("approved_at"), "isoformat"):
        body["approved_at"] = body["approved_at"].isoformat()
    if isinstance(body.get("content"), str):
        body.setdefault("content_hash", hashlib.sha256(body["content"].encode()).hexdigest())
    return body


def _check(definitions: list[_Definition]) -> None:
    """Everything that is wrong with any of them, at once, before anything is sent."""
    from datastorage.edge.contract import Contract, load_spec

    schema = Contract(load_spec()[1]).operations["create_workflow"].body
    if schema is None:
        raise TypeError("create_workflow takes a body")
    faults = [
        f"{definition.place}: {violation.detail}"
        for definition in definitions
        for violation in schema.violations(definition.body, "definition")
    ]
    if faults:
        raise CommandError("nothing was imported:\n" + "\n".join(faults))


def _import(client: httpx.Client, definition: _Definition) -> str:
    """created, unchanged or different."""
    body = definition.body
    answer = client.post(_PATH, json=body)
    if answer.status_code != httpx.codes.CONFLICT:
        require_success(answer)
        return "created"
    listed = page_of(client, _PATH, {"name": body["workflow_name"], "limit": 1000})["workflows"]
    hashes = {one["content_hash"] for one in listed if one["version"] == body["version"]}
    return "unchanged" if body["content_hash"].lower() in hashes else "different"


@workflows.command("list")
@url_option
@click.option("--name", help="Versions of this workflow only.")
@click.option("--status", type=click.Choice(["active", "disabled", "deprecated", "archived"]))
@click.option("--latest", is_flag=True, help="Only the latest version of each.")
@click.option("--limit", type=click.IntRange(1, 1000), default=100, show_default=True, help="Rows of the table.")
def list_workflows(url: str | None, name: str | None, status: str | None, *, latest: bool, limit: int) -> None:
    """Versions in the catalog, newest first."""
    asked = {"name": name, "status": status, "latest_only": "true" if latest else None, "limit": limit}
    with api_client(url) as client:
        page = page_of(client, _PATH, {key: value for key, value in asked.items() if value is not None})
    table = Table("workflow", "version", "status", "signal", "severity", "title", box=None, header_style="bold")
    for one in page["workflows"]:
        latest_mark = " *" if one["is_latest_version"] else ""
        row = (one["workflow_name"], one["version"] + latest_mark, one["status"], *_cells(one["labels"]), one["name"])
        table.add_row(*map(plain, row))
    console = Console()
    console.print(table if page["workflows"] else "No workflows.")
    console.print(f"{len(page['workflows'])} of {page['total']}; * is the latest version", style="dim")


def _cells(labels: dict[str, str]) -> tuple[str, str]:
    return labels["signal_type"], labels["severity"]


def _label_options(command: Any) -> Any:
    for name in reversed(_LABELS):
        option = f"--{name.replace('_', '-')}"
        command = click.option(option, required=True, metavar="VALUE", help="Mandatory label.")(command)
    return command


@workflows.command()
@url_option
@_label_options
@click.option("--detected", multiple=True, metavar="LABEL=VALUE", help="A label that was detected; may be repeated.")
@click.option("--custom", multiple=True, metavar="KEY=VALUE", help="A custom label; may be repeated.")
@click.option("--top", type=click.IntRange(1, 100), default=10, show_default=True, help="Workflows to show.")
@click.option("--explain", is_flag=True, help="Show what every label gave.")
def search(
    url: str | None, *, detected: tuple[str, ...], custom: tuple[str, ...], top: int, explain: bool, **labels: str
) -> None:
    """The workflows whose labels fit best."""
    lists: dict[str, list[str]] = {}
    for key, value in map(_pair, custom):
        lists.setdefault(key, []).append(value)
    found_labels = {key: {"true": True, "false": False}.get(value, value) for key, value in map(_pair, detected)}
    filters = {**labels, "detected_labels": found_labels, "custom_labels": lists}
    with api_client(url) as client:
        answer = require_success(client.post(f"{_PATH}/search", json={"filters": filters, "top_k": top})).json()
    console = Console()
    if not answer["workflows"]:
        console.print("No workflow fits these labels.")
        return
    console.print(_ranking(answer["workflows"]))
    console.print(
        f"{len(answer['workflows'])} of {answer['total_results']} matches, weights {answer['weights']}", style="dim"
    )
    if explain:
        for one in answer["workflows"]:
            console.print(_explanation(one))


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise CommandError(f"{text} is not of the form LABEL=VALUE")
    return key, value


def _ranking(found: list[dict[str, Any]]) -> Table:
    table = Table("#", "score", "boost", "penalty", "workflow", "version", "title", box=None, header_style="bold")
    for one in found:
        numbers = (
            str(one["rank"]),
            f"{one['final_score']:.4f}",
            f"{one['label_boost']:.3f}",
            f"{one['label_penalty']:.3f}",
        )
        table.add_row(*numbers, *(plain(one[name]) for name in ("workflow_name", "workflow_version", "title")))
    return table


def _explanation(one: dict[str, Any]) -> Table:
    title = f"{plain(one['workflow_name'])} {plain(one['workflow_version'])}: {one['final_score']:.4f}"
    table = Table("label", "asked for", "workflow has", "match", "points", title=title, title_justify="left", box=None)
    for line in one["score_breakdown"]:
        match = line["match"]
        has = "-" if line["workflow"] is None else plain(line["workflow"])
        cells = (plain(line["label"]), plain(line["query"]), has, f"[{_STYLES[match]}]{match}[/]")
        table.add_row(*cells, f"{line['points']:+.3f}")
    return table
