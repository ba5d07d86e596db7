"""Reads of the log's tables, for everybody but the sealer."""

from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from psycopg import sql
from psycopg.rows import args_row

from repository.pool import Connection
from repository.reads import Reads
from repository.sql import load

__all__ = ["EvidenceReads", "Pending", "SealedTree"]

#: Events that are not sealed yet are counted up to here.
PENDING_CEILING = 10_000
_ENTRIES, _NODES, _INDEX = load("evidence_entries"), load("evidence_nodes"), load("evidence_index")
_PENDING = sql.SQL(load("evidence_pending")).format(ceiling=sql.Literal(PENDING_CEILING))
_TREE = load("evidence_tree")
_ORIGIN = "SELECT origin FROM evidence_log"
#: What an entry of an event begins with, before the event's id.
_VERSION = b"\x01"


class SealedTree(NamedTuple):
    """The newest tree: its size, its root, when it was sealed, and the cosignature lines of witnesses, if any yet."""

    size: int
    root: bytes
    sealed_at: datetime
    cosignatures: str


class Pending(NamedTuple):
    """Events that are not sealed yet, PENDING_CEILING at the most, and when the oldest of them was stored."""

    events: int
    oldest: datetime | None


class EvidenceReads:
    """Each method raises DatabaseUnavailableError, QueryTimeoutError."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def origin(self) -> str:
        """The log's name; empty before the first seal."""

        async def work(connection: Connection) -> str:
            row = await (await connection.execute(_ORIGIN)).fetchone()
            return row[0] if row else ""

        return await self._reads.run(work)

    async def tree(self) -> SealedTree | None:
        """The newest tree; None before the first seal."""

        async def work(connection: Connection) -> SealedTree | None:
            cursor = connection.cursor(row_factory=args_row(SealedTree))
            return await (await cursor.execute(_TREE)).fetchone()

        return await self._reads.run(work)

    async def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves, one behind the other; fewer where the log ends."""

        async def work(connection: Connection) -> bytes:
            cursor = await connection.cursor(binary=True).execute(_ENTRIES, {"first": first, "end": end})
            return b"".join([piece for (piece,) in await cursor.fetchall()])

        return await self._reads.run(work)

    async def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level; fewer where the log ends."""

        async def work(connection: Connection) -> list[bytes]:
            values = {"level": level, "first": first, "end": end}
            cursor = await connection.cursor(binary=True).execute(_NODES, values)
            return [hash_ for (hash_,) in await cursor.fetchall()]

        return await self._reads.run(work)

    async def index_of(self, event_id: UUID, event_date: date) -> int | None:
        """The leaf of a stored event; None while it is not sealed."""

        async def work(connection: Connection) -> int | None:
            values = {"head": _VERSION + event_id.bytes, "event_id": event_id, "event_date": event_date}
            row = await (await connection.execute(_INDEX, values)).fetchone()
            return row[0] if row else None

        return await self._reads.run(work)

    async def pending(self) -> Pending:
        """What is committed and not sealed yet."""

        async def work(connection: Connection) -> Pending:
            row = await (await connection.execute(_PENDING)).fetchone()
            return Pending(*row) if row else Pending(0, None)

        return await self._reads.run(work, fresh=True)
