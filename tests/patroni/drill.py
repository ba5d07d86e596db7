"""By hand: three PostgreSQLs under Patroni and etcd, switched over and killed under load; prints what each cost.

    python -m tests.patroni.drill --switchovers 10 --kills 3

Needs root and Debian's packages postgresql, patroni and etcd-server. Everything listens on 127.0.0.1, on free ports, in
a directory of its own that is gone afterwards.
"""

from __future__ import annotations

import argparse
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psycopg
import redis
import yaml

from datastorage.embedded import embedded_valkey, free_port
from tests.chaos.arena import Load, event, judge
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.database import migrate
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service

ACCOUNT = "postgres"
PASSWORD = "drill"
PATH = "/api/v1/audit/events"
BINARIES = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/lib/postgresql"))
SETTINGS = {"dlq_max_len": 100_000, "dlq_claim_idle": 1, "shutdown_drain": 0, "log_level": "warning"}


@dataclass
class Member:
    """One PostgreSQL and the Patroni that looks after it."""

    name: str
    home: Path
    port: int
    api: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with (self.home / "patroni.log").open("ab") as log:
            self.process = _as_account(["patroni", str(self.home / "patroni.yaml")], log)

    def is_leader(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.api}/leader", timeout=2).status_code == httpx.codes.OK
        return False

    def is_healthy(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.api}/health", timeout=2).status_code == httpx.codes.OK
        return False

    def is_synchronous(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"{self.api}/synchronous", timeout=2).status_code == httpx.codes.OK
        return False

    def kill(self) -> None:
        """The whole node at once: Patroni, and PostgreSQL with its sessions."""
        postmaster = int((self.home / "data/postmaster.pid").read_text().split()[0])
        assert self.process is not None
        self.process.kill()
        for pid in (postmaster, *_children(postmaster)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(20)
            self.process.kill()


@dataclass
class Cluster:
    """Three members."""

    members: list[Member] = field(default_factory=list)

    @property
    def url(self) -> str:
        hosts, ports = ",".join("127.0.0.1" for _ in self.members), ",".join(str(one.port) for one in self.members)
        return f"host={hosts} port={ports} user=postgres password={PASSWORD} dbname=datastorage"

    def leader(self) -> Member:
        return next(one for one in self.members if one.is_leader())

    def await_whole(self) -> None:
        """A leader, a synchronous standby, and everybody serves."""
        eventually_sync(
            lambda: (
                any(one.is_leader() for one in self.members)
                and any(one.is_synchronous() for one in self.members)
                and all(one.is_healthy() for one in self.members)
            ),
            timeout=180,
            every=0.2,
        )

    def switch_over(self) -> Member:
        old = self.leader()
        candidate = next(one for one in self.members if one.is_synchronous())
        answer = httpx.post(f"{old.api}/switchover", json={"leader": old.name, "candidate": candidate.name}, timeout=60)
        assert answer.is_success, answer.text
        return old


def _as_account(command: list[str], log: Any) -> subprocess.Popen[bytes]:
    account = pwd.getpwnam(ACCOUNT)
    return subprocess.Popen(
        command,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
        env={"PATH": f"{BINARIES}:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _children(pid: int) -> list[int]:
    found = subprocess.run(["pgrep", "-P", str(pid)], check=False, capture_output=True, text=True)
    return [int(line) for line in found.stdout.split()]


def _configuration(member: Member, etcd: int) -> dict[str, Any]:
    login = {"username": "postgres", "password": PASSWORD}
    parameters = {
        "max_connections": 100,
        "wal_keep_size": "256MB",
        "wal_log_hints": "on",
        "unix_socket_directories": "",
    }
    return {
        "scope": "audit",
        "name": member.name,
        "restapi": {
            "listen": member.api.removeprefix("http://"),
            "connect_address": member.api.removeprefix("http://"),
        },
        "etcd3": {"host": f"127.0.0.1:{etcd}"},
        "bootstrap": {
            "dcs": {
                "ttl": 20,
                "loop_wait": 2,
                "retry_timeout": 4,
                "synchronous_mode": True,
                "postgresql": {"use_pg_rewind": True, "parameters": parameters},
            },
            "initdb": [{"encoding": "UTF8"}, "data-checksums"],
        },
        "postgresql": {
            "listen": f"127.0.0.1:{member.port}",
            "connect_address": f"127.0.0.1:{member.port}",
            "data_dir": str(member.home / "data"),
            "bin_dir": str(BINARIES),
            "authentication": {"superuser": login, "replication": login, "rewind": login},
            "pg_hba": ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
            "pgpass": str(member.home / "pgpass"),
        },
    }


@contextmanager
def cluster_of(count: int) -> Iterator[Cluster]:
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="datastorage-patroni-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)
        client, peer = free_port(), free_port()
        etcd = [
            *("etcd", "--data-dir", str(_folder(home / "etcd")), "--name", "one"),
            *("--listen-client-urls", f"http://127.0.0.1:{client}", "--advertise-client-urls"),
            *(f"http://127.0.0.1:{client}", "--listen-peer-urls", f"http://127.0.0.1:{peer}"),
            *("--initial-advertise-peer-urls", f"http://127.0.0.1:{peer}"),
            *("--initial-cluster", f"one=http://127.0.0.1:{peer}"),
        ]
        log = stack.enter_context((home / "etcd.log").open("ab"))
        process = _as_account(etcd, log)
        stack.callback(process.wait)
        stack.callback(process.kill)
        cluster = Cluster()
        for number in range(count):
            member = Member(
                f"db{number}", _folder(home / f"db{number}"), free_port(), f"http://127.0.0.1:{free_port()}"
            )
            configuration = member.home / "patroni.yaml"
            configuration.write_text(yaml.safe_dump(_configuration(member, client)))
            configuration.chmod(0o644)
            stack.callback(member.stop)
            cluster.members.append(member)
            member.start()
            eventually_sync(lambda: any(one.is_leader() for one in cluster.members), timeout=120)
        cluster.await_whole()
        leader = cluster.leader().port
        with psycopg.connect(
            f"host=127.0.0.1 port={leader} user=postgres password={PASSWORD} dbname=postgres", autocommit=True
        ) as connection:
            connection.execute("CREATE DATABASE datastorage")
        migrate(f"{cluster.url} target_session_attrs=read-write")
        yield cluster


def _folder(path: Path) -> Path:
    account = pwd.getpwnam(ACCOUNT)
    path.mkdir(mode=0o700)
    os.chown(path, account.pw_uid, account.pw_gid)
    return path


def _direct(service: Service) -> bool:
    return service.client.post(PATH, json=event("probes", -1)).status_code == httpx.codes.CREATED


def run(switchovers: int, kills: int) -> bool:
    """All of it; whether nothing was lost or doubled."""
    with ExitStack() as stack:
        cluster = stack.enter_context(cluster_of(3))
        valkey = embedded_valkey(stack.enter_context(open_directory()), port=0)
        valkey.start_anywhere()
        stack.callback(valkey.stop)
        services = []
        for _ in range(2):
            service = Service(database_url=cluster.url, redis_url=valkey.url, settings=SETTINGS)
            stack.callback(service.close)
            services.append(service.start())
        pids = [service.pid for service in services]
        with Load([service.url for service in services], "drill", seed=20261121, threads=2) as load:
            eventually_sync(lambda: len(load.ledger.numbers) > 50, timeout=60)
            for act in ["switchover"] * switchovers + ["kill -9"] * kills:
                _one(act, cluster, services)
        with redis.Redis.from_url(valkey.url) as client:
            eventually_sync(lambda: client.xlen("audit:dlq:events") == 0, timeout=120)
            dead = client.xlen("audit:dead-letter:events")
        ledger = load.ledger
        leader = cluster.leader().port
        url = f"host=127.0.0.1 port={leader} user=postgres password={PASSWORD} dbname=datastorage"
        tally = judge(url, "drill", ledger.numbers, ledger.refusals)
        tally.add(ledger.tally)
        print(tally, "dead letters:", dead, "unforeseen:", ledger.unforeseen[:3])
        return tally.clean and not dead and not ledger.unforeseen and pids == [one.pid for one in services]


def _one(act: str, cluster: Cluster, services: list[Service]) -> None:
    old = cluster.leader()
    began = time.monotonic()
    if act == "switchover":
        cluster.switch_over()
    else:
        old.kill()
    eventually_sync(lambda: any(one.is_leader() for one in cluster.members if one is not old), timeout=120, every=0.05)
    elected = time.monotonic()
    for service in services:
        eventually_sync(lambda service=service: _direct(service), timeout=120, every=0.05)
    back = time.monotonic()
    if act != "switchover":
        old.start()
    cluster.await_whole()
    print(
        f"{act}: another leader after {elected - began:.1f} s, direct writes {back - elected:.1f} s behind that, "
        f"three members again after {time.monotonic() - began:.1f} s",
        flush=True,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--switchovers", type=int, default=10)
    parser.add_argument("--kills", type=int, default=3)
    given = parser.parse_args()
    sys.exit(0 if run(given.switchovers, given.kills) else 1)
