"""Real servers, real service processes, a load, faults, and an oracle that counts what was acknowledged and refused.

Everything random comes from one seed, which is printed; what the machine's timing adds cannot be repeated.
"""

from __future__ import annotations

import enum
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import psycopg
import redis

from datastorage.embedded import embedded_postgres, embedded_valkey
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.proxy import TcpProxy
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service

__all__ = ["COPY_DONE", "EVENTS_COPY", "FAULTS", "Arena", "Load", "Tally", "event", "judge", "open_arena", "run_round"]

#: PostgreSQL's CopyDone message, which ends the COPY of the ids; and what is only in that of the events, which commits.
COPY_DONE = b"c\x00\x00\x00\x04"
EVENTS_COPY = b'"exact"'
_DRAIN_TIMEOUT = 60.0
_SETTINGS = {
    "dlq_max_len": 50_000,
    "dlq_claim_idle": 1,
    "shutdown_drain": 0,
    "log_level": "warning",
    "startup_timeout": 60,
}


def event(correlation_id: str, number: int, **members: object) -> dict[str, object]:
    """A valid event; `number` is what the oracle finds again in the stored row."""
    return {
        "version": "1.0",
        "event_type": "chaos.event.sent",
        "event_category": "gateway",
        "event_action": "sent",
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": correlation_id,
        "event_data": {"number": number, "exact": 0.1, "text": "é\u2028"},
        **members,
    }


@dataclass
class Tally:
    """What the oracle found. missing, doubled, altered and falsely_refused (and stored all the same) must be 0.

    unknown: events whose last answer was `outcome-unknown`, or whose connection broke: they may be stored.
    """

    acknowledged: int = 0
    queued: int = 0
    refused: int = 0
    unknown: int = 0
    stored: int = 0
    missing: int = 0
    doubled: int = 0
    altered: int = 0
    falsely_refused: int = 0
    slowest: float = 0.0

    def add(self, other: Tally) -> None:
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.slowest = max(self.slowest, other.slowest)

    @property
    def clean(self) -> bool:
        return self.missing == self.doubled == self.altered == self.falsely_refused == 0


_COUNTS = (
    "acknowledged", "queued", "refused", "unknown", "stored", "missing", "doubled", "altered", "falsely_refused",
)  # fmt: skip


class Answered(enum.Enum):
    """What one request told its client."""

    KEPT = "kept"
    #: A 4xx, or a 503 that is not `outcome-unknown`: nothing was kept.
    REFUSED = "refused"
    #: It may be kept: `outcome-unknown`, or no answer at all.
    UNKNOWN = "unknown"


@dataclass
class Ledger:
    """Which number was acknowledged under which id, and which were refused; shared by the load's threads."""

    numbers: dict[str, int] = field(default_factory=dict)
    refusals: set[int] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)
    #: Answers that no fault excuses: neither a success nor 503.
    unforeseen: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledged(self, ids: list[str], numbers: list[int], *, queued: int, took: float) -> None:
        with self.lock:
            self.numbers.update(zip(ids, numbers, strict=True))
            self.tally.queued += queued
            self.tally.slowest = max(self.tally.slowest, took)

    def not_acknowledged(self, numbers: list[int], answers: set[Answered]) -> None:
        """The last word on events that no answer acknowledged."""
        with self.lock:
            if Answered.UNKNOWN in answers:
                self.tally.unknown += len(numbers)
            else:
                self.tally.refused += len(numbers)
                self.refusals.update(numbers)


class Load:
    """Threads that post single events and batches, with and without ids of their own, until told to stop."""

    def __init__(self, urls: list[str], correlation_id: str, seed: int, threads: int) -> None:
        self.ledger = Ledger()
        self._urls = urls
        self._correlation_id = correlation_id
        self._stop = threading.Event()
        self._next = iter(range(10**9))
        self._next_lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._run, args=(random.Random(f"{seed}-{number}"),)) for number in range(threads)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _numbers(self, count: int) -> list[int]:
        with self._next_lock:
            return [next(self._next) for _ in range(count)]

    def _run(self, rng: random.Random) -> None:
        with httpx.Client(timeout=30) as client:
            while not self._stop.is_set():
                self._act(client, rng)

    def _act(self, client: httpx.Client, rng: random.Random) -> None:
        own_ids = rng.random() < 0.5
        numbers = self._numbers(1 if rng.random() < 0.6 else rng.randint(2, 20))
        events = [event(self._correlation_id, number) for number in numbers]
        if own_ids:
            for one in events:
                one["event_id"] = str(UUID(int=rng.getrandbits(128), version=4))
        # A client that knows its ids repeats what was not answered; the others must not, or they would double.
        self.send(client, rng.choice(self._urls), events, numbers, tries=8 if own_ids else 1)

    def send(
        self, client: httpx.Client, url: str, events: list[dict[str, object]], numbers: list[int], *, tries: int = 1
    ) -> None:
        """Post until it is acknowledged, or given up."""
        answers = set[Answered]()
        for _ in range(tries):
            answers.add(self._post(client, url, events, numbers))
            if Answered.KEPT in answers:
                return
            if self._stop.wait(0.05):
                break
        self.ledger.not_acknowledged(numbers, answers)

    def burst(self, count: int) -> None:
        """Post so many single events at once, each by a connection of its own."""
        numbers = self._numbers(count)
        limits = httpx.Limits(max_connections=count)
        with httpx.Client(timeout=30, limits=limits) as client, ThreadPoolExecutor(count) as threads:
            for number in numbers:
                one = event(self._correlation_id, number)
                threads.submit(self.send, client, self._urls[number % len(self._urls)], [one], [number])

    def contend(self, connection: psycopg.Connection[Any], count: int) -> None:
        """Post events whose ids another transaction has taken and does not finish, each beside one that is free."""
        numbers = self._numbers(2 * count)
        events = [event(self._correlation_id, number, event_id=str(uuid4())) for number in numbers]
        for one in events[:count]:
            connection.execute(
                "INSERT INTO audit_event_ids VALUES (%s, current_date, %s)", [one["event_id"], self._correlation_id]
            )
        with httpx.Client(timeout=30) as client, ThreadPoolExecutor(8) as threads:
            for place in range(count):
                pair = [place, count + place]
                for posted in ([place], pair[1:]):
                    chosen, of = [events[one] for one in posted], [numbers[one] for one in posted]
                    threads.submit(self.send, client, self._urls[place % len(self._urls)], chosen, of, tries=3)

    def _post(self, client: httpx.Client, url: str, events: list[dict[str, object]], numbers: list[int]) -> Answered:
        began = time.perf_counter()
        try:
            if len(events) == 1:
                answer = client.post(f"{url}/api/v1/audit/events", json=events[0])
            else:
                answer = client.post(f"{url}/api/v1/audit/events/batch", json=events)
        except httpx.TransportError:
            return Answered.UNKNOWN
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            return Answered.UNKNOWN if answer.json()["type"].endswith("/outcome-unknown") else Answered.REFUSED
        if not answer.is_success:
            self.ledger.unforeseen.append(f"{answer.status_code}: {answer.text[:500]}")
            return Answered.REFUSED
        body = answer.json()
        ids = body["event_ids"] if len(events) > 1 else [body["event_id"]]
        statuses = Counter(one["status"] for one in body.get("results", [{"status": body.get("status", "created")}]))
        queued = statuses["queued"] + statuses["accepted"]
        self.ledger.acknowledged(ids, numbers, queued=queued, took=time.perf_counter() - began)
        return Answered.KEPT


@dataclass
class Arena:
    """The servers and the services between which faults happen."""

    postgres: Controlled
    valkey: Controlled
    proxy: TcpProxy
    queue_proxy: TcpProxy
    services: list[Service]
    seed: int
    rounds: int = 0
    repair: ExitStack = field(default_factory=ExitStack)
    #: The load of the round that is under way.
    load: Load | None = None

    def recover(self) -> None:
        """Mend everything that a fault may have broken; nothing that runs is restarted."""
        for proxy in (self.proxy, self.queue_proxy):
            proxy.release()
            proxy.delay(0)
            proxy.accept()
        for server in (self.postgres, self.valkey):
            server.resume()
            server.start()
        self.repair.close()
        for service in self.services:
            service.resume()
            if not service.running:
                service.start(wait=False)
        for service in self.services:
            service.wait_until_live()

    def depth(self) -> int:
        """Entries in the queue."""
        with redis.Redis.from_url(self.valkey.url) as client:
            depth = client.xlen("audit:dlq:events")
        assert isinstance(depth, int)
        return depth

    def dead_letters(self) -> int:
        with redis.Redis.from_url(self.valkey.url) as client:
            count = client.xlen("audit:dead-letter:events")
        assert isinstance(count, int)
        return count

    def drained(self) -> None:
        """Wait until the queue is empty, with nobody's help."""
        eventually_sync(lambda: self.depth() == 0, timeout=_DRAIN_TIMEOUT, every=0.05)

    def stored(self, correlation_id: str) -> list[tuple[str, int]]:
        """Id and number of every stored event."""
        return stored(self.postgres.url, correlation_id)

    def judge(self, correlation_id: str, numbers: dict[str, int], refusals: set[int]) -> Tally:
        """Compare what was acknowledged, and what was refused, with what is stored."""
        return judge(self.postgres.url, correlation_id, numbers, refusals)


def stored(database_url: str, correlation_id: str) -> list[tuple[str, int]]:
    """Id and number of every stored event of a correlation."""
    statement = "SELECT event_id::text, (event_data->>'number')::bigint FROM audit_events WHERE correlation_id = %s"
    with psycopg.connect(database_url) as connection:
        return connection.execute(statement, [correlation_id]).fetchall()


def judge(database_url: str, correlation_id: str, numbers: dict[str, int], refusals: set[int]) -> Tally:
    """Compare what was acknowledged, and what was refused, with what is stored in a database."""
    rows = stored(database_url, correlation_id)
    counts = Counter(event_id for event_id, _ in rows)
    numbers_stored = Counter(number for _, number in rows)  # nothing that got no id is ever sent twice
    kept = dict(rows)
    return Tally(
        acknowledged=len(numbers),
        stored=sum(event_id in counts for event_id in numbers),
        missing=sum(event_id not in counts for event_id in numbers),
        doubled=sum(count > 1 for count in (*counts.values(), *numbers_stored.values())),
        altered=sum(kept.get(event_id, number) != number for event_id, number in numbers.items()),
        falsely_refused=len(refusals & numbers_stored.keys()),
    )


def _kill_postgres(arena: Arena, _rng: random.Random) -> None:
    arena.postgres.kill()


def _kill_redis(arena: Arena, _rng: random.Random) -> None:
    arena.valkey.kill()


def _kill_both(arena: Arena, rng: random.Random) -> None:
    for server in rng.sample([arena.postgres, arena.valkey], 2):
        server.kill()


def _kill_service(arena: Arena, rng: random.Random) -> None:
    rng.choice(arena.services).kill()


def _kill_postgres_and_service(arena: Arena, rng: random.Random) -> None:
    arena.postgres.kill()
    rng.choice(arena.services).kill()


def _end_service(arena: Arena, rng: random.Random) -> None:
    arena.postgres.kill()
    service = rng.choice(arena.services)
    service.terminate()
    service.terminate()
    service.wait()


def _freeze_postgres(arena: Arena, rng: random.Random) -> None:
    arena.postgres.pause(children=rng.random() < 0.7)


def _freeze_redis(arena: Arena, _rng: random.Random) -> None:
    arena.valkey.pause()


def _freeze_service(arena: Arena, rng: random.Random) -> None:
    rng.choice(arena.services).pause()


def _freeze_backends(arena: Arena, rng: random.Random) -> None:
    """Single sessions fall silent while the server is well."""
    with psycopg.connect(arena.postgres.url, autocommit=True) as connection:
        statement = "SELECT pid FROM pg_stat_activity WHERE application_name = 'datastorage writes'"
        pids = [pid for (pid,) in connection.execute(statement).fetchall()]
    for pid in rng.sample(pids, min(len(pids), rng.choice([1, 1, 4]))):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGSTOP)


def _late_redis(arena: Arena, rng: random.Random) -> None:
    """Replies come later than the service waits for them, while PostgreSQL is away."""
    arena.queue_proxy.delay(rng.uniform(0.3, 0.9))
    if rng.random() < 0.5:
        arena.postgres.kill()


def _burst(arena: Arena, rng: random.Random) -> None:
    assert arena.load is not None
    if rng.random() < 0.5:
        arena.postgres.kill()
    arena.load.burst(300)


def _contend(arena: Arena, _rng: random.Random) -> None:
    assert arena.load is not None
    with psycopg.connect(arena.postgres.url) as connection:
        arena.load.contend(connection, 10)
        connection.rollback()


def _cut(arena: Arena, _rng: random.Random) -> None:
    arena.proxy.cut()


def _refuse(arena: Arena, _rng: random.Random) -> None:
    arena.proxy.refuse()


def _swallow(arena: Arena, _rng: random.Random) -> None:
    arena.proxy.hold()


def _delay(arena: Arena, rng: random.Random) -> None:
    arena.proxy.delay(rng.uniform(0.01, 0.2))


def _half_close(arena: Arena, rng: random.Random) -> None:
    arena.proxy.half_close(rng.choice(["client", "upstream"]))


def _cut_during_commit(arena: Arena, rng: random.Random) -> None:
    hit = arena.proxy.cut_at(rng.choice([COPY_DONE, EVENTS_COPY, b"COMMIT"]), forward=rng.random() < 0.7)
    hit.wait(2)


def _month() -> str:
    return f"audit_events_{datetime.now(UTC):%Y_%m}"


def _execute(arena: Arena, statement: str) -> None:
    with psycopg.connect(arena.postgres.url, autocommit=True) as connection:
        connection.execute(statement)


def _detach_month(arena: Arena, _rng: random.Random) -> None:
    first = datetime.now(UTC).date().replace(day=1)
    bounds = f"FROM ('{first}') TO ('{(first + timedelta(days=32)).replace(day=1)}')"
    _execute(arena, f"ALTER TABLE audit_events DETACH PARTITION {_month()}")
    arena.repair.callback(_execute, arena, f"ALTER TABLE audit_events ATTACH PARTITION {_month()} FOR VALUES {bounds}")


def _lock_month(arena: Arena, _rng: random.Random) -> None:
    connection = arena.repair.enter_context(psycopg.connect(arena.postgres.url))
    connection.execute(f"LOCK TABLE {_month()} IN ACCESS EXCLUSIVE MODE")


Fault = Callable[[Arena, random.Random], None]
#: Every fault by its name.
FAULTS: dict[str, Fault] = {
    "kill -9 postgres": _kill_postgres,
    "kill -9 redis": _kill_redis,
    "kill -9 both": _kill_both,
    "kill -9 service": _kill_service,
    "kill -9 postgres and service": _kill_postgres_and_service,
    "SIGTERM service without postgres": _end_service,
    "SIGSTOP postgres": _freeze_postgres,
    "SIGSTOP redis": _freeze_redis,
    "SIGSTOP service": _freeze_service,
    "SIGSTOP single backends": _freeze_backends,
    "late replies of redis": _late_redis,
    "burst of 300": _burst,
    "lock contention": _contend,
    "cut connections": _cut,
    "refuse connections": _refuse,
    "swallow packets": _swallow,
    "delay packets": _delay,
    "half-close": _half_close,
    "cut during COMMIT": _cut_during_commit,
    "month detached": _detach_month,
    "month locked": _lock_month,
}


def run_round(arena: Arena, faults: list[str], *, threads: int = 4, settle: float = 0.5) -> Tally:
    """Load, the faults one after another at random moments, recovery, drain, and the oracle's verdict."""
    arena.rounds += 1
    rng = random.Random(f"{arena.seed}-{arena.rounds}")
    correlation_id = f"round-{arena.rounds}"
    urls = [service.url for service in arena.services]
    with Load(urls, correlation_id, rng.getrandbits(32), threads) as load:
        arena.load = load
        time.sleep(rng.uniform(0.2, settle))
        for name in faults:
            FAULTS[name](arena, rng)
            time.sleep(rng.uniform(0.1, 2.0))
            arena.recover()
            time.sleep(rng.uniform(0.0, settle))
    if load.ledger.unforeseen:
        logs = "\n".join(service.log()[-3000:] for service in arena.services)
        raise AssertionError(f"{faults}: {load.ledger.unforeseen[:5]}\n{logs}")
    arena.drained()
    tally = arena.judge(correlation_id, load.ledger.numbers, load.ledger.refusals)
    tally.add(load.ledger.tally)
    return tally


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


@contextmanager
def open_arena(seed: int, *, services: int = 1, workers: int = 1) -> Iterator[Arena]:
    """Servers and services of one arena; nothing is left behind."""
    with ExitStack() as stack:
        home = stack.enter_context(open_directory())
        postgres = embedded_postgres(home, port=0)
        postgres.start_anywhere()
        stack.callback(postgres.stop)
        postgres.create_database()
        migrate(postgres.url)
        valkey = embedded_valkey(home, port=0)
        valkey.start_anywhere()
        stack.callback(valkey.stop)
        proxy = TcpProxy(*_place(postgres.url))
        stack.callback(proxy.close)
        queue_proxy = TcpProxy(*_place(valkey.url))
        stack.callback(queue_proxy.close)
        arena = Arena(Controlled(postgres), Controlled(valkey), proxy, queue_proxy, [], seed)
        for _ in range(services):
            service = Service(
                database_url=proxy.url(postgres.url),
                redis_url=queue_proxy.url(valkey.url),
                workers=workers,
                settings=_SETTINGS,
            )
            stack.callback(service.close)
            arena.services.append(service.start())
        try:
            yield arena
        finally:
            arena.postgres.resume()
            arena.valkey.resume()
            for service in arena.services:
                service.resume()
