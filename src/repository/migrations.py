"""Migrations: plain SQL files applied in order by yoyo, one migrator at a time, checksums kept in a manifest."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import yoyo

from addresses.postgres import database_name, parameters
from repository._translate import translated
from repository.errors import RepositoryError
from repository.partitions import ensure_months, window
from repository.roles import grant_roles
from repository.v1_import import is_of_v1

__all__ = ["MANIFEST", "MigrationError", "folder", "migrate", "pending"]

MANIFEST = "manifest.json"
#: Key of the advisory lock that lets one migrator through at a time: the ASCII codes of "dsmigrat".
_LOCK = 0x64736D6967726174
#: Seconds that a migrator waits for another one to finish.
_LOCK_TIMEOUT = 120
_OF_V1 = (
    "this is a database of Data Storage V1.0, whose tables have the same names and other columns; leave it as it is, "
    "make an empty database, run `datastorage migrate` on that, and then `datastorage import-v1 --from` this one"
)
#: What yoyo calls psycopg 3.
_SCHEME = "postgresql+psycopg"


class MigrationError(RepositoryError):
    """The migrations cannot be applied."""


def folder() -> Path:
    """Where the migrations are: carried in the wheel, or at the repository's top level."""
    carried = Path(__file__).parent / "schema"
    return carried if carried.is_dir() else Path(__file__).parents[2] / "migrations"


def pending(address: str) -> list[str]:
    """The names of the migrations that the database at `address` lacks, in order.

    Raises MigrationError if a file is not what the manifest says, DatabaseUnavailableError.
    """
    migrations = _read(folder())
    with translated(), psycopg.connect(address, connect_timeout=5) as connection:
        if is_of_v1(connection):
            raise MigrationError(_OF_V1)
        applied = _applied(connection)
    return [migration.id for migration in migrations if migration.id not in applied]


def migrate(address: str, *, today: datetime | None = None, writer: str = "", reader: str = "") -> list[str]:
    """Apply what is pending and make the months around today; returns the names applied.

    writer, reader: logins that get what the service and its reads from a standby need; "" for none.

    Waits for another migrator, at most 120 s. A migrator that crashed blocks nobody: the lock is its session's.
    Raises MigrationError, DatabaseUnavailableError.
    """
    migrations = _read(folder())
    with translated(), _alone(address) as connection:
        if is_of_v1(connection):
            raise MigrationError(_OF_V1)
        missing = [migration for migration in migrations if migration.id not in _applied(connection)]
        if missing:
            _apply(address, missing)
        ensure_months(connection, window((today or datetime.now(UTC)).date()))
        grant_roles(connection, writer=writer, reader=reader)
    return [migration.id for migration in missing]


def _read(directory: Path) -> list[Any]:
    recorded = json.loads((directory / MANIFEST).read_text(encoding="utf-8"))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in directory.glob("*.sql")}
    if wrong := sorted(name for name in found.keys() | recorded.keys() if found.get(name) != recorded.get(name)):
        raise MigrationError(
            f"{', '.join(wrong)}: not what {MANIFEST} records; never edit a migration, add a new one and its checksum"
        )
    return list(yoyo.read_migrations(str(directory)))


@contextmanager
def _alone(address: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection that holds the migrators' lock for as long as it lives."""
    with psycopg.connect(address, autocommit=True, connect_timeout=5, options="-c timezone=UTC") as connection:
        connection.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}s'")
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        connection.execute("SET lock_timeout = '5s'")
        yield connection


def _applied(connection: psycopg.Connection[Any]) -> set[str]:
    known = connection.execute("SELECT to_regclass('_yoyo_migration') IS NOT NULL").fetchone()
    if not known or not known[0]:
        return set()
    return {row[0] for row in connection.execute("SELECT migration_id FROM _yoyo_migration")}


def _apply(address: str, missing: list[Any]) -> None:
    # yoyo's own reading of addresses knows one host and no sockets: it is handed what libpq read.
    where = yoyo.connections.DatabaseURI(_SCHEME, None, None, None, None, database_name(address), parameters(address))
    backend = yoyo.backends.get_backend_class(_SCHEME)(where, yoyo.connections.default_migration_table)
    backend.init_database()
    try:
        # We hold the lock: a lock row of yoyo's is left over from a migrator that crashed.
        backend.break_lock()
        with _some_user(), backend.lock():
            backend.apply_migrations(yoyo.migrations.MigrationList(missing))
    finally:
        backend.connection.close()


@contextmanager
def _some_user() -> Iterator[None]:
    """Name a user: yoyo notes the user's name (getpass.getuser), which a container's user may not have."""
    if "USER" in os.environ:
        yield
        return
    os.environ["USER"] = "datastorage"
    try:
        yield
    finally:
        del os.environ["USER"]
