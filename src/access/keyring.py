"""The API keys in memory: they follow the table by LISTEN and NOTIFY, and stay while PostgreSQL is away."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from access.errors import AccessUnavailableError
from access.grants import Limits
from access.keys import ApiKey, digest, parse
from access.scopes import ALL_SCOPES
from repository.access_keys import AccessKeyTable, KeyRow
from repository.errors import RepositoryError
from repository.listening import heard
from telemetry.clock import Clock
from telemetry.logs import get_logger

__all__ = ["BOOTSTRAP_NAME", "KeyRing", "bootstrap_key", "key_of"]

#: Name of the key that the settings bring: for an installation that has no other yet.
BOOTSTRAP_NAME = "bootstrap"
#: Seconds between two looks at a server that says nothing, and between two tries at one that is away.
_QUIET, _RETRY = 2.0, 0.5
#: Seconds that a request waits for the keys to be read for the first time.
_FIRST_READ = 2.0
#: Seconds between two notes of which keys were used.
_NOTE_EVERY = 60.0
_log = get_logger(__name__)


class KeyRing:
    """Every key by its id. One a process. changed: called when the keys were read anew.

    settled: keys that come with the settings and are known without PostgreSQL.
    """

    def __init__(
        self,
        table: AccessKeyTable,
        *,
        clock: Clock,
        settled: Mapping[str, ApiKey] | None = None,
        changed: Callable[[], None] = lambda: None,
    ) -> None:
        self._table = table
        self._clock = clock
        self._settled = dict(settled or {})
        self._changed = changed
        self._keys: dict[str, ApiKey] | None = None
        self._used: dict[str, datetime] = {}
        self._noted_at = clock()
        self._tried = asyncio.Event()

    async def find(self, key_id: str) -> ApiKey | None:
        """The key of this id. Raises AccessUnavailableError where the keys could not yet be read."""
        if key := self._settled.get(key_id):
            return key
        if self._keys is None:
            with contextlib.suppress(TimeoutError):  # the process has just started
                await asyncio.wait_for(self._tried.wait(), _FIRST_READ)
        if self._keys is None:
            raise AccessUnavailableError("the API keys have not been read yet")
        return self._keys.get(key_id)

    def used(self, key_id: str) -> None:
        """Note that a key was used; written once a minute."""
        if key_id not in self._settled:
            self._used[key_id] = self._clock()

    async def run(self) -> None:
        """Follow the table until cancelled."""
        while True:
            try:
                await self._follow()
            except RepositoryError as error:
                _log.info("changes of API keys cannot be heard; the known keys go on", cause=type(error).__name__)
            except Exception:  # noqa: BLE001 - a follower that ends would keep revoked keys in force
                _log.exception("following the API keys failed")
            self._tried.set()
            await asyncio.sleep(_RETRY)

    async def _follow(self) -> None:
        async with self._table.listening() as connection:  # first listen, then read: nothing falls between the two
            await self._read(connection)
            while True:
                if await heard(connection, _QUIET):
                    await self._read(connection)
                if (self._clock() - self._noted_at).total_seconds() >= _NOTE_EVERY:
                    await self._note(connection)

    async def _read(self, connection: Any) -> None:
        self._keys = {row.key_id: key_of(row) for row in await self._table.read(connection)}
        self._tried.set()
        self._changed()

    async def _note(self, connection: Any) -> None:
        used, self._used, self._noted_at = self._used, {}, self._clock()
        if used:
            await self._table.note_use(connection, used)


def key_of(row: KeyRow) -> ApiKey:
    """A stored key. Scopes that this release does not know give nothing."""
    limits = Limits(
        categories=_set(row.categories),
        namespaces=_set(row.namespaces),
        clusters=_set(row.clusters),
        requests_per_second=row.requests_per_second,
        burst=row.burst,
    )
    return ApiKey(
        key_id=row.key_id,
        name=row.name,
        secret_sha256=row.secret_sha256,
        scopes=ALL_SCOPES.intersection(row.scopes),
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        limits=limits,
    )


def _set(values: Any) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def bootstrap_key(text: str) -> ApiKey:
    """The key of the settings, with every scope. Raises InvalidCredentialsError where it has not the form of a key."""
    key_id, secret = parse(text)
    return ApiKey(key_id=key_id, name=BOOTSTRAP_NAME, secret_sha256=digest(secret), scopes=ALL_SCOPES)
