"""Real servers of Redis and of Valkey: the same tests on both."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

from datastorage.embedded import free_port
from datastorage.embedded.binaries import find_valkey
from tests.fixtures.awaiting import eventually_sync

__all__ = ["Cluster", "Node", "takes_writes"]

SERVICE = "audit"
#: Milliseconds after which the Sentinels hold the master for down.
DOWN_AFTER = 1000


def _program(name: str) -> Path:
    if name == "valkey":
        return find_valkey().path
    found = shutil.which("redis-server")
    assert found, "this ring needs Debian's package redis-server"
    return Path(found)


@dataclass
class Node:
    """One process."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port, socket_timeout=2)

    def answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except redis.RedisError:
            return False


@dataclass
class Cluster:
    """A master, two replicas and three Sentinels."""

    program: Path
    home: Path
    stack: ExitStack
    nodes: dict[int, Node] = field(default_factory=dict)
    sentinels: list[Node] = field(default_factory=list)

    def url(self) -> str:
        places = ",".join(f"127.0.0.1:{one.port}" for one in self.sentinels)
        return f"redis+sentinel://{places}/0?service={SERVICE}"

    def start(self, port: int, *options: str, sentinel: bool = False) -> Node:
        folder = self.home / str(port)
        folder.mkdir(exist_ok=True)
        config = folder / "server.conf"
        if not config.exists():
            config.write_text("\n".join(options) + "\n")
        command = [str(self.program), str(config), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        process = subprocess.Popen(
            [*command, "--sentinel"] if sentinel else command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.stack.callback(_end, process)
        node = Node(port, process)
        eventually_sync(node.answers, timeout=30)
        return node

    def add(self, *options: str) -> Node:
        node = self.start(free_port(), "appendonly yes", "appendfsync always", "maxmemory-policy noeviction", *options)
        self.nodes[node.port] = node
        return node

    def watch(self, master: int) -> None:
        for _ in range(3):
            settings = [
                f"sentinel monitor {SERVICE} 127.0.0.1 {master} 2",
                f"sentinel down-after-milliseconds {SERVICE} {DOWN_AFTER}",
                f"sentinel failover-timeout {SERVICE} 5000",
            ]
            self.sentinels.append(self.start(free_port(), *settings, sentinel=True))
        eventually_sync(self._agree, timeout=30)

    def _agree(self) -> bool:
        told = [one.client.sentinel_master(SERVICE) for one in self.sentinels]
        return all(one["num-other-sentinels"] == 2 and one["num-slaves"] == 2 for one in told)

    def master(self) -> Node:
        _, port = self.sentinels[0].client.sentinel_get_master_addr_by_name(SERVICE)
        return self.nodes[int(port)]

    def fail_over(self, how: signal.Signals) -> float:
        """Lose the master; seconds until the Sentinels have another."""
        old = self.master()
        old.process.send_signal(how)
        began = time.monotonic()
        eventually_sync(lambda: self.master().port != old.port, timeout=60)
        return time.monotonic() - began


def _end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait()


@contextmanager
def cluster_of(name: str, home: Path) -> Iterator[Cluster]:
    with ExitStack() as stack:
        cluster = Cluster(_program(name), home, stack)
        master = cluster.add()
        for _ in range(2):
            replica = cluster.add(f"replicaof 127.0.0.1 {master.port}")
            eventually_sync(lambda one=replica: one.client.info()["master_link_status"] == "up", timeout=30)
        cluster.watch(master.port)
        yield cluster


@pytest.fixture(params=["redis", "valkey"])
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    with cluster_of(request.param, tmp_path) as made:
        yield made


@pytest.fixture(params=["redis", "valkey"])
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Node, Node]]:
    """A master that takes writes only while its one replica follows, and that replica."""
    with ExitStack() as stack:
        cluster = Cluster(_program(request.param), tmp_path, stack)
        master = cluster.add("min-replicas-to-write 1", "min-replicas-max-lag 2")
        replica = cluster.add(f"replicaof 127.0.0.1 {master.port}", "repl-diskless-sync-delay 0")
        eventually_sync(lambda: takes_writes(master), timeout=30)
        yield master, replica


def takes_writes(master: Node) -> bool:
    """Whether it has the replicas that it wants for a write."""
    try:
        return bool(master.client.set("written", "by the test"))
    except redis.ResponseError as error:
        return "NOREPLICAS" not in str(error)


@pytest.fixture
def redis_7(tmp_path: Path) -> Iterator[str]:
    """The address of a single Redis from Debian."""
    with ExitStack() as stack:
        node = Cluster(_program("redis"), tmp_path, stack).add()
        assert int(str(node.client.info()["redis_version"]).partition(".")[0]) >= 7
        yield f"redis://127.0.0.1:{node.port}/0"
