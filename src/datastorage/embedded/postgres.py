"""PostgreSQL as a child process: initdb, a stale lock's cure, start and stop."""

from __future__ import annotations

import hmac
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from datastorage.embedded.binaries import Binary, find_postgres
from datastorage.embedded.directory import DataDirectory, write_private
from datastorage.embedded.errors import StartError
from datastorage.embedded.privileges import reachable
from datastorage.embedded.process import HOST, Server, as_account, environment

__all__ = ["Postgres", "embedded_postgres"]

_ROLE = "datastorage"
_OWNER, _WRITER = "datastorage_owner", "datastorage_writer"
#: What a data directory of an earlier version has belongs to the superuser. A sequence of a table goes with its table.
_HAND_OVER = """
DO $$
DECLARE
    one record;
BEGIN
    EXECUTE 'ALTER SCHEMA public OWNER TO datastorage_owner';
    FOR one IN SELECT format('%s %s', CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, oid::regclass) AS object
                 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')
                  AND relowner <> 'datastorage_owner'::regrole
               UNION ALL
               SELECT format('FUNCTION %s', oid::regprocedure)
                 FROM pg_proc
                WHERE pronamespace = 'public'::regnamespace AND proowner <> 'datastorage_owner'::regrole LOOP
        EXECUTE format('ALTER %s OWNER TO datastorage_owner', one.object);
    END LOOP;
END
$$
"""
_BUILTIN_LOCALE_SINCE = 17
#: PostgreSQL's shared memory segments for parallel queries fit in more than this.
_TINY_SHM = 1024 * 1024
_LEFTOVERS_TIMEOUT = 10.0
_SETTINGS = {"max_connections": "200", "shared_buffers": "128MB", "fsync": "on", "synchronous_commit": "on"}


class Postgres(Server):
    """A PostgreSQL cluster that listens on loopback only and asks everybody for a password."""

    name: ClassVar[str] = "PostgreSQL"
    stop_signal: ClassVar[signal.Signals] = signal.SIGINT  # fast shutdown; SIGTERM would wait for clients to leave

    def __init__(self, *, settings: Mapping[str, str] | None = None, **common: Any) -> None:
        super().__init__(**common)
        self.settings = settings or {}

    @property
    def url(self) -> str:
        """The address of the service's database as the superuser: for tests that hurt it, never for the service."""
        return self.url_of(_ROLE)

    def url_of(self, database: str) -> str:
        """The address of one database of the cluster, as the superuser."""
        return f"postgresql://{_ROLE}:{self.password}@{HOST}:{self.port}/{database}"

    @property
    def owner_url(self) -> str:
        """The service's database as the owner of its tables: for migrations and keys."""
        return self._url_as(_OWNER)

    @property
    def writer_url(self) -> str:
        """The service's database as the service uses it."""
        return self._url_as(_WRITER)

    def _url_as(self, role: str) -> str:
        return f"postgresql://{role}:{self._password_of(role)}@{HOST}:{self.port}/{_ROLE}"

    def _password_of(self, role: str) -> str:
        """A password of the role's own, from which nobody learns another's."""
        return hmac.digest(self.password.encode(), role.encode(), "sha256").hex()

    def arguments(self) -> Sequence[str]:
        """`-c` beats every configuration file."""
        settings = {
            "listen_addresses": HOST,
            "port": str(self.port),
            "unix_socket_directories": "",
            **_SETTINGS,
            **_for_tiny_shm(),
            **self.settings,
        }
        return ["-D", str(self.directory), *(f"-c{name}={value}" for name, value in settings.items())]

    def answers(self) -> bool:
        """Whether a client can log in."""
        try:
            psycopg.connect(self.url_of("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def prepare(self) -> None:
        """Remove the lock file of a server that is no more; PostgreSQL takes a zombie's for a living one's.

        Our own lock on the data directory keeps other instances out. Raises StartError if a server still lives here.
        """
        lock = self.directory / "postmaster.pid"
        deadline = time.monotonic() + _LEFTOVERS_TIMEOUT
        while lock.exists() and (left := list(_processes_in(self.directory))):
            if time.monotonic() > deadline:
                raise StartError(f"a PostgreSQL of an earlier run is still at work: end it with `kill -INT {left[0]}`")
            time.sleep(0.02)
        if Path("/proc/self/cwd").exists():  # elsewhere we cannot tell, and PostgreSQL's own check decides
            lock.unlink(missing_ok=True)

    def create_database(self) -> None:
        """Create the service's database and its roles if they are not there; the owner gets what is in it."""
        with psycopg.connect(self.url_of("postgres"), autocommit=True) as connection:
            for role in (_OWNER, _WRITER):
                known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
                verb = sql.SQL("ALTER" if known else "CREATE")
                connection.execute(
                    sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                        verb, sql.Identifier(role), sql.Literal(self._password_of(role))
                    )
                )
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_ROLE]).fetchone()
            statement = "ALTER DATABASE {} OWNER TO {}" if known else "CREATE DATABASE {} OWNER {}"
            connection.execute(sql.SQL(statement).format(sql.Identifier(_ROLE), sql.Identifier(_OWNER)))
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(_HAND_OVER)


def embedded_postgres(home: DataDirectory, *, port: int, settings: Mapping[str, str] | None = None) -> Postgres:
    """A PostgreSQL over `home`, its cluster created if there is none; not started.

    Raises MissingBinaryError, WrongMajorError, AccountError, StartError.
    """
    binary = find_postgres()
    home.require_major(binary.major)
    shelf = Path("/var/lib/datastorage/bin") if home.account else home.path / "bin"
    program = reachable(binary, home.account, shelf)
    directory = home.path / f"pg{binary.major}"
    if not (directory / "PG_VERSION").exists():
        _initdb(home, binary, program, directory)
    return Postgres(
        program=program,
        directory=directory,
        port=port,
        password=home.secret(),
        account=home.account,
        log=home.path / "postgres.log",
        settings=settings,
    )


def _initdb(home: DataDirectory, binary: Binary, program: Path, directory: Path) -> None:
    """Create the cluster aside and rename it, so that an interrupted initdb leaves nothing half done."""
    draft = home.path / "initdb"
    shutil.rmtree(draft, ignore_errors=True)
    home.folder(draft.name)
    password_file = home.path / "initdb.secret"
    write_private(password_file, home.secret())
    home.give(password_file)
    made = subprocess.run(  # noqa: S603 - a program that we found
        [
            program.with_name("initdb"),
            "-D",
            str(draft),
            "-U",
            _ROLE,
            f"--pwfile={password_file}",
            *_initdb_options(binary),
        ],
        **as_account(home.account),
        cwd="/",
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if made.returncode:
        raise StartError(
            f"initdb failed in {home.path}: {(made.stderr.strip() or made.stdout.strip()).splitlines()[-1]}"
        )
    draft.rename(directory)


def _initdb_options(binary: Binary) -> list[str]:
    """SCRAM, since `trust` would make every local user a superuser; checksums, since corruption must be noticed."""
    options = ["--encoding=UTF8", "--auth=scram-sha-256", "--data-checksums", "--no-instructions", "--locale=C"]
    if binary.major >= _BUILTIN_LOCALE_SINCE:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    return options + [f"-c{name}={value}" for name, value in _for_tiny_shm().items()]


def _for_tiny_shm() -> dict[str, str]:
    try:
        shm = os.statvfs("/dev/shm")  # noqa: S108 - asked for its size, not written to
    except OSError:
        return {}
    return {"dynamic_shared_memory_type": "mmap"} if shm.f_blocks * shm.f_frsize <= _TINY_SHM else {}


def _processes_in(directory: Path) -> Iterator[int]:
    """Living processes whose working directory this is: a server's and its children's. Zombies have none."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == directory:
                yield int(entry.name)
        except OSError:
            continue
