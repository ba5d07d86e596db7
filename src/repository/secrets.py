"""Keys that all instances share, kept with the data."""

from __future__ import annotations

from repository.reads import Connection, Reads
from repository.sql import load

__all__ = ["Secrets"]

_SECRET = load("service_secret")


class Secrets:
    """Reads the table service_secrets."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def read(self, name: str) -> bytes | None:
        """The key `name`; None if there is none. Raises DatabaseUnavailableError, QueryTimeoutError."""

        async def work(connection: Connection) -> bytes | None:
            row = await (await connection.execute(_SECRET, {"name": name})).fetchone()
            return bytes(row[0]) if row else None

        return await self._reads.run(work)
