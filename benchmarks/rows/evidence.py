"""Evidence: what sealing costs who writes, how fast it is, and what it keeps; each mark is judged."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg

from benchmarks.events import EVENTS, batch_request, make_event, only
from benchmarks.harness import PATIENT, Mark, Measured, Stage, row
from benchmarks.traffic import drive
from evidence.sealer import Sealer
from evidence.verify import verify_database
from repository.sealing import SealingStore
from tests.fixtures.service import Service

_CLIENTS = 4
_BATCH, _BATCHES = 500, 60
_EVENTS_SEALED = int(os.environ.get("BENCH_LOG_EVENTS", "200000"))
_PORTION = 2_000
_PROOFS = 300
_STEADY_SECONDS, _STEADY_RATE = 20, 2_000
_TICK = os.sysconf("SC_CLK_TCK")
_FILL = """
INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
                          event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,
                          correlation_id, event_data)
SELECT gen_random_uuid(), '1.0', now(), (now() AT TIME ZONE 'UTC')::date, 'gateway.signal.received', 'gateway',
       'received', 'success', 'service', 'gateway-service', 'gateway', 'bench-' || i, 'bench-' || i,
       jsonb_build_object('note', repeat('x', 200))
  FROM generate_series(1, %s) AS i
"""
_SIZES = """
SELECT sum(pg_total_relation_size(name::regclass)) FROM unnest(ARRAY['evidence_batches', 'evidence_nodes',
       'evidence_months', 'evidence_log', 'evidence_cosignatures']) AS name
"""
_INDEX_SIZES = """
SELECT coalesce(sum(pg_relation_size(indexrelid)), 0) FROM pg_index
 WHERE pg_get_indexdef(indexrelid) LIKE '%(seal_xid)%' AND indrelid::regclass::text LIKE 'audit_events_%'
"""


def _cpu(pid: int) -> float:
    """CPU seconds of a process by now, its ended children not counted; 0 once it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / _TICK


def _writers(service: Service, connection: psycopg.Connection[Any]) -> float:
    """CPU seconds of the workers and of their sessions in PostgreSQL, without the sealer and its own."""
    children = Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()
    workers = sorted(map(int, children))[: service.workers]  # the sealer is forked last
    sessions = connection.execute(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name NOT LIKE '%sealer'"
        " AND pid <> pg_backend_pid()"
    ).fetchall()
    return sum(_cpu(pid) for pid in [*workers, *(pid for (pid,) in sessions)])


@contextmanager
def _ingesting(stage: Stage, sealing: str) -> Iterator[tuple[Service, psycopg.Connection[Any]]]:
    with (
        stage.service(workers=2, sealing=sealing, **PATIENT) as service,
        psycopg.connect(service.environment["DATABASE_URL"], autocommit=True) as connection,
    ):
        if sealing == "off":  # what a service without evidence would not have
            connection.execute("DROP INDEX idx_audit_events_seal_xid")
        yield service, connection


def _ingest_once(service: Service, connection: psycopg.Connection[Any]) -> tuple[float, float]:
    """Events a second, and microseconds of CPU an event of those who write."""
    requests = [batch_request(place * _BATCH, _BATCH) for place in range(_BATCHES)]
    before = _writers(service, connection)
    traffic = only(drive(service.url, requests, connections=_CLIENTS), 201)
    events = _BATCH * _BATCHES
    return events / traffic.seconds, (_writers(service, connection) - before) / events * 1e6


@row(
    "seal-ingest",
    title="CPU of workers and their sessions, batches of 500, with sealing",
    marks=[Mark(of="ratio", at_most=1.03, against="the same without sealing and its index")],
)
def seal_ingest(stage: Stage) -> Measured:
    """Floor: sealing off and its index dropped, the same batches in turns. notes: the rates of both."""
    with _ingesting(stage, "on") as sealed, _ingesting(stage, "off") as plain:
        _ingest_once(*sealed), _ingest_once(*plain)
        pairs = [(_ingest_once(*sealed), _ingest_once(*plain)) for _ in range(stage.rounds)]
    cpu, floor = (statistics.median(side[1] for side in sides) for sides in zip(*pairs, strict=True))
    ratio = statistics.median(with_it[1] / without[1] for with_it, without in pairs)
    rates = statistics.median(with_it[0] / without[0] for with_it, without in pairs)
    notes = {"rate_ratio": round(rates, 3)}
    stage.say(f"{ratio:.3f} {notes}")
    return Measured(value=cpu, unit="us/event", better="lower", floor=floor, ratio_of_turns=ratio, notes=notes)


def _fill(address: str, events: int) -> None:
    with psycopg.connect(address, autocommit=True) as connection:
        for _ in range(events // _PORTION):
            connection.execute(_FILL, [_PORTION])


def _seal_all(store: SealingStore) -> None:
    sealer = Sealer(store)
    while sealer.seal().more:
        pass


@contextmanager
def _sealed_log(stage: Stage) -> Iterator[tuple[str, dict[str, float]]]:
    """A database of BENCH_LOG_EVENTS sealed events, and what sealing them took."""
    with stage.database() as address, closing(SealingStore(address)) as store:
        _fill(address, _EVENTS_SEALED)
        with psycopg.connect(address) as connection:
            found = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%sealer'"
            ).fetchone()
        backend = found[0] if found else 0
        cpu, own, began = _cpu(backend), time.process_time(), time.perf_counter()
        _seal_all(store)
        took = {
            "wall": time.perf_counter() - began,
            "cpu": time.process_time() - own + _cpu(backend) - cpu,
            "sealer_cpu": time.process_time() - own,
        }
        yield address, took


@row(
    "seal-rate",
    title="sealing a backlog, events a second of its CPU",
    marks=[Mark(of="ratio", at_least=1, against="the batch ceiling of one core")],
)
def seal_rate(stage: Stage) -> Measured:
    """Floor: events a second of batch ingest by the service, all its CPU (workers and their sessions) on one core."""
    _, took = stage.share("sealed-log", lambda: _sealed_log(stage))
    with _ingesting(stage, "off") as plain:
        _ingest_once(*plain)
        ceilings = [_ingest_once(*plain) for _ in range(stage.rounds)]
    rate, ceiling = _EVENTS_SEALED / took["cpu"], 1e6 / statistics.median(one[1] for one in ceilings)
    notes = {
        "cpu_us_an_event": round(took["cpu"] / _EVENTS_SEALED * 1e6, 1),
        "wall_rate": round(_EVENTS_SEALED / took["wall"]),
        "batch_wall_rate": round(statistics.median(one[0] for one in ceilings)),
    }
    stage.say(str(notes))
    return Measured(value=rate, unit="events/s", better="higher", floor=ceiling, notes=notes)


@row(
    "seal-lag",
    title="from an answer until the event is sealed, p95, at 2,000 events/s",
    marks=[
        Mark(of="value", at_most=1, against="", unit="s"),
        Mark(of="rate", at_least=0.95 * _STEADY_RATE, against="", unit="events/s"),
    ],
)
def seal_lag(stage: Stage) -> Measured:
    """20 batches of 100 a second for 20 s; a second connection looks every 10 ms how far the log is."""
    sizes: list[tuple[float, int]] = []
    acknowledged: list[tuple[float, int]] = []
    ended = threading.Event()
    with stage.service(workers=2, **PATIENT) as service, httpx.Client(base_url=service.url, timeout=30) as client:

        def look() -> None:
            with psycopg.connect(service.environment["DATABASE_URL"], autocommit=True) as connection:
                while not ended.wait(0.01):
                    found = connection.execute(
                        "SELECT size FROM evidence_batches ORDER BY first DESC LIMIT 1"
                    ).fetchone()
                    sizes.append((time.perf_counter(), found[0] if found else 0))

        watcher = threading.Thread(target=look)
        watcher.start()
        began, total = time.perf_counter(), 0
        for number in range(_STEADY_SECONDS * 20):
            time.sleep(max(0.0, began + number / 20 - time.perf_counter()))
            body = [make_event(number * 100 + one, 512) for one in range(_STEADY_RATE // 20)]
            assert client.post(f"{EVENTS}/batch", json=body).status_code == httpx.codes.CREATED
            total += len(body)
            acknowledged.append((time.perf_counter(), total))
        rate = total / (time.perf_counter() - began)
        deadline = time.perf_counter() + 60
        while (not sizes or sizes[-1][1] < total) and time.perf_counter() < deadline:
            time.sleep(0.05)
        ended.set()
        watcher.join()
        with psycopg.connect(service.environment["DATABASE_URL"]) as connection:
            stored = float(connection.execute(_SIZES).fetchone()[0]) / total  # type: ignore[index]
    lags = sorted(next((seen - at for seen, size in sizes if size >= count), 60.0) for at, count in acknowledged)
    lags = [max(0.0, lag) for lag in lags]
    p95 = lags[int(len(lags) * 0.95)]
    notes = {"rate": round(rate), "p50_s": round(statistics.median(lags), 3), "max_s": round(lags[-1], 3)}
    notes["bytes_an_event"] = round(stored, 1)
    stage.say(str(notes))
    return Measured(value=p95, unit="s", better="lower", notes=notes)


@row(
    "seal-storage", title="storage of the log an event", marks=[Mark(of="value", at_most=60, against="", unit="bytes")]
)
def seal_storage(stage: Stage) -> Measured:
    """Tables and indexes of the log. notes: the index over seal_xid on the events, and the column's 8 bytes beside."""
    address, _ = stage.share("sealed-log", lambda: _sealed_log(stage))
    with psycopg.connect(address) as connection:
        size = float(connection.execute(_SIZES).fetchone()[0]) / _EVENTS_SEALED  # type: ignore[index]
        index = float(connection.execute(_INDEX_SIZES).fetchone()[0]) / _EVENTS_SEALED  # type: ignore[index]
    notes = {"events": _EVENTS_SEALED, "seal_xid_index": round(index, 1)}
    stage.say(str(notes))
    return Measured(value=size, unit="bytes", better="lower", notes=notes)


@row("seal-proof", title="GET of an inclusion proof, p95", marks=[Mark(of="value", at_most=5, against="", unit="ms")])
def seal_proof(stage: Stage) -> Measured:
    """Floor: GET of the event itself, in turns, p95. BENCH_LOG_EVENTS says in how large a log."""
    address, _ = stage.share("sealed-log", lambda: _sealed_log(stage))
    with psycopg.connect(address) as connection:
        found = connection.execute("SELECT event_id FROM audit_events TABLESAMPLE SYSTEM (5) LIMIT %s", [_PROOFS])
        ids = [str(one) for (one,) in found.fetchall()]
    proofs, events = [], []
    with stage.service(database=address) as service, httpx.Client(base_url=service.url, timeout=30) as client:
        for path, times in [(f"{EVENTS}/{ids[0]}/proof", []), (f"{EVENTS}/{ids[0]}", [])]:
            _timed(client, path, times)
        for one in ids:
            _timed(client, f"{EVENTS}/{one}/proof", proofs)
            _timed(client, f"{EVENTS}/{one}", events)
    value, floor = (sorted(times)[int(len(times) * 0.95)] for times in (proofs, events))
    notes = {"log_entries": _EVENTS_SEALED, "p50_ms": round(statistics.median(proofs), 2)}
    stage.say(str(notes))
    return Measured(value=value, unit="ms", better="lower", floor=floor, notes=notes)


def _timed(client: httpx.Client, path: str, times: list[float]) -> None:
    began = time.perf_counter()
    answer = client.get(path)
    times.append((time.perf_counter() - began) * 1000)
    assert answer.status_code == httpx.codes.OK, answer.text


@row(
    "verify-rate",
    title="verify of a database, events a second of its CPU",
    marks=[Mark(of="value", at_least=50_000, against="", unit="events/s")],
)
def verify_rate(stage: Stage) -> Measured:
    """The verifier's own CPU, on one core; PostgreSQL's is its own."""
    address, _ = stage.share("sealed-log", lambda: _sealed_log(stage))
    rates = []
    with closing(SealingStore(address)) as store:
        for _ in range(stage.rounds):
            began = time.process_time()
            report = verify_database(store, (), lambda _done, _total: None)
            rates.append(report.compared / (time.process_time() - began))
            assert report.compared == _EVENTS_SEALED
    value = statistics.median(rates)
    notes = {"events": _EVENTS_SEALED}
    stage.say(str(notes))
    return Measured(value=value, unit="events/s", better="higher", notes=notes)
