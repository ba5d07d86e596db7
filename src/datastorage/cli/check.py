"""`datastorage check`: is a deployment well? A small write, its reading, and a look at queue, months and metrics."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import click
import httpx
from rich.console import Console
from rich.table import Table

from datastorage.cli.shared import api_client, credentials_hint, plain, url_option

__all__ = ["check"]

_EVENTS = "/api/v1/audit/events"
_STYLES = {"ok": "green", "warning": "yellow", "failed": "bold red"}
_SERIES = (
    "datastorage_audit_traces_total",
    "datastorage_http_requests_total",
    "datastorage_db_max_open_connections",
    "datastorage_dlq_depth",
    "datastorage_partition_horizon_days",
)
#: Days of months ahead below which the alert DataStoragePartitionHorizonShort fires.
_HORIZON = 35


class Verdict(NamedTuple):
    """What one step found. word: ok, warning (it works, and somebody should look) or failed."""

    word: str
    finding: str


class _Failed(Exception):  # noqa: N818 - raised and caught here only
    """A step found something else than it must."""


Step = Callable[[httpx.Client, dict[str, Any]], Verdict]


@click.command()
@url_option
def check(url: str | None) -> None:
    """Check a deployment: write, read, batch, queue, months, metrics, with a verdict for each.

    Five events with a correlation_id of their own (`check-...`) stay in the audit trail. Exit code 0 when nothing
    failed, 1 otherwise; warnings do not fail. Run it after each deployment. Where authentication is on it needs a key
    with the scopes audit:write, audit:read and ops:read.
    """
    with api_client(url) as client:
        verdicts = list(_run(client))
    _show(verdicts)
    failed = [name for name, verdict in verdicts if verdict.word == "failed"]
    click.echo(f"{len(verdicts) - len(failed)} of {len(verdicts)} steps passed" + _named(failed))
    sys.exit(1 if failed else 0)


def _named(failed: list[str]) -> str:
    return f"; failed: {', '.join(failed)}" if failed else ""


def _run(client: httpx.Client) -> Iterator[tuple[str, Verdict]]:
    found: dict[str, Any] = {"correlation": f"check-{uuid.uuid4()}"}
    for name, step in _STEPS.items():
        try:
            yield name, step(client, found)
        except _Failed as failure:
            yield name, Verdict("failed", str(failure))
        except (ValueError, KeyError, TypeError, IndexError) as error:
            yield name, Verdict("failed", f"the answer is not DataStorage's: {type(error).__name__} {error}"[:120])


def _health(client: httpx.Client, _found: dict[str, Any]) -> Verdict:
    answer = client.get("/health/ready")
    told = answer.json()
    if answer.status_code != httpx.codes.OK:
        raise _Failed(f"not ready: {told.get('reason', told)}")
    findings = list(told.get("warnings", ()))
    if told["status"] == "degraded":
        findings.insert(0, f"degraded: {_pairs(told['components'])}")
    return Verdict("warning", "; ".join(findings)) if findings else Verdict("ok", "ready")


def _write(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    found["event"] = _event(found, event_id=str(uuid.uuid4()))
    answer = client.post(_EVENTS, json=found["event"])
    _require(answer, 201, 202)
    if answer.status_code == httpx.codes.ACCEPTED:
        return Verdict("warning", "202: queued, PostgreSQL does not take it now")
    return Verdict("ok", f"201 in {_milliseconds(answer)}")


def _repeat(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    answer = client.post(_EVENTS, json=found["event"])
    _require(answer, 200, 202)
    return Verdict("ok", f"{answer.status_code}: not stored twice")


def _refuse(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    answer = client.post(_EVENTS, json=_event(found, event_outcome="invented"))
    _require(answer, 400)
    return Verdict("ok", f"400 names {', '.join(answer.json()['field_errors'])}")


def _batch(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    answer = client.post(f"{_EVENTS}/batch", json=[_event(found) for _ in range(4)])
    _require(answer, 201, 202)
    word = "ok" if answer.status_code == httpx.codes.CREATED else "warning"
    return Verdict(word, f"{answer.json()['message']} in {_milliseconds(answer)}")


def _query(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    answer = client.get(_EVENTS, params={"correlation_id": found["correlation"]})
    _require(answer, 200)
    total = answer.json()["pagination"]["total"]
    if total == len(_SENT):
        return Verdict("ok", f"{total} events in {_milliseconds(answer)}")
    return Verdict("warning", f"{total} of {len(_SENT)} events so far: a standby lags, or they are queued")


def _read(client: httpx.Client, found: dict[str, Any]) -> Verdict:
    answer = client.get(f"{_EVENTS}/{found['event']['event_id']}")
    if answer.status_code == httpx.codes.NOT_FOUND:
        receipt = client.get(f"{_EVENTS}/{found['event']['event_id']}/receipt")
        _require(receipt, 200)
        return Verdict("warning", f"its receipt says {receipt.json()['state']}")
    _require(answer, 200)
    stored = answer.json()
    different = [
        name for name in ("event_data", "correlation_id", "event_type") if stored[name] != found["event"][name]
    ]
    if different:
        raise _Failed(f"it came back with another {', '.join(different)}")
    return Verdict("ok", f"as it was sent, in {_milliseconds(answer)}")


def _queue(client: httpx.Client, _found: dict[str, Any]) -> Verdict:
    answer = client.get("/api/v1/dlq")
    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
        return Verdict("warning", "Redis does not answer: nothing can be queued")
    _require(answer, 200)
    streams = answer.json()["streams"]
    told = "; ".join(
        f"{one['name']} {one['depth']}/{one['capacity']}, {one['dead_letters']} dead letters" for one in streams
    )
    return Verdict("warning" if any(one["depth"] or one["dead_letters"] for one in streams) else "ok", told)


def _months(client: httpx.Client, _found: dict[str, Any]) -> Verdict:
    answer = client.get("/api/v1/partitions")
    _require(answer, 200)
    months = [one for one in answer.json()["partitions"] if not one.get("archived")]
    broken = [f"{one['partition']} {one['status']}" for one in months if one["status"] != "available"]
    if broken:
        return Verdict("warning", f"their events are queued: {', '.join(broken)}")
    if not months:
        raise _Failed("there is no month at all: was `datastorage migrate` run?")
    return Verdict("ok", f"{months[0]['partition']} to {months[-1]['partition']}, all available")


def _metrics(client: httpx.Client, _found: dict[str, Any]) -> Verdict:
    answer = client.get("/metrics")
    _require(answer, 200)
    absent = [name for name in _SERIES if f"\n{name}" not in answer.text]
    if absent:
        raise _Failed(f"not in the scrape: {', '.join(absent)}")
    horizon = min(
        float(line.rpartition(" ")[2]) for line in answer.text.splitlines() if line.startswith(f"{_SERIES[-1]} ")
    )
    word = "ok" if horizon >= _HORIZON else "warning"
    return Verdict(word, f"{answer.text.count('# TYPE datastorage_')} metrics; months ready for {horizon:g} days")


_STEPS: dict[str, Step] = {
    "readiness": _health,
    "write": _write,
    "repeated write": _repeat,
    "refusal of a bad event": _refuse,
    "batch": _batch,
    "read by id": _read,
    "query": _query,
    "queue": _queue,
    "months": _months,
    "metrics": _metrics,
}
#: Events that the steps leave behind.
_SENT = ("write", *["batch"] * 4)


def _event(found: dict[str, Any], **more: object) -> dict[str, object]:
    return {
        "version": "1.0",
        "event_type": "orchestration.deployment.checked",
        "event_category": "orchestration",
        "event_action": "checked",
        "event_outcome": "success",
        "correlation_id": found["correlation"],
        "event_timestamp": datetime.now(UTC).isoformat(),
        "event_data": {"by": "datastorage check", "digits": 9007199254740993},
        **more,
    }


def _require(answer: httpx.Response, *statuses: int) -> None:
    if answer.status_code in statuses:
        return
    try:
        detail = answer.json().get("detail", "")
    except ValueError:
        detail = answer.text[:80]
    told = f"{answer.status_code} instead of {' or '.join(map(str, statuses))}: {detail}"[:200]
    raise _Failed(told + credentials_hint(answer.status_code))


def _milliseconds(answer: httpx.Response) -> str:
    return f"{answer.elapsed.total_seconds() * 1000:.0f} ms"


def _pairs(told: dict[str, Any]) -> str:
    return ", ".join(f"{name} {state}" for name, state in told.items())


def _show(verdicts: list[tuple[str, Verdict]]) -> None:
    table = Table("step", "verdict", "finding", box=None, pad_edge=False)
    for name, verdict in verdicts:
        table.add_row(name, f"[{_STYLES[verdict.word]}]{verdict.word}[/]", plain(verdict.finding))
    Console().print(table)
