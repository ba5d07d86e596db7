"""`datastorage import`: what `events --export` wrote comes back whole, once, and whatever interrupts it."""

import json
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import psycopg
import pytest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, clean_environment

YEAR = 366 * 86400
#: What the service sets at the import, and rightly not as it was.
OF_THE_RECORDING = {"recorded_at"}


@pytest.fixture(scope="module")
def source(module_database_url, module_queue_url):
    settings = {"event_max_age": YEAR}
    with Service(database_url=module_database_url, redis_url=module_queue_url, settings=settings) as service:
        yield service


@pytest.fixture(scope="module")
def recent(module_database_url, module_queue_url):
    """A service that takes events of the last days only."""
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


def command(url, *arguments):
    return [sys.executable, "-m", "datastorage", *arguments, "--url", url]


def datastorage(url, *arguments):
    return subprocess.run(
        command(url, *arguments), env=clean_environment(), capture_output=True, text=True, check=False, timeout=110
    )


def export(service, target, **filters):
    options = [part for name, value in filters.items() for part in (f"--{name}", value)]
    ended = datastorage(service.url, "events", "--export", str(target), *options)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line, parse_float=str) for line in target.read_bytes().splitlines()]


def without(events):
    return sorted(
        ({name: value for name, value in one.items() if name not in OF_THE_RECORDING} for one in events),
        key=lambda one: one["event_id"],
    )


def record(service, *bodies):
    answer = service.client.post("/api/v1/audit/events/batch", json=bodies)
    assert answer.status_code == 201, answer.text
    return answer.json()["event_ids"]


def complete(correlation_id):
    """Bodies that use every member, of several months, with a parent that is later than its child."""
    now = datetime.now(UTC)
    parent = str(uuid4())
    yield event_body({"correlation_id": correlation_id, "event_id": parent, "event_timestamp": now.isoformat()})
    for days in (0.5, 40, 100):
        at = (now - timedelta(days=days)).isoformat()
        yield event_body({
            "correlation_id": correlation_id, "event_timestamp": at, "parent_event_id": parent,
            "actor_type": "user", "actor_id": "ann", "resource_type": "pod", "resource_id": "p-1", "severity": None,
            "namespace": "n", "cluster_name": "c", "duration_ms": 5, "error_code": "E", "error_message": "é\u2028",
            "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "span_id": "00f067aa0ba902b7",
            "event_data": {"big": 2**70, "deep": {"list": [1, None, True]}, "text": "\u2028\U0001f600"},
        })  # fmt: skip


def test_an_export_comes_back_without_loss(source, start_service, tmp_path):
    correlation_id = f"trip-{uuid4()}"
    record(source, *complete(correlation_id))
    exact = f'{{"k": 0.1000000000000000055511151231257827, "c": "{correlation_id}"}}'
    body = json.dumps(event_body({"correlation_id": correlation_id, "event_data": "DATA"})).replace('"DATA"', exact)
    answer = httpx.post(f"{source.url}/api/v1/audit/events", content=body, headers={"content-type": "application/json"})
    assert answer.status_code == 201
    exported = export(source, tmp_path / "a.ndjson", **{"correlation-id": correlation_id})
    assert len(exported) == 5

    target = start_service(settings={"event_max_age": YEAR})
    ended = datastorage(target.url, "import", str(tmp_path / "a.ndjson"))
    assert ended.returncode == 0, ended.stderr
    assert "5 stored, 0 known before, 0 refused" in ended.stdout
    again = export(target, tmp_path / "b.ndjson")
    assert without(again) == without(exported)
    assert "0.1000000000000000055511151231257827" in (tmp_path / "b.ndjson").read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.ndjson", "b.ndjson"]

    ended = datastorage(target.url, "import", str(tmp_path / "a.ndjson"))
    assert "0 stored, 5 known before, 0 refused" in ended.stdout
    assert len(export(target, tmp_path / "c.ndjson")) == 5


def test_events_that_are_too_old_are_refused_with_advice_and_the_others_stored(recent, tmp_path):
    old = {"event_timestamp": (datetime.now(UTC) - timedelta(days=30)).isoformat()}
    lines = [event_body({"correlation_id": "old", **old}), event_body({"correlation_id": "new"})]
    file = tmp_path / "f.ndjson"
    file.write_text("\n".join([*map(json.dumps, lines), "", "not json", '{"version": "1.0"']))
    ended = datastorage(recent.url, "import", str(file))
    assert ended.returncode == 1
    assert "1 stored, 0 known before, 3 refused" in ended.stdout
    assert "DATASTORAGE_EVENT_MAX_AGE" in ended.stderr
    refused = [json.loads(line) for line in (tmp_path / "f.ndjson.rejected").read_text().splitlines()]
    assert sorted(one["line"] for one in refused) == [1, 4, 5]
    by_line = {one["line"]: one for one in refused}
    assert "timestamp is too old" in by_line[1]["reason"]
    assert json.loads(by_line[1]["text"]) == lines[0]
    assert "not a JSON object" in by_line[4]["reason"]


def test_a_child_without_its_parent_is_refused_by_name(recent, tmp_path):
    file = tmp_path / "f.ndjson"
    file.write_text(json.dumps(event_body({"correlation_id": "orphan", "parent_event_id": str(uuid4())})))
    ended = datastorage(recent.url, "import", str(file))
    assert ended.returncode == 1
    assert "parent_event_id names no event" in (tmp_path / "f.ndjson.rejected").read_text()


def stored(database_url, correlation_id):
    statement = "SELECT count(*), count(DISTINCT event_data->>'n') FROM audit_events WHERE correlation_id = %s"
    with psycopg.connect(database_url) as connection:
        return connection.execute(statement, [correlation_id]).fetchone()


def test_an_interrupted_import_goes_on_where_it_stopped(recent, module_database_url, tmp_path):
    correlation_id, count = f"resume-{uuid4()}", 6000
    file = tmp_path / "f.ndjson"
    bodies = (event_body({"correlation_id": correlation_id, "event_data": {"n": n}}) for n in range(count))
    file.write_text("".join(json.dumps(body) + "\n" for body in bodies))
    process = subprocess.Popen(command(recent.url, "import", str(file)), env=clean_environment())
    eventually_sync((tmp_path / "f.ndjson.import").exists, timeout=60)
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    assert 0 < json.loads((tmp_path / "f.ndjson.import").read_text())["lines"] < count
    ended = datastorage(recent.url, "import", str(file))
    assert ended.returncode == 0, ended.stderr
    assert "going on after line" in ended.stderr
    eventually_sync(lambda: stored(module_database_url, correlation_id) == (count, count), timeout=30)
    assert not (tmp_path / "f.ndjson.import").exists()


def test_a_service_that_restarts_is_waited_for(start_service, database_url, tmp_path):
    service = start_service()
    correlation_id, count = f"wait-{uuid4()}", 3000
    file = tmp_path / "f.ndjson"
    bodies = (event_body({"correlation_id": correlation_id, "event_data": {"n": n}}) for n in range(count))
    file.write_text("".join(json.dumps(body) + "\n" for body in bodies))
    service.kill()
    process = subprocess.Popen(command(service.url, "import", str(file)), env=clean_environment())
    service.start()
    assert process.wait(110) == 0
    eventually_sync(lambda: stored(database_url, correlation_id) == (count, count), timeout=30)


def test_a_service_that_stays_away_is_said(tmp_path):
    file = tmp_path / "f.ndjson"
    file.write_text(json.dumps(event_body({"correlation_id": "x"})))
    ended = datastorage("http://127.0.0.1:9", "import", str(file), "--patience", "0")
    assert ended.returncode == 2
    assert "nothing answers" in ended.stderr
