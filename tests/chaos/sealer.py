"""The sealer among kills and failovers: never two roots for one size, no event passed over, no false alarm.

python -m tests.chaos.sealer MINUTES SEED
"""

from __future__ import annotations

import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import psycopg

from datastorage.embedded.errors import StartError
from evidence.canonical import ENTRY_SIZE, Entry
from evidence.checkpoint import Checkpoint, open_checkpoint
from evidence.note import NoteError, Signer
from evidence.report import Verdict
from evidence.verify import verify_database
from repository.sealing import SealingStore
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.places import WitnessServer, served
from tests.fixtures.replication import Pair, replicated
from tests.fixtures.service import clean_environment

__all__ = ["Drill", "open_drill"]

SIGNER = Signer.generate("example.com/chaos")
#: For servers of a drill: transactions are prepared, and sessions of writers, sealers and standbys fit.
SERVER = {"max_prepared_transactions": "40", "max_connections": "100"}
_PROGRAM = (
    "from datastorage.settings import load_settings\n"
    "from datastorage.sealing import run_sealer\n"
    "from telemetry.logs import configure_logging\n"
    "settings = load_settings()\n"
    "configure_logging('info', 'json')\n"
    "run_sealer(settings)\n"
)
_ALARMS = ("sealing halted", "sealing failed", "publishing failed unexpectedly")
INSERT = """
INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
                          event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,
                          correlation_id, event_data)
SELECT id, '1.0', %(at)s, %(at)s::date, 't', 'gateway', 'a', 'success', 'service', 'a', 'r', 'r', 'c', '{"n": 1.50}'
  FROM unnest(%(ids)s::uuid[]) AS id
"""


@dataclass
class Seen:
    """What was published and promised. roots: of every tree size that anybody ever saw."""

    roots: dict[int, bytes] = field(default_factory=dict)
    committed: set[UUID] = field(default_factory=set)
    failures: list[str] = field(default_factory=list)
    transactions: int = 0

    def note(self, size: int, root: bytes) -> None:
        if self.roots.setdefault(size, root) != root:
            self.failures.append(f"a fork: two roots for {size} entries")


class Drill:
    """Writers, two sealers that compete, a watcher of what they publish, and faults."""

    def __init__(self, url: str, home: Path, rng: random.Random, witness: tuple[WitnessServer, str]) -> None:
        self.url, self.home, self.rng, self.seen = url, home, rng, Seen()
        self.witness, address = witness
        self.stop = threading.Event()
        self.quiet = threading.Event()
        self.turns: list[threading.Lock] = []
        self.sealed = 0
        self.published = home / "published"
        self.log = home / "sealer.log"
        self.sealers: list[subprocess.Popen[bytes]] = []
        self._environment = clean_environment(
            DATABASE_URL=url,
            DATASTORAGE_LOG_KEY=SIGNER.secret_text(),
            DATASTORAGE_LOG_DIRECTORY=str(self.published),
            DATASTORAGE_LOG_WITNESSES=f"{self.witness.verifier} {address}",
            DATASTORAGE_SEAL_INTERVAL="0.05",
        )

    def start_sealer(self) -> None:
        with self.log.open("ab") as log:
            command = [sys.executable, "-c", _PROGRAM]
            self.sealers.append(
                subprocess.Popen(command, env=self._environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            )

    def kill_a_sealer(self) -> None:
        """SIGKILL one of them, whichever it is, and start another."""
        victim = self.sealers.pop(self.rng.randrange(len(self.sealers)))
        victim.kill()
        victim.wait()
        self.start_sealer()

    def end_sealers(self) -> None:
        for sealer in self.sealers:
            sealer.kill()
            sealer.wait()

    def write(self, seed: int) -> None:
        """Commit transactions of all kinds until the end; what is lost with its connection may be there or not."""
        rng, turn = random.Random(seed), threading.Lock()
        self.turns.append(turn)
        while not self.stop.is_set():
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=5) as connection:
                while not self.stop.is_set():
                    with turn:
                        if not self.quiet.is_set():
                            self._transact(connection, rng)
                    self.stop.wait(rng.uniform(0, 0.02))
            self.stop.wait(0.2)

    def _transact(self, connection: psycopg.Connection, rng: random.Random) -> None:
        ids = [UUID(int=rng.getrandbits(128), version=4) for _ in range(rng.choice([1, 1, 5, 40]))]
        at = datetime.now(UTC) - timedelta(days=rng.choice([0, 0, 0, 20]))
        kind = rng.choices(["plain", "slow", "prepared", "undone"], [80, 8, 6, 6])[0]
        connection.execute(INSERT, {"at": at, "ids": ids})
        if kind == "slow":
            self.stop.wait(rng.uniform(0.1, 3))
        if kind == "undone":
            connection.rollback()
            return
        if kind == "prepared":
            name = f"prepared {ids[0]}"
            connection.execute(f"PREPARE TRANSACTION '{name}'")
            connection.commit()
            self.stop.wait(rng.uniform(0.1, 2))
            connection.autocommit = True
            connection.execute(f"COMMIT PREPARED '{name}'")
            connection.autocommit = False
        else:
            connection.commit()
        self.seen.committed.update(ids)
        self.seen.transactions += 1

    def watch(self) -> None:
        """Look at what is published, and at what the database has, as strangers do."""
        while not self.stop.wait(0.05):
            with contextlib.suppress(FileNotFoundError, NoteError):
                checkpoint, _ = open_checkpoint((self.published / "checkpoint").read_text(), [SIGNER.verifier])
                self.seen.note(checkpoint.size, checkpoint.root)
            if self.witness.seen:
                self.seen.note(self.witness.seen.size, self.witness.seen.root)
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, connect_timeout=2) as connection:
                batches = connection.execute(
                    "SELECT size, root FROM evidence_batches ORDER BY first DESC LIMIT 50"
                ).fetchall()
                for size, root in batches:
                    self.seen.note(size, root)

    def settle(self) -> None:
        """Pause the writers, wait until all is sealed and published, and compare everything with everything."""
        self.quiet.set()
        for turn in self.turns:
            with turn:
                continue  # whoever was in a transaction has ended it
        self._end_prepared()
        eventually_sync(self._settled, timeout=180, every=0.5)
        self._judge()
        self.quiet.clear()

    def _end_prepared(self) -> None:
        """Commit what a writer prepared and could not commit: it has to be sealed, though nobody was told of it."""

        def none_left() -> bool:
            with contextlib.suppress(psycopg.Error), psycopg.connect(self.url, autocommit=True) as connection:
                for (name,) in connection.execute("SELECT gid FROM pg_prepared_xacts").fetchall():
                    with contextlib.suppress(psycopg.errors.UndefinedObject):
                        connection.execute(f"COMMIT PREPARED '{name}'")
                return not connection.execute("SELECT FROM pg_prepared_xacts").fetchall()
            return False

        eventually_sync(none_left, timeout=120, every=0.2)

    def _settled(self) -> bool:
        with contextlib.suppress(psycopg.Error, FileNotFoundError, NoteError):
            with psycopg.connect(self.url, connect_timeout=5) as connection:
                row = connection.execute(
                    "SELECT (SELECT count(*) FROM audit_events), coalesce((SELECT max(size) FROM evidence_batches), 0)"
                ).fetchone()
            assert row is not None
            checkpoint, _ = open_checkpoint((self.published / "checkpoint").read_text(), [SIGNER.verifier])
            cosigned = self.witness.seen.size if self.witness.seen else 0
            assert row[0] == row[1] == checkpoint.size == cosigned, (*row, checkpoint.size, cosigned)
            return True
        return False

    def _judge(self) -> None:
        kept = [Checkpoint(SIGNER.verifier.name, size, root) for size, root in self.seen.roots.items()]
        with closing(SealingStore(self.url)) as store:
            report = verify_database(store, kept, lambda _done, _total: None)
            data = store.entries(0, report.size)
        self.sealed = report.size
        if report.verdict is not Verdict.OK:
            self.seen.failures.append(f"verify: {dict(report.counts)} {report.findings[:5]}")
        sealed = [Entry.parse(data[at : at + ENTRY_SIZE]).event_id for at in range(0, len(data), ENTRY_SIZE)]
        if len(set(sealed)) != len(sealed):
            self.seen.failures.append("an event was sealed twice")
        if missing := self.seen.committed - set(sealed):
            self.seen.failures.append(f"{len(missing)} committed events were passed over")
        self.seen.failures += self._alarms()

    def _alarms(self) -> list[str]:
        refused = [f"the witness answered {status}" for status in self.witness.refused if status != 409]
        lines = self.log.read_text(errors="replace").splitlines()
        return refused + [line for line in lines if any(alarm in line for alarm in _ALARMS)]

    def summary(self) -> str:
        """One line of figures."""
        return json.dumps(
            {
                "transactions": self.seen.transactions,
                "committed": len(self.seen.committed),
                "sealed": max(self.sealed, *self.seen.roots, 0),
                "trees_seen": len(self.seen.roots),
                "witness_cosigned": self.witness.seen.size if self.witness.seen else 0,
                "failures": self.seen.failures,
            }
        )


@contextmanager
def open_drill(url: str, rng: random.Random, *, writers: int = 6) -> Iterator[Drill]:
    """A drill that writes and seals; its end ends all of it."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(TemporaryDirectory(prefix="datastorage-drill-")))
        witness = WitnessServer("witness.example/chaos", SIGNER.verifier)
        drill = Drill(url, home, rng, (witness, stack.enter_context(served(witness))))
        threads = [threading.Thread(target=drill.watch)]
        threads += [threading.Thread(target=drill.write, args=(rng.getrandbits(64),)) for _ in range(writers)]

        def end() -> None:
            drill.stop.set()
            for thread in threads:
                thread.join()
            drill.end_sealers()

        stack.callback(end)
        for thread in threads:
            thread.start()
        for _ in range(2):
            drill.start_sealer()
        yield drill


def crash(server: Controlled) -> None:
    """kill -9 of PostgreSQL, and its recovery, however long that takes."""
    server.kill(children=True)

    def back() -> bool:
        with contextlib.suppress(StartError):
            server.start()
        return answers(server)

    eventually_sync(back, timeout=300, every=0.5)


def answers(server: Controlled) -> bool:
    with contextlib.suppress(psycopg.Error), psycopg.connect(server.url, connect_timeout=5):
        return True
    return False


def fail_over(pair: Pair) -> None:
    """The primary is lost, the standby takes over, the lost one follows it."""
    pair.primary.kill(children=True)
    pair.promote()
    pair.rejoin()


def hold(url: str, stop: threading.Event) -> None:
    """A transaction that stays open for the whole drill, or until its server dies; then another one."""
    while not stop.is_set():
        with contextlib.suppress(psycopg.Error), psycopg.connect(url, connect_timeout=5) as connection:
            connection.execute(INSERT, {"at": datetime.now(UTC), "ids": [UUID(int=random.getrandbits(128), version=4)]})
            while not stop.wait(1):
                connection.execute("SELECT 1")


def main(minutes: float, seed: int) -> int:
    """Run for so long; 1 if anything was wrong."""
    rng = random.Random(seed)
    print(f"sealer drill of {minutes:g} minutes, seed {seed}", flush=True)
    deadline = time.monotonic() + minutes * 60
    done: dict[str, int] = {}
    with replicated(**SERVER) as pair, open_drill(pair.url, rng) as drill:
        holding = threading.Thread(target=hold, args=(pair.url, drill.stop))
        holding.start()
        faults: dict[str, Callable[[], None]] = {
            "sealer killed": drill.kill_a_sealer,
            "PostgreSQL killed": lambda: crash(pair.primary),
            "failover": lambda: fail_over(pair),
        }
        while time.monotonic() < deadline and not drill.seen.failures:
            name = rng.choices(list(faults), [8, 2, 1])[0]
            drill.stop.wait(rng.uniform(0.2, 6))
            began = time.monotonic()
            faults[name]()
            done[name] = done.get(name, 0) + 1
            print(f"{name}, {time.monotonic() - began:.1f} s; {drill.summary()}", flush=True)
        drill.stop.wait(2)
        drill.stop.set()
        holding.join()
        try:
            drill.settle()
        finally:
            print(f"{done} {drill.summary()}", flush=True)
    return 1 if drill.seen.failures else 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2])))
