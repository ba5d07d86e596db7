"""Backup and restore: base backup and archived WAL give back what was acknowledged, the queue the rest."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
import redis

from datastorage.embedded import DataDirectory, embedded_postgres, embedded_valkey, free_port
from datastorage.embedded.postgres import Postgres
from datastorage.embedded.process import as_account, environment
from tests.chaos.arena import Load, event, judge, stored
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.replication import execute, run_program
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service

pytestmark = pytest.mark.timeout(300)
PATH = "/api/v1/audit/events"
SETTINGS = {"dlq_max_len": 50_000, "dlq_claim_idle": 1, "shutdown_drain": 0, "log_level": "warning"}
ARCHIVER = "archiver"


@dataclass
class Backup:
    """A server whose WAL is received by another program as it is written, and base backups of it."""

    server: Postgres
    home: DataDirectory
    wal: Path

    @property
    def source(self) -> str:
        return f"host=127.0.0.1 port={self.server.port} user=datastorage password={self.server.password}"

    @contextmanager
    def receiving(self) -> Iterator[None]:
        """`pg_receivewal`, for whose disk every commit waits."""
        command = [
            *(self.server.program.with_name("pg_receivewal"), "-D", self.wal, "--synchronous", "--no-loop"),
            *("--slot", ARCHIVER, "-d", f"{self.source} application_name={ARCHIVER}"),
        ]
        run_program(self.server, "pg_receivewal", "--create-slot", "--slot", ARCHIVER, "-d", self.source)
        process = subprocess.Popen(command, **as_account(self.server.account), cwd="/", env=environment())
        try:
            execute(
                Controlled(self.server),
                f"ALTER SYSTEM SET synchronous_standby_names = '{ARCHIVER}'",
                "SELECT pg_reload_conf()",
            )
            eventually_sync(self._synchronous, timeout=30)
            yield
        finally:
            process.terminate()
            process.wait(30)

    def _synchronous(self) -> bool:
        with psycopg.connect(self.server.url_of("postgres")) as connection:
            row = connection.execute("SELECT sync_state FROM pg_stat_replication").fetchone()
        return row == ("sync",)

    def take(self, name: str) -> Path:
        """A base backup, without WAL: that is in the archive."""
        directory = self.home.folder(name)
        run_program(self.server, "pg_basebackup", "-D", str(directory), "-X", "none", "-c", "fast", "-d", self.source)
        return directory

    def restore(self, base: Path, port: int, *settings: str) -> Postgres:
        """A new server of a base backup and the archive; it serves when it has recovered to the target."""
        for one in self.wal.glob("*.partial"):  # what was received of the newest segment
            shutil.copy2(one, one.with_suffix(""))
        lines = [f"restore_command = 'cp {self.wal}/%f %p'", "recovery_target_action = 'promote'", *settings]
        (base / "postgresql.auto.conf").write_text("\n".join([*lines, "synchronous_standby_names = ''", ""]))
        for path in (base / "recovery.signal", *self.wal.iterdir()):
            path.touch()
            self.home.give(path)
        return Postgres(
            program=self.server.program,
            directory=base,
            port=port,
            password=self.server.password,
            account=self.home.account,
            log=self.home.path / f"{base.name}.log",
        )


@pytest.fixture
def backup() -> Iterator[Backup]:
    with ExitStack() as stack:
        home = stack.enter_context(open_directory())
        server = embedded_postgres(home, port=0)
        stack.callback(Controlled(server).kill, children=True)
        server.start_anywhere()
        server.create_database()
        migrate(server.url)
        made = Backup(server, home, home.folder("wal"))
        stack.enter_context(made.receiving())
        yield made


@contextmanager
def serving(database_url: str) -> Iterator[tuple[Service, Controlled]]:
    with ExitStack() as stack:
        valkey = embedded_valkey(stack.enter_context(open_directory()), port=0)
        valkey.start_anywhere()
        stack.callback(valkey.stop)
        service = Service(database_url=database_url, redis_url=valkey.url, settings=SETTINGS)
        stack.callback(service.close)
        yield service.start(), Controlled(valkey)


def waiting(valkey: Controlled) -> int:
    with redis.Redis.from_url(valkey.url) as client:
        return sum(int(client.xlen(name)) for name in ("audit:dlq:events", "audit:dead-letter:events"))  # type: ignore[arg-type]


def test_a_lost_disk_is_restored_and_the_queue_brings_the_rest(backup: Backup) -> None:
    """The disk of the only server is lost under load. Backup and archive have every 201, the queue every 202."""
    with serving(backup.server.url) as (service, valkey):
        with Load([service.url], "restored", seed=4, threads=2) as load:
            eventually_sync(lambda: len(load.ledger.numbers) > 30, timeout=60)
            base = backup.take("base")
            before = len(load.ledger.numbers)
            eventually_sync(lambda: len(load.ledger.numbers) > before + 30, timeout=60)
            Controlled(backup.server).kill(children=True)
            shutil.rmtree(backup.server.directory)
            eventually_sync(lambda: load.ledger.tally.queued > 30, timeout=60)
        began = time.monotonic()
        restored = backup.restore(base, backup.server.port)
        try:
            restored.start()
            eventually_sync(lambda: waiting(valkey) == 0, timeout=60)
            print(f"restored and the queue replayed {time.monotonic() - began:.1f} s after the loss")
            tally = judge(restored.url, "restored", load.ledger.numbers, load.ledger.refusals)
            assert load.ledger.unforeseen == []
            assert tally.acknowledged > 90
            assert (tally.missing, tally.doubled, tally.altered, tally.falsely_refused) == (0, 0, 0, 0)
            assert service.client.post(PATH, json=event("after", 1)).status_code == 201
        finally:
            Controlled(restored).kill(children=True)


def test_a_point_in_time_has_what_was_acknowledged_before_it_and_nothing_after(backup: Backup) -> None:
    """Somebody's mistake at a known point: a new server beside the old one shows what was there before."""
    with serving(backup.server.url) as (service, _):
        base = backup.take("base")
        before = {service.client.post(PATH, json=event("pitr", n)).json()["event_id"] for n in range(20)}
        execute(Controlled(backup.server), "SELECT pg_create_restore_point('before the mistake')")
        after = {service.client.post(PATH, json=event("pitr", n)).json()["event_id"] for n in range(20, 40)}
        assert len(stored(backup.server.url, "pitr")) == len(before | after) == 40
        point = "recovery_target_name = 'before the mistake'"
        restored = backup.restore(base, free_port(), point)
        try:
            restored.start()
            assert {event_id for event_id, _ in stored(restored.url, "pitr")} == before
            assert len(stored(backup.server.url, "pitr")) == 40, "the old server goes on"
        finally:
            Controlled(restored).kill(children=True)
