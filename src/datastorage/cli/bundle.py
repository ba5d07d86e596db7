"""`datastorage bundle`: one file for whoever helps, without payloads and without secrets."""

from __future__ import annotations

import io
import json
import platform
import tarfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import click
import httpx
import psycopg
import yaml

from datastorage import __version__
from datastorage.cli.shared import CommandError, api_client, credentials_hint, effective_settings, url_option
from datastorage.settings import Settings, redacted
from repository.sql import load

__all__ = ["bundle"]

_SLOW = load("slow_statements")
_PAGES = {
    "health.json": "/health",
    "ready.json": "/health/ready",
    "partitions.json": "/api/v1/partitions",
    "queue.json": "/api/v1/dlq",
    "metrics.txt": "/metrics",
}
#: Lines of a log that are looked at, from its end, and warnings of them that are kept.
_TAIL_BYTES, _WARNINGS = 8 * 1024 * 1024, 500
_SEVERE = frozenset(("warning", "error", "critical"))


@click.command()
@url_option
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="The file. [default: a name of its own]"
)
@click.option(
    "--log", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The service's log (JSON lines)."
)
def bundle(url: str | None, output: Path | None, log: Path | None) -> None:
    """Collect what support needs: versions, settings, health, metrics, months, queue, slow statements, warnings.

    Passwords and keys are left out of the settings; no audit event and no payload is read. Statements come from
    pg_stat_statements where PostgreSQL has it, without the values in them. A part that cannot be had says why.
    """
    settings = effective_settings()
    now = datetime.now(UTC)
    target = output or Path(f"datastorage-bundle-{now:%Y%m%dT%H%M%SZ}.tar.gz")
    parts: dict[str, str] = {
        "versions.json": _json(_versions(now)),
        "settings.yaml": yaml.safe_dump(redacted(settings), sort_keys=False),
        "statements.json": _said(lambda: _json(_statements(settings))),
        "warnings.jsonl": _said(lambda: "\n".join(_warnings(log)))
        if log
        else "no log was given: name one with --log\n",
    }
    with api_client(url) as client:
        answers = {name: client.get(path) for name, path in _PAGES.items()}
    parts |= {name: _page(answer) for name, answer in answers.items()}
    _write(target, parts)
    click.echo(f"{target}: {', '.join(sorted(parts))}")
    for name, answer in answers.items():
        if hint := credentials_hint(answer.status_code):
            click.echo(f"{name} holds only the refusal {answer.status_code}.{hint}", err=True)


def _versions(now: datetime) -> dict[str, Any]:
    return {
        "collected_at": now.isoformat(),
        "datastorage": __version__,
        "python": platform.python_version(),
        "system": platform.platform(),
        "packages": {found.name: found.version for found in sorted(distributions(), key=lambda one: one.name.lower())},
    }


def _page(answer: httpx.Response) -> str:
    path = answer.request.url.path
    if path == _PAGES["metrics.txt"]:
        return answer.text
    try:
        return _json({"status": answer.status_code, "body": answer.json()})
    except ValueError:
        return f"{path} answered {answer.status_code} and no JSON\n"


def _said(part: Callable[[], str]) -> str:
    """What `part` returns, or why it could not be had."""
    try:
        return part()
    except (psycopg.Error, OSError) as error:
        return f"not to be had: {type(error).__name__}\n"  # the driver's text may name hosts and users


def _statements(settings: Settings) -> list[dict[str, Any]] | str:
    if settings.database_url is None:
        return "DATABASE_URL is not set here"
    address = settings.direct_address
    with psycopg.connect(address, connect_timeout=5, row_factory=psycopg.rows.dict_row) as connection:
        has = connection.execute("SELECT FROM pg_extension WHERE extname = 'pg_stat_statements'").fetchone()
        if has is None:
            return "PostgreSQL does not have the extension pg_stat_statements in this database"
        return connection.execute(_SLOW).fetchall()


def _warnings(log: Path) -> list[str]:
    """The newest lines of a log that are warnings or worse."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    return [line for line in lines if _is_severe(line)][-_WARNINGS:]


def _is_severe(line: str) -> bool:
    try:
        found = json.loads(line)
    except ValueError:
        return False
    return isinstance(found, dict) and found.get("level") in _SEVERE


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, default=str) + "\n"


def _write(target: Path, parts: dict[str, str]) -> None:
    try:
        with tarfile.open(target, "w:gz") as archive:
            for info, content in _members(parts):
                archive.addfile(info, io.BytesIO(content))
    except OSError as error:
        raise CommandError(f"{target} cannot be written: {error.strerror}") from None
    target.chmod(0o600)


def _members(parts: dict[str, str]) -> Iterator[tuple[tarfile.TarInfo, bytes]]:
    for name, text in sorted(parts.items()):
        content = text.encode()
        info = tarfile.TarInfo(f"datastorage-bundle/{name}")
        info.size, info.mtime, info.mode = len(content), int(time.time()), 0o600
        yield info, content
