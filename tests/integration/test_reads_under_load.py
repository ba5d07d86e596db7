"""Reads beside writes: exports, slow queries, clients that leave, standbys, and the command line."""

from __future__ import annotations

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
from psycopg import sql

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.reading import insert_events
from tests.fixtures.service import Service, StartService, clean_environment

PATH = "/api/v1/audit/events"
NOW = datetime.now(UTC)
MONTH_AHEAD = f"audit_events_{NOW + timedelta(days=75):%Y_%m}"
FILL = """
    INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
        event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, event_data)
    SELECT gen_random_uuid(), '1.0', %(at)s::timestamptz + n * interval '1 millisecond', %(at)s::date, 't', 'gateway',
        'a', 'success', 'service', 's', 'r', 'r', %(correlation)s, jsonb_build_object('n', n, 'text', repeat('x', 500))
    FROM generate_series(1, %(count)s) AS n
"""


def event(**more: object) -> dict[str, Any]:
    return event_body({"correlation_id": "c-1", **more})


def fill(url: str, count: int, correlation: str) -> None:
    at = NOW.replace(hour=0, minute=0, second=0, microsecond=0)
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as connection:
        connection.execute(FILL, {"at": at, "count": count, "correlation": correlation})


def exporting(url: str) -> int:
    """Server-side cursors that are open in the test's database."""
    statement = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'datastorage reads' AND xact_start IS NOT NULL
    """
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else 0


def worker_rss(service: Service) -> float:
    """Resident memory of the only worker, in MB."""
    worker, _sealer = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    status = Path(f"/proc/{worker}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024


def test_an_export_of_any_size_takes_constant_memory(start_service: StartService, database_url: str) -> None:
    fill(database_url, 60_000, "large")
    service = start_service()
    headers = {"Accept": "application/x-ndjson"}

    def export() -> int:
        params = {"correlation_id": "large"}
        with service.client.stream("GET", PATH, params=params, headers=headers) as answer:
            return sum(1 for _ in answer.iter_lines())

    assert service.client.get(PATH, params={"limit": 1000}, headers=headers).status_code == 200
    before = worker_rss(service)
    assert export() == 60_000
    assert worker_rss(service) - before < 25, "the stream is some 60 MB"
    limited = service.client.get(PATH, params={"correlation_id": "large", "limit": 7}, headers=headers)
    assert len(limited.text.splitlines()) == 7


def test_a_client_that_leaves_stops_the_query(start_service: StartService, database_url: str) -> None:
    fill(database_url, 60_000, "left")
    service = start_service()
    for accept in ("application/x-ndjson", "text/csv"):
        with socket.create_connection(("127.0.0.1", service.port)) as client:
            request = f"GET {PATH}?correlation_id=left HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n"
            client.sendall(request.encode())
            assert b" 200 OK" in client.recv(1000)
            eventually_sync(lambda: exporting(database_url) == 1)
        eventually_sync(lambda: exporting(database_url) == 0)
    assert service.client.get(PATH, params={"limit": 1}).status_code == 200


def test_slow_reads_never_hold_up_writes(start_service: StartService, database_url: str) -> None:
    """Clients that read exports slowly take every connection of the reads' share."""
    fill(database_url, 60_000, "slow")
    service = start_service(settings={"pool_max_size": 7, "pool_timeout": 1})
    readers = []
    try:
        for _ in range(12):
            reader = socket.create_connection(("127.0.0.1", service.port))
            accept = "application/x-ndjson"
            request = f"GET {PATH}?correlation_id=slow HTTP/1.1\r\nHost: x\r\nAccept: {accept}\r\n\r\n"
            reader.sendall(request.encode())
            readers.append(reader)
        eventually_sync(lambda: exporting(database_url) >= 2)
        times = []
        for _ in range(50):
            began = time.perf_counter()
            assert service.client.post(PATH, json=event()).status_code == 201
            times.append(time.perf_counter() - began)
        assert sorted(times)[45] < 0.5
        assert service.client.get(PATH, params={"limit": 1}).status_code == 200, "pages still find a connection"
    finally:
        for reader in readers:
            reader.close()


def test_cursor_pages_show_each_event_once_while_writers_insert(service: Service, database_url: str) -> None:
    """Thousands of equal timestamps, and others come in between."""
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)
    first = insert_events(database_url, [{"event_timestamp": at, "correlation_id": "same"} for _ in range(2000)])
    done = threading.Event()

    def insert() -> None:
        while not done.is_set():
            insert_events(database_url, [{"event_timestamp": at, "correlation_id": "same"} for _ in range(20)])

    writers = [threading.Thread(target=insert) for _ in range(2)]
    for writer in writers:
        writer.start()
    seen: list[str] = []
    address = f"{PATH}?correlation_id=same&limit=100"
    pages = 0
    while address and pages < 400:
        page = service.client.get(address)
        seen += [one["event_id"] for one in page.json()["data"]]
        address = page.links["next"]["url"] if "next" in page.links else ""
        pages += 1
        if pages == 20:
            done.set()
    for writer in writers:
        writer.join()
    assert len(seen) == len(set(seen))
    assert set(first) <= set(seen)


def test_a_long_timeline_comes_in_pages_with_one_summary(service: Service, database_url: str) -> None:
    start = datetime.now(UTC) - timedelta(hours=1)
    ids = [str(uuid4()) for _ in range(1200)]
    insert_events(
        database_url,
        [
            {
                "event_id": event_id,
                "event_timestamp": start + timedelta(seconds=number),
                "correlation_id": "long",
                "parent_event_id": ids[number - 1] if number % 100 else None,
                "parent_event_date": (start + timedelta(seconds=number - 1)).date() if number % 100 else None,
            }
            for number, event_id in enumerate(ids)
        ],
    )
    address, found, summaries = "/api/v1/audit/correlations/long/timeline", [], []
    while address:
        page = service.client.get(address)
        found += page.json()["events"]
        summaries.append(page.json()["summary"])
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert [one["event"]["event_id"] for one in found] == ids
    assert [one["gap_ms"] for one in found] == [None] + [1000] * 1199
    assert [one["depth"] for one in found] == [number % 100 for number in range(1200)]
    assert [summary is not None for summary in summaries] == [True, False, False]
    assert summaries[0]["events"] == 1200
    assert summaries[0]["span_ms"] == 1_199_000


def cli(service: Service, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "datastorage", "events", *arguments, "--url", service.url]
    environment = service.environment | {"COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, env=environment)


@pytest.fixture
def told(service: Service) -> Service:
    """A service with three events."""
    for number, outcome in enumerate(("success", "failure", "pending")):
        body = event(correlation_id="rr-told", event_outcome=outcome, event_data={"n": number})
        service.client.post(PATH, json=body).raise_for_status()
    return service


def test_the_command_line_shows_a_table(told: Service) -> None:
    shown = cli(told, "--correlation-id", "rr-told", "--event-type", "gateway.*").stdout
    assert shown.splitlines()[0].split()[:2] == ["event_timestamp", "event_type"]
    assert [word for word in ("success", "failure", "pending") if word in shown] == ["success", "failure", "pending"]
    assert "3 of 3 events" in shown
    assert "1 of 1 events" in cli(told, "--data", '{"n": 2}').stdout
    refused = cli(told, "--since", "yesterday")
    assert refused.returncode == 2
    assert "since: invalid time format" in refused.stderr


@pytest.mark.parametrize("form", ["ndjson", "csv"])
def test_the_command_line_exports_whole_files(told: Service, tmp_path: Path, form: str) -> None:
    target = tmp_path / f"events.{form}"
    ended = cli(told, "--correlation-id", "rr-told", "--export", str(target), "--format", form)
    assert f"3 events written to {target}" in ended.stdout
    text = target.read_text()
    rows = (
        list(csv.DictReader(text.splitlines())) if form == "csv" else [json.loads(line) for line in text.splitlines()]
    )
    assert [row["event_outcome"] for row in rows] == ["success", "failure", "pending"]
    assert list(tmp_path.iterdir()) == [target], "no part is left behind"


def test_an_export_that_fails_leaves_the_file_that_was_there(
    start_service: StartService, database_url: str, tmp_path: Path
) -> None:
    fill(database_url, 60_000, "broken off")
    service = start_service()
    target, part = tmp_path / "events.ndjson", tmp_path / "events.ndjson.part"
    target.write_text("of yesterday")
    command = [sys.executable, "-m", "datastorage", "events", "--export", str(target), "--url", service.url]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=service.environment) as exporting_:
        eventually_sync(lambda: part.exists() and part.stat().st_size, timeout=30)
        service.kill()
        _, said = exporting_.communicate(timeout=30)
    assert exporting_.returncode == 2
    assert (
        said.splitlines()[-1]
        == f"Error: the answer of {service.url} broke off or took too long: ask again, or for less"
    )
    assert [(one, one.read_text()) for one in tmp_path.iterdir()] == [(target, "of yesterday")]


def test_an_export_replaces_a_file_and_nothing_else(told: Service, tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target", tmp_path / "link", tmp_path / "pipe"
    target.write_text("of yesterday")
    link.symlink_to(target)
    os.mkfifo(pipe)
    assert cli(told, "--export", str(link)).returncode == 0
    assert (link.is_symlink(), len(target.read_text().splitlines())) == (True, 3)
    for where, why in ((pipe, "it is no regular file"), (tmp_path / "no" / "such", "No such file or directory")):
        refused = cli(told, "--export", str(where))
        assert (refused.returncode, refused.stderr.splitlines()) == (2, [f"Error: cannot write {where}: {why}"])
    assert sorted(tmp_path.iterdir()) == sorted([target, link, pipe])


@pytest.mark.parametrize("how", [(), ("--follow",)])
def test_the_command_line_ends_quietly_when_its_reader_leaves(
    start_service: StartService, database_url: str, how: tuple[str, ...]
) -> None:
    """As in `datastorage events | head -1`; the rest is more than a pipe holds."""
    fill(database_url, 2000, "piped")
    command = [sys.executable, "-m", "datastorage", "events", "--limit", "1000", *how, "--url", start_service().url]
    environment = clean_environment(COLUMNS="200")
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environment, **pipes) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == ""


@pytest.fixture
def following(told: Service) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-u", "-m", "datastorage", "events", "--follow", "--url", told.url]
    environment = told.environment | {"COLUMNS": "200"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process
        if process.poll() is None:
            process.kill()


def test_the_command_line_follows(told: Service, following: subprocess.Popen[str]) -> None:
    assert following.stdout is not None
    first = [following.stdout.readline() for _ in range(3)]
    assert all("gateway.signal.received" in line for line in first)
    told.client.post(PATH, json=event(correlation_id="rr-later")).raise_for_status()
    assert "rr-later" in following.stdout.readline()
    os.kill(following.pid, signal.SIGINT)
    assert following.wait(10) == 0


def test_reads_leave_a_standby_that_is_away_and_return_to_it(
    start_service: StartService, database_url: str, own_postgres: Controlled
) -> None:
    """All the while without a restart of the service."""
    (there,) = insert_events(own_postgres.url, [{}])
    (here,) = insert_events(database_url, [{}])
    service = start_service(read_url=own_postgres.url)

    def found() -> set[str]:
        answer = service.client.get(PATH)
        assert answer.status_code == 200, answer.text
        return {one["event_id"] for one in answer.json()["data"]}

    assert found() == {there}
    assert service.client.get(f"{PATH}/{here}").status_code == 200, "a standby may lag: the primary is asked too"
    for _ in range(2):
        own_postgres.kill()
        assert all(here in found() for _ in range(5)), "no read fails meanwhile"
        assert service.client.post(PATH, json=event()).status_code == 201
        own_postgres.start()
        eventually_sync(lambda: found() == {there})
    assert 'datastorage_read_fallbacks_total{server="standby"}' in service.client.get("/metrics").text


def test_reads_leave_a_server_that_hangs(
    start_service: StartService, database_url: str, own_postgres: Controlled
) -> None:
    """Its connections stay open and say nothing: first a standby, then the only server."""
    (here,) = insert_events(database_url, [{}])
    (there,) = insert_events(own_postgres.url, [{}])
    few = {"pool_min_size": 2, "pool_max_size": 3}
    standby = start_service(read_url=own_postgres.url, settings=few)
    alone = start_service(database_url=own_postgres.url, settings=few)
    timeline = "/api/v1/audit/correlations/c-1/timeline"
    asked = [(PATH, "*/*"), (f"{PATH}/{here}", "*/*"), (timeline, "*/*"), (PATH, "text/csv")]
    for service, status in ((standby, 200), (alone, 503)):
        eventually_sync(lambda asked=service.client: there in asked.get(PATH).text)
        own_postgres.pause()
        with ThreadPoolExecutor(len(asked)) as pool:
            answers = [
                pool.submit(httpx.get, service.url + address, headers={"Accept": accept}, timeout=60)
                for address, accept in asked
            ]
            assert [answer.result().status_code for answer in answers] == [status] * len(asked)
        own_postgres.resume()
        eventually_sync(lambda asked=service.client: there in asked.get(PATH).text)


def test_a_service_starts_while_its_standby_is_away(start_service: StartService, database_url: str) -> None:
    away = database_url.rpartition(":")[0] + ":1/" + database_url.rpartition("/")[2]
    service = start_service(read_url=away, settings={"pool_timeout": 60})
    stored = service.client.post(PATH, json=event()).json()["event_id"]
    assert service.client.get(f"{PATH}/{stored}", timeout=20).status_code == 200, "no read waits for a connection to it"


@contextmanager
def held_month(url: str) -> Iterator[None]:
    """Queries without a time range wait, since they open all months and one is locked; writes are of another one."""
    with psycopg.connect(url) as locker:
        locker.execute(sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.Identifier(MONTH_AHEAD)))
        yield


def waiting(url: str) -> int:
    """Reads that wait for the lock."""
    statement = """
        SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'datastorage reads' AND wait_event_type = 'Lock'
    """
    with psycopg.connect(url) as connection:
        row = connection.execute(statement).fetchone()
    return row[0] if row else 0


def test_slow_queries_take_the_reads_share_and_writes_go_on(start_service: StartService, database_url: str) -> None:
    """Those that run are answered when they can be; those that find no connection are 503, and say what it was."""
    service = start_service(settings={"pool_max_size": 7, "pool_timeout": 0.5, "read_statement_timeout": 60})
    with ThreadPoolExecutor(12) as pool:
        with held_month(database_url):
            slow = [pool.submit(httpx.get, service.url + PATH, timeout=90) for _ in range(12)]
            eventually_sync(lambda: waiting(database_url) == 4)  # two thirds of six: the sealer has the seventh
            created = [service.client.post(PATH, json=event()) for _ in range(20)]
            assert [answer.status_code for answer in created] == [201] * 20, "neither refused nor queued"
            eventually_sync(lambda: sum(one.done() for one in slow) == 8)
            assert waiting(database_url) == 4
        answers = [one.result() for one in slow]
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [503] * 8
    refused = [answer for answer in answers if answer.is_error]
    assert {answer.json()["type"] for answer in refused} == {"https://kubernaut.ai/problems/service-unavailable"}
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)
    assert not any("stored" in answer.json()["detail"] for answer in refused), "nobody asked to store anything"
    eventually_sync(lambda: service.client.get(PATH).status_code == 200)


def test_a_query_beyond_its_time_is_503_with_its_own_problem(start_service: StartService, database_url: str) -> None:
    service = start_service(settings={"read_statement_timeout": 0.3})
    assert service.client.get(PATH).status_code == 200
    with held_month(database_url):
        assert service.client.get(f"{PATH}/{uuid4()}").status_code == 404, "an id names its month, or none"
        for address in (PATH, "/api/v1/audit/correlations/c-1/timeline"):
            answer = service.client.get(address)
            assert answer.status_code == 503
            assert answer.json()["type"] == "https://kubernaut.ai/problems/query-timeout"
            assert "Narrow it" in answer.json()["detail"]
    assert service.client.get(PATH).status_code == 200


def test_five_services_under_one_correlation(service: Service) -> None:
    """C19."""
    categories = ("gateway", "signalprocessing", "analysis", "workflow", "notification")
    with httpx.Client(base_url=service.url) as client:
        for category in categories:
            body = event(correlation_id="rr-five", event_category=category)
            assert client.post(PATH, json=body).status_code == 201
        found = client.get(PATH, params={"correlation_id": "rr-five"}).json()
    assert {one["event_category"] for one in found["data"]} == set(categories)
    assert found["pagination"]["total"] == 5
