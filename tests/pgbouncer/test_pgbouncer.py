"""A service whose DATABASE_URL leads to PgBouncer in transaction mode: settings, faults, wrong addresses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from datastorage.embedded import embedded_postgres, free_port
from pipeline.health import Health
from repository.hosts import Hosts
from repository.pool import Database, PoolLimits, probe
from tests.chaos.arena import Load, judge
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.pgbouncer import PgBouncer
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service, clean_environment

pytestmark = pytest.mark.timeout(600)
SETTINGS = ("TimeZone", "statement_timeout", "lock_timeout", "enable_seqscan", "datastorage.writes_ids")
LIMITS = PoolLimits(
    total=2, size=2, minimum=1, read_timeout=60, write_timeout=60, connect_timeout=60, write_statement_timeout=51,
    read_statement_timeout=52, lock_timeout=53, slow_write=60, slow_read=60, pooled=True,
)  # fmt: skip
_SHOW = "SELECT " + ", ".join(f"current_setting('{name}', true)" for name in SETTINGS)


@asynccontextmanager
async def opened(address: str) -> AsyncIterator[Database]:
    hosts = Hosts(address)
    health = Health("primary", lambda: probe(hosts), interval=60)
    database = Database(hosts, None, LIMITS, primary=health, reading=health, standby=health)
    await database.open()
    try:
        yield database
    finally:
        await database.close()
        await health.stop()


async def test_each_transaction_has_its_settings_and_leaves_none_behind(pooler: PgBouncer, database_url: str) -> None:
    async def show(connection: psycopg.AsyncConnection[object]) -> object:
        return await (await connection.execute(_SHOW)).fetchone()

    async def show_twice(connection: psycopg.AsyncConnection[object]) -> object:
        async with connection.transaction():
            await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            async with connection.transaction():
                return await show(connection)

    address = pooler.url(database_url)
    with psycopg.connect(address) as stranger:
        before = stranger.execute(_SHOW).fetchone()
    async with opened(address) as database:
        written = await database.writes.run(show, deadline=60)
        read = await database.reads.run(show, deadline=60)
        assert written == ("UTC", "51s", "53s", "on", "on")
        assert read[:4] == ("UTC", "52s", "53s", "off")  # type: ignore[index]
        assert await database.reads.run(show_twice, deadline=60) == read
    with psycopg.connect(address) as stranger:
        assert [value or None for value in stranger.execute(_SHOW).fetchone() or ()] == list(before or ())


@pytest.fixture(scope="module")
def module_postgres() -> Iterator[Controlled]:
    with open_directory() as home:
        server = embedded_postgres(home, port=0)
        server.start_anywhere()
        try:
            server.create_database()
            migrate(server.url)
            yield Controlled(server)
        finally:
            server.stop()


@pytest.fixture(scope="module")
def module_pooler(module_postgres: Controlled) -> Iterator[PgBouncer]:
    with PgBouncer(module_postgres.url) as running:
        yield running


@pytest.fixture(scope="module")
def served(module_postgres: Controlled, module_pooler: PgBouncer, module_queue_url: str) -> Iterator[Service]:
    settings = {"dlq_max_len": 50_000, "dlq_claim_idle": 1, "shutdown_drain": 0, "log_level": "warning"}
    address = module_pooler.url(module_postgres.url)
    direct = {"DATABASE_DIRECT_URL": module_postgres.url}
    with Service(database_url=address, redis_url=module_queue_url, settings=settings, environment=direct) as service:
        yield service


def _restart(pooler: PgBouncer, _postgres: Controlled) -> None:
    pooler.kill()
    pooler.start()


def _crash(_pooler: PgBouncer, postgres: Controlled) -> None:
    postgres.kill()
    postgres.start()


#: What an operator or an accident does, and what undoes it where that is not part of it.
FAULTS = {
    "kill -9": (_restart, None),
    "SIGSTOP": (lambda pooler, _: pooler.freeze(), lambda pooler: pooler.thaw()),
    "PAUSE": (lambda pooler, _: pooler.command("PAUSE"), lambda pooler: pooler.command("RESUME")),
    "RECONNECT": (lambda pooler, _: pooler.command("RECONNECT"), None),
    "KILL": (lambda pooler, _: pooler.command("KILL datastorage"), lambda pooler: pooler.command("RESUME datastorage")),
    "PostgreSQL behind it": (_crash, None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_nothing_that_was_acknowledged_is_lost_or_doubled(
    fault: str, served: Service, module_pooler: PgBouncer, module_postgres: Controlled
) -> None:
    hurt, mend = FAULTS[fault]
    correlation = f"fault {fault}"
    with Load([served.url], correlation, seed=list(FAULTS).index(fault), threads=3) as load:
        eventually_sync(lambda: len(load.ledger.numbers) > 50, timeout=120)
        hurt(module_pooler, module_postgres)
        before = len(load.ledger.numbers)
        eventually_sync(lambda: len(load.ledger.numbers) > before + 100, timeout=120)
        if mend:
            mend(module_pooler)
    depth = served.client.get
    eventually_sync(lambda: _empty(depth("/api/v1/dlq").json()), timeout=120)
    assert load.ledger.unforeseen == []
    tally = judge(module_postgres.url, correlation, load.ledger.numbers, load.ledger.refusals)
    assert tally.acknowledged > 150
    assert (tally.missing, tally.doubled, tally.altered, tally.falsely_refused) == (0, 0, 0, 0)
    eventually_sync(lambda: served.client.get("/health/ready").json()["status"] == "ready", timeout=60)


def _empty(told: dict[str, list[dict[str, int]]]) -> bool:
    assert all(one["dead_letters"] == 0 for one in told["streams"])
    return all(one["depth"] == 0 for one in told["streams"])


@pytest.mark.parametrize("direct", ["none", "pooled", "another database"])
def test_addresses_that_cannot_work_end_the_start(
    direct: str, pooler: PgBouncer, database_url: str, postgres_url: str, queue_url: str
) -> None:
    addresses = {"none": "", "pooled": pooler.url(database_url), "another database": postgres_url}
    ended = subprocess.run(
        [sys.executable, "-m", "datastorage", "serve", "--port", str(free_port())],
        env=clean_environment(
            DATABASE_URL=pooler.url(database_url),
            REDIS_URL=queue_url,
            DATABASE_DIRECT_URL=addresses[direct],
            DATASTORAGE_STARTUP_TIMEOUT="60",
        ),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == os.EX_OK + 2, ended.stdout + ended.stderr
    told = {
        "none": "DATABASE_URL leads to a pooler",
        "pooled": "DATABASE_DIRECT_URL leads to a pooler",
        "another database": "DATABASE_DIRECT_URL leads to another database",
    }
    assert told[direct] in ended.stdout + ended.stderr


def test_check_names_a_pooler_that_was_away_at_the_start(database_url: str, queue_url: str) -> None:
    with PgBouncer(database_url) as own:
        own.kill()
        with Service(database_url=own.url(database_url), redis_url=queue_url) as service:
            own.start()
            eventually_sync(lambda: "leads to a pooler" in service.client.get("/health/ready").text, timeout=60)
            ran = subprocess.run(
                [sys.executable, "-m", "datastorage", "check", "--url", service.url],
                env={**service.environment, "COLUMNS": "400", "TERM": "dumb"},
                check=False,
                capture_output=True,
                text=True,
                timeout=120,
            )
            assert "DATABASE_URL leads to a pooler" in ran.stdout
