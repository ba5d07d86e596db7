"""The buffered client between faults: its process is killed, its network cut, the service and its stores hurt.

    python -m tests.chaos.client_arena MINUTES [SEED]

runs random faults for that long and counts: an event that `store` took is stored once, or reported.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.chaos.arena import FAULTS, Arena, open_arena
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.proxy import TcpProxy

__all__ = ["CLIENT_FAULTS", "ClientArena", "Count", "open_client_arena", "run_client_round"]

_CHILD = Path(__file__).with_name("client_child.py")
_CLIENT = Path(__file__).parents[2] / "clients" / "python" / "src"
_START_TIMEOUT, _END_TIMEOUT = 90.0, 240.0
_SERVICE_FAULTS = (
    "kill -9 postgres",
    "kill -9 both",
    "kill -9 service",
    "SIGSTOP service",
    "SIGSTOP postgres",
    "swallow packets",
    "month detached",
)


@dataclass
class Count:
    """The oracle's verdict. lost, doubled and reported must be 0: nothing in these faults is the events' fault."""

    taken: int = 0
    lost: int = 0
    doubled: int = 0
    reported: int = 0

    @property
    def clean(self) -> bool:
        return self.taken > 0 and self.lost == self.doubled == self.reported == 0


@dataclass
class ClientArena:
    """An arena with a client process in front, which talks to the service through a proxy."""

    arena: Arena
    network: TcpProxy
    folder: Path
    process: subprocess.Popen[bytes] | None = None
    correlation_id: str = ""

    def start(self) -> None:
        command = [sys.executable, str(_CHILD), f"http://127.0.0.1:{self.network.port}", str(self.folder / "spill")]
        files = [str(self._file("taken")), str(self._file("reported")), self.correlation_id]
        before = len(self._lines("taken"))
        self.process = subprocess.Popen([*command, *files], env={**os.environ, "PYTHONPATH": str(_CLIENT)})
        eventually_sync(lambda: len(self._lines("taken")) > before, timeout=_START_TIMEOUT, every=0.05)

    def kill(self) -> None:
        """kill -9, and the next process takes over its spill file."""
        assert self.process
        self.process.kill()
        self.process.wait(10)

    def restart(self) -> None:
        self.kill()
        self.start()

    def finish(self) -> None:
        """End the client as its service would, as often as it takes until it says that nothing is left."""

        def ended() -> bool:
            assert self.process
            self.process.send_signal(signal.SIGTERM)
            if self.process.wait(60) == 0:
                return True
            self.start()
            return False

        eventually_sync(ended, timeout=_END_TIMEOUT)
        assert not list((self.folder / "spill").iterdir())

    def judge(self) -> Count:
        taken = set(self._lines("taken"))
        rows = Counter(event_id for event_id, _ in self.arena.stored(self.correlation_id))
        reported = self._lines("reported")
        return Count(
            taken=len(taken),
            lost=sum(event_id not in rows for event_id in taken),
            doubled=sum(count > 1 for count in rows.values()),
            reported=len(reported),
        )

    def _lines(self, name: str) -> list[str]:
        path = self._file(name)
        if not path.exists():
            return []
        # A kill may have cut the last line: its id was not told to anybody.
        return [line.split()[0] for line in path.read_text().splitlines() if len(line) >= 36]

    def _file(self, name: str) -> Path:
        return self.folder / f"{self.correlation_id}.{name}"


Fault = Callable[[ClientArena, random.Random], None]


def _of_the_service(name: str) -> Fault:
    return lambda arena, rng: FAULTS[name](arena.arena, rng)


#: Every fault by its name.
CLIENT_FAULTS: dict[str, Fault] = {
    "kill -9 client": lambda arena, _: arena.restart(),
    "cut client's network": lambda arena, _: arena.network.cut(),
    "refuse client's connections": lambda arena, _: arena.network.refuse(),
    "swallow client's packets": lambda arena, _: arena.network.hold(),
    "half-close client's connections": lambda arena, rng: arena.network.half_close(rng.choice(["client", "upstream"])),
    "lose the answer": lambda arena, _: arena.network.cut_at(b"}}]", forward=True).wait(2) and None,
    **{name: _of_the_service(name) for name in _SERVICE_FAULTS},
}


def run_client_round(arena: ClientArena, faults: list[str], rng: random.Random) -> Count:
    """Load, the faults with a kill of the client in each, recovery, the end of the client, the verdict."""
    arena.arena.rounds += 1
    arena.correlation_id = f"client-{arena.arena.rounds}-{rng.getrandbits(32)}"
    arena.start()
    try:
        for name in faults:
            time.sleep(rng.uniform(0.1, 0.6))
            CLIENT_FAULTS[name](arena, rng)
            time.sleep(rng.uniform(0.0, 1.0))
            arena.restart()
            time.sleep(rng.uniform(0.0, 1.0))
            arena.network.release()
            arena.network.accept()
            arena.arena.recover()
        arena.finish()
    finally:
        arena.kill()
    arena.arena.drained()
    return arena.judge()


@contextmanager
def open_client_arena(seed: int) -> Iterator[ClientArena]:
    """One service, its stores and a client; nothing is left behind."""
    with open_arena(seed) as arena, tempfile.TemporaryDirectory(prefix="datastorage-client-") as folder:
        network = TcpProxy("127.0.0.1", arena.services[0].port)
        opened = ClientArena(arena, network, Path(folder))
        try:
            yield opened
        finally:
            network.close()


def main(minutes: float, seed: int) -> int:
    """Rounds of random faults. Exit code 1 where an event was lost, doubled or reported."""
    rng, total, rounds = random.Random(seed), Count(), 0
    deadline = time.monotonic() + minutes * 60
    print(f"seed {seed}, {minutes:g} minutes", flush=True)
    with open_client_arena(seed) as arena:
        while time.monotonic() < deadline:
            faults = rng.choices(list(CLIENT_FAULTS), k=3)
            found = run_client_round(arena, faults, rng)
            rounds += 1
            for name in ("taken", "lost", "doubled", "reported"):
                setattr(total, name, getattr(total, name) + getattr(found, name))
            print(f"round {rounds}: {', '.join(faults)}: {found}", flush=True)
    print(f"{rounds} rounds: {total}", flush=True)
    return 0 if total.clean else 1


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().getrandbits(32)))
