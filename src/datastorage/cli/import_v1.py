"""`datastorage import-v1`: what a database of Data Storage V1.0 holds, into this one."""

from __future__ import annotations

import hashlib
import json
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from addresses.postgres import AddressError, check, completed
from catalog.versions import version_key
from datastorage.cli.shared import CommandError, effective_settings, plain
from repository.errors import RepositoryError
from repository.migrations import pending
from repository.partitions import label
from repository.v1_import import Refused, V1Source, V1Target

__all__ = ["import_v1"]

_PORTION = 1000
_OTHERS = ("notification_audit", "remediation_workflow_catalog")
_SHOWN = 5


@click.command("import-v1")
@click.option("--from", "source", required=True, help="PostgreSQL with the database of V1.0; only read from.")
@click.option("--from-password-file", type=click.Path(exists=True, path_type=Path), help="File with its password.")
@click.option(
    "--rejected",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("import-v1.rejected"),
    show_default=True,
    help="Where rows go that this release does not take, with the reason.",
)
def import_v1(source: str, from_password_file: Path | None, rejected: Path) -> None:
    """Bring the events, notifications and workflows of a V1.0 database into this one, as the owner of its tables.

    Ids, times and every member stay as they are. It may be repeated, and goes on where it was interrupted: months that
    are complete are passed over, and what is stored already is left as it is. At the end the counts are compared; exit
    code 1 if something is missing here.
    """
    address = effective_settings().owner_address
    if not address:
        raise CommandError("set DATABASE_OWNER_URL (or DATABASE_URL) to the database to import into")
    try:
        check(source)
        if from_password_file:
            source = completed(source, from_password_file.read_text(encoding="utf-8").strip())
    except AddressError as error:
        raise CommandError(f"--from: {error}") from None
    try:
        if names := pending(address):
            raise CommandError(f"run `datastorage migrate` first: {len(names)} migrations are not applied")
        with closing(V1Source(source)) as v1:
            if not v1.tables:
                raise CommandError("--from: this is no database of Data Storage V1.0: none of its tables is there")
            missing = _Import(v1, address, rejected).run()
    except RepositoryError as error:
        raise CommandError(f"{error} (SQLSTATE {error.sqlstate}): the same command goes on where this ended") from None
    sys.exit(1 if missing else 0)


class _Import:
    """One import."""

    def __init__(self, source: V1Source, address: str, rejected: Path) -> None:
        self._source = source
        self._rejected = rejected
        self._refused: Counter[tuple[str, str]] = Counter()
        self._target = V1Target(address, self._refuse)
        self._new: Counter[str] = Counter()

    def run(self) -> bool:
        """Whether something that V1.0 has is missing here."""
        self._rejected.unlink(missing_ok=True)
        with closing(self._target):
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            with Progress(*columns, console=Console(stderr=True)) as progress:
                missing = self._events(progress) if "audit_events" in self._source.tables else False
                for table in _OTHERS:
                    if table in self._source.tables:
                        missing |= self._others(table, progress)
        for (table, why), count in self._refused.most_common(_SHOWN):
            click.echo(f"refused  {table}: {count} rows, {plain(why)}: see {self._rejected}", err=True)
        return missing

    def _events(self, progress: Progress) -> bool:
        months = self._source.months()
        task = progress.add_task("audit_events", total=sum(count for _, count in months))
        missing = False
        for month, count in months:
            self._target.make_month(month)
            before = self._target.known(month)
            if before < count:
                for lines in self._source.events(month, _PORTION):
                    self._new["audit_events"] += self._target.add_events(lines)
                    progress.advance(task, len(lines))
            else:
                progress.advance(task, count)
            known = self._target.known(month)
            if known < count:
                missing = True
                click.echo(f"audit_events {label(month)}: {known} of {count}")
        total = sum(count for _, count in months)
        click.echo(f"audit_events: {total} in V1.0, {self._new['audit_events']} new here")
        return missing

    def _others(self, table: str, progress: Progress) -> bool:
        total = self._source.count(table)
        task = progress.add_task(table, total=total)
        for lines in self._source.rows(table, _PORTION):
            if table == "notification_audit":
                self._new[table] += self._target.add_notifications(lines)
            else:
                self._new[table] += self._target.add_workflows(lines, _complete)
            progress.advance(task, len(lines))
        refused = sum(count for (name, _), count in self._refused.items() if name == table)
        click.echo(f"{table}: {total} in V1.0, {self._new[table]} new here, {refused} refused")
        return refused > 0

    def _refuse(self, one: Refused) -> None:
        self._refused[one.table, one.why] += 1
        with self._rejected.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"table": one.table, "key": one.key, "reason": one.why, "row": one.row}) + "\n")


def _complete(row: dict[str, Any]) -> None:
    """Give a workflow of V1.0 what it had not: a UUID and a name of its own, the order of versions, an engine."""
    if "workflow_name" not in row:  # the first schema: workflow_id was the name
        row["workflow_name"] = row["workflow_id"]
        row["workflow_id"] = str(uuid5(NAMESPACE_URL, f"workflow:{row['workflow_name']}:{row['version']}"))
    row["version_key"] = version_key(row["version"])
    row["execution_engine"] = row.get("execution_engine") or "tekton"
    row["content_hash"] = hashlib.sha256(row["content"].encode()).hexdigest()
    row["status"] = str(row["status"]).lower()
    if isinstance(row.get("description"), (dict, list)):
        row["description"] = json.dumps(row["description"], ensure_ascii=False)
    for name in ("labels", "custom_labels", "detected_labels"):
        row[name] = row.get(name) or {}
    row.pop("is_latest_version", None)  # a trigger keeps it
