"""The embedded servers: what they keep, what they survive, and how they refuse."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from psycopg.conninfo import conninfo_to_dict

from datastorage.embedded import (
    DirectoryInUseError,
    EmbeddedServers,
    MissingBinaryError,
    PortInUseError,
    UnreachableDirectoryError,
    WrongMajorError,
)
from datastorage.embedded import binaries as binaries_module
from repository.migrations import migrate
from repository.roles import excess_rights
from tests.fixtures.awaiting import eventually_sync


@pytest.fixture
def data_dir() -> Iterator[Path]:
    # Not tmp_path: pytest closes its directories to other accounts, and root's servers run as one.
    with tempfile.TemporaryDirectory(prefix="datastorage-test-", ignore_cleanup_errors=True) as path:
        yield Path(path)


def _servers(data_dir: Path, **options: object) -> EmbeddedServers:
    return EmbeddedServers(data_dir, report=lambda _line: None, **options)  # type: ignore[arg-type]  # passed through


def _gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_data_is_there_at_the_next_start_and_no_process_is_left(data_dir: Path) -> None:
    with _servers(data_dir) as servers:
        pids = servers.pids()
        with psycopg.connect(servers.owner_url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        with redis.Redis.from_url(servers.redis_url) as client:
            client.set("kept", "yes")
    assert all(_gone(pid) for pid in pids.values())
    with _servers(data_dir) as servers:
        with psycopg.connect(servers.owner_url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.get("kept") == b"yes"


def test_both_servers_are_durable_and_ask_for_a_password(data_dir: Path) -> None:
    with _servers(data_dir) as servers:
        with psycopg.connect(servers.database_url) as connection:
            shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "data_checksums")]
        with redis.Redis.from_url(servers.redis_url) as client:
            policy = [client.config_get(key)[key] for key in ("appendonly", "appendfsync", "maxmemory-policy")]
        secret = servers.home.secret()
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(servers.database_url, password="wrong")
        wrong = redis.Redis.from_url(servers.redis_url.replace(secret, "wrong"))
        with wrong as client, pytest.raises(redis.AuthenticationError):
            client.ping()
    assert shown == [("on",), ("on",)]
    assert policy == ["yes", "always", "noeviction"]


def test_the_service_is_given_a_login_that_writes_and_reads_and_nothing_more(data_dir: Path) -> None:
    with _servers(data_dir) as servers:
        migrate(servers.owner_url, writer=str(conninfo_to_dict(servers.database_url)["user"]))
        asked = (
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
        )
        for address in (servers.database_url, servers.owner_url):
            with psycopg.connect(address) as connection:
                assert connection.execute(asked).fetchone() == (False,)
        assert excess_rights(servers.database_url) == []


def test_a_server_that_dies_is_restarted_on_its_port_with_its_data(data_dir: Path) -> None:
    with _servers(data_dir) as servers:
        url = servers.owner_url
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        for pid in servers.pids().values():
            os.kill(pid, signal.SIGKILL)
        eventually_sync(lambda: not any(server.alive for server in servers.servers))
        servers.mend()
        assert servers.owner_url == url
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        with redis.Redis.from_url(servers.redis_url) as client:
            assert client.ping()


def test_the_servers_die_with_a_killed_parent_and_the_next_start_finds_the_data(data_dir: Path) -> None:
    program = (
        "import sys, time, json; from pathlib import Path; from datastorage.embedded import EmbeddedServers\n"
        "with EmbeddedServers(Path(sys.argv[1]), report=lambda line: None) as servers:\n"
        "    print(json.dumps(servers.pids()), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(data_dir)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with parent:
        assert parent.stdout
        pids = json.loads(parent.stdout.readline())
        parent.kill()
    eventually_sync(lambda: all(_gone(pid) for pid in pids.values()))
    with _servers(data_dir) as servers, psycopg.connect(servers.database_url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_second_instance_on_the_same_directory_is_refused_naming_the_first(data_dir: Path) -> None:
    with _servers(data_dir), pytest.raises(DirectoryInUseError, match=f"process {os.getpid()}"):
        _servers(data_dir).__enter__()


def test_a_port_in_use_is_refused_naming_it(data_dir: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(PortInUseError, match=f"PostgreSQL cannot listen on 127.0.0.1:{port}"):
            _servers(data_dir, postgres_port=port).__enter__()


def test_data_of_another_major_is_refused_and_left_alone(data_dir: Path) -> None:
    (data_dir / "pg15").mkdir()
    (data_dir / "pg15" / "PG_VERSION").write_text("15\n")
    with pytest.raises(WrongMajorError, match=r"written by PostgreSQL 15.*found is \d\d"):
        _servers(data_dir).__enter__()
    assert sorted(path.name for path in data_dir.glob("pg*")) == ["pg15"]


def test_a_missing_program_says_how_to_get_it(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries_module, "find_spec", lambda _name: None)
    monkeypatch.setattr(binaries_module, "_POSTGRES_GLOBS", ())
    monkeypatch.setenv("PATH", str(data_dir))
    with pytest.raises(MissingBinaryError, match="PostgreSQL was not found: install it"):
        _servers(data_dir).__enter__()
    with pytest.raises(MissingBinaryError, match=r"Redis-compatible server >= 6.2 was found: install one"):
        _servers(data_dir, database_url="postgresql://elsewhere/db").__enter__()


def test_a_directory_that_cannot_be_made_is_refused(data_dir: Path) -> None:
    (data_dir / "file").touch()
    with pytest.raises(UnreachableDirectoryError, match="choose another with --data-dir"):
        _servers(data_dir / "file").__enter__()


def test_a_given_address_is_used_and_no_server_is_started_for_it(data_dir: Path) -> None:
    with _servers(data_dir, database_url="postgresql://elsewhere/db") as servers:
        assert servers.database_url == "postgresql://elsewhere/db"
        assert list(servers.pids()) == ["valkey"]
    assert not list(data_dir.glob("pg*"))


def test_the_run_file_is_ours_alone_and_goes_with_the_instance(data_dir: Path) -> None:
    with _servers(data_dir) as servers:
        servers.write_run_file(api="http://127.0.0.1:1", pids={"dev": os.getpid()})
        path = data_dir / "run.json"
        run = json.loads(path.read_text())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert run["database_url"] == servers.database_url
        assert set(run["pids"]) == {"dev", "postgresql", "valkey"}
    assert not path.exists()
