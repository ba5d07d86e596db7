"""The log's tables and the rows that it seals, as the one sealer of a database uses them, on a connection of its own.

Blocking: for a thread or a process of its own. psycopg's errors become ours in `translated`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, LiteralString, NamedTuple
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.rows import class_row

from repository._translate import translated
from repository.errors import RepositoryError
from repository.partitions import next_month
from repository.snapshots import Window
from repository.sql import load

__all__ = ["Batch", "KnownMonth", "NewBatch", "Now", "SealableRow", "SealingStore"]

#: Key of the sealer's session advisory lock: the ASCII codes of "dsseal".
_LOCK = 0x64737365616C
_OPTIONS = (
    "-c timezone=UTC -c enable_seqscan=off -c synchronous_commit=on -c jit=off"
    " -c idle_in_transaction_session_timeout=60000 -c lock_timeout=2000"
)
_LAST, _NOW, _ATTACHED = load("evidence_last_batch"), load("evidence_now"), load("partitions_attached")
_ROWS, _NEWS, _CUT = load("evidence_rows"), load("evidence_news"), load("evidence_cut")
_ENTRIES, _NODES = load("evidence_entries"), load("evidence_nodes")
#: Bytes of a binary COPY's header: signature, flags, length of an extension that is empty.
_HEADER = 19
#: The first two fields of a row are for the sealer; this is the count of the others.
_FIELDS = (32).to_bytes(2, "big")
_SEALABLE, _IDS = load("evidence_sealable"), load("evidence_ids")
_MONTHS, _SET_MONTH = load("evidence_months"), load("evidence_set_month")
_ERASURES = load("evidence_erasures")
_TOMBSTONES = "SELECT note FROM evidence_tombstones ORDER BY buried_at, month"
_APPEND, _NEXT_BATCHES, _IDENTIFY = load("evidence_append"), load("evidence_next_batches"), load("evidence_identify")
_KEEP_COSIGNATURE = load("evidence_keep_cosignature")
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ"


class Batch(NamedTuple):
    """What one transaction of the sealer appended: leaves from `first` up to but not including `size`."""

    first: int
    size: int
    root: bytes
    seen: str
    cluster: int


class NewBatch(NamedTuple):
    """A batch to append, its entries one behind the other, and the nodes (level, number, hash) that it completed."""

    batch: Batch
    entries: bytes
    nodes: Sequence[tuple[int, int, bytes]]
    months: Sequence[KnownMonth]


class KnownMonth(NamedTuple):
    """A month that the log knows.

    seen: the snapshot up to which it is sealed; None for that of the newest batch. after: the id up to which rows that
    are older than the log are sealed; None when all of them are.
    """

    month: date
    seen: str | None
    after: UUID | None


class Now(NamedTuple):
    """The snapshot of the transaction at hand, the cluster's identifier, and whether this is a standby."""

    snapshot: str
    cluster: int
    standby: bool


class SealableRow(NamedTuple):
    """A row to seal: its transaction, its id, its UTC day as YYYYMMDD, and the SHA-256 of its canonical bytes."""

    xid: int
    event_id: bytes
    day: int
    digest: bytes


class SealingStore:
    """One connection. Each method raises DatabaseUnavailableError or another RepositoryError.

    Within `snapshot()` all reads see one moment, and `append` commits it.
    """

    def __init__(self, address: str) -> None:
        with translated():
            self._connection: psycopg.Connection[Any] = psycopg.connect(
                address, autocommit=True, options=_OPTIONS, connect_timeout=2, application_name="datastorage sealer"
            )

    @property
    def lost(self) -> bool:
        """Whether the connection is gone, and the lock with it."""
        return self._connection.closed

    def close(self) -> None:
        """Close the connection, and so give the lock back."""
        self._connection.close()

    def try_lock(self) -> bool:
        """Become the one sealer of this database, for as long as the connection lasts; False if there is another."""
        with translated():
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK]).fetchone()
        return bool(row and row[0])

    @contextmanager
    def snapshot(self) -> Iterator[Now]:
        """A REPEATABLE READ transaction, rolled back unless `append` committed it."""
        with translated():
            self._connection.execute(_SNAPSHOT)
            try:
                with self._connection.cursor(row_factory=class_row(Now)) as cursor:
                    now = cursor.execute(_NOW).fetchone()
                if now is None:
                    raise RepositoryError("pg_control_system() has no row")
                yield now
            finally:
                if not self._connection.closed:
                    self._connection.rollback()

    def last_batch(self) -> Batch | None:
        """The newest batch; None for an empty log."""
        with translated(), self._connection.cursor(row_factory=class_row(Batch)) as cursor:
            return cursor.execute(_LAST).fetchone()

    def root_at(self, size: int) -> bytes | None:
        """The root of the tree of `size` leaves, if a batch ended there."""
        row = self._fetch("SELECT root FROM evidence_batches WHERE size = %s", [size])
        return row[0] if row else None

    def keep_cosignature(self, witness: str, size: int, line: str) -> None:
        """Keep what a witness signed about the tree of `size` leaves, in place of what it signed before."""
        with translated():
            self._connection.execute(_KEEP_COSIGNATURE, [witness, size, line])

    def identity(self, origin: str) -> tuple[str, int]:
        """The log's origin and its cluster; `origin` and this cluster become them if the log is new."""
        with translated():
            self._connection.execute(_IDENTIFY, {"origin": origin})
        row = self._fetch("SELECT origin, cluster FROM evidence_log", [])
        return (row[0], row[1]) if row else (origin, 0)

    def months(self) -> list[date]:
        """The attached months, oldest first."""
        with translated():
            return [month for (month,) in self._connection.execute(_ATTACHED).fetchall()]

    def known_months(self) -> list[KnownMonth]:
        """The months that the log knows."""
        with translated(), self._connection.cursor(row_factory=class_row(KnownMonth)) as cursor:
            return cursor.execute(_MONTHS).fetchall()

    def tombstones(self) -> list[str]:
        """The notes that are left of months that were dropped, oldest first."""
        with translated():
            return [note for (note,) in self._connection.execute(_TOMBSTONES).fetchall()]

    def erased(self) -> set[UUID]:
        """The events of which something was erased, as a table says that is not sealed."""
        with translated():
            return {one for (one,) in self._connection.execute("SELECT event_id FROM audit_erasures").fetchall()}

    def erasures(self, month: date) -> list[tuple[UUID, UUID, bytes]]:
        """What events of a month tell of erasures: their id, that of the erased event, and its digest since."""
        with self._of_month():
            return self._connection.execute(_composed(_ERASURES, month, sql.SQL("true"))).fetchall()

    def entries(self, first: int, end: int) -> bytes:
        """The entries of a range of leaves, one behind the other."""
        with translated():
            pieces = self._connection.execute(_ENTRIES, {"first": first, "end": end}).fetchall()
        return b"".join(piece for (piece,) in pieces)

    def nodes(self, level: int, first: int, end: int) -> list[bytes]:
        """The hashes of a range of nodes of one level."""
        with translated():
            rows = self._connection.execute(_NODES, {"level": level, "first": first, "end": end}).fetchall()
        return [hash_ for (hash_,) in rows]

    def has_news(self, month: date, window: Window) -> bool:
        """Whether a month has rows in the window. A month that cannot be read raises, and the transaction goes on."""
        with self._of_month():
            row = self._connection.execute(_composed(_NEWS, month, _condition(window))).fetchone()
        return bool(row and row[0])

    def cut(self, month: date, window: Window, rows: int) -> int | None:
        """The transaction of the `rows`-th row of the window; None if there are not so many."""
        with self._of_month():
            row = self._connection.execute(
                _composed(_CUT, month, _condition(window), rows=sql.Literal(rows - 1))
            ).fetchone()
        return int(row[0]) if row else None

    def rows(self, month: date, window: Window) -> list[SealableRow]:
        """The rows of a month in the window, in no order."""
        return self._copy(month, _condition(window))

    def old_rows(self, month: date, after: UUID, limit: int) -> list[SealableRow]:
        """At most `limit` of the rows that are older than the log, by id behind `after`."""
        old = sql.SQL("seal_xid = '0' AND event_id > {after} ORDER BY event_id LIMIT {limit}").format(
            after=sql.Literal(after), limit=sql.Literal(limit)
        )
        return self._copy(month, old)

    def batches(self) -> Iterator[Batch]:
        """Every batch, oldest first."""
        first = -1
        while True:
            with translated(), self._connection.cursor(row_factory=class_row(Batch)) as cursor:
                found = cursor.execute(_NEXT_BATCHES, {"first": first}).fetchall()
            if not found:
                return
            yield from found
            first = found[-1].first

    def rows_of(self, month: date, ids: Sequence[UUID]) -> list[SealableRow]:
        """The rows of a month with one of these ids, in no order."""
        wanted = sql.SQL("event_id = ANY({}::uuid[])").format(sql.Literal(f"{{{','.join(map(str, ids))}}}"))
        return self._copy(month, wanted)

    def count_sealable(self, month: date, window: Window, after: UUID | None) -> tuple[int, int]:
        """How many rows a month has, and how many of them wait to be sealed: see `rows` and `old_rows`."""
        waiting: sql.Composable = _condition(window)
        if after is not None:
            old = sql.SQL("(seal_xid = '0' AND event_id > {})").format(sql.Literal(after))
            waiting = sql.SQL("({} OR {})").format(waiting, old)
        with self._of_month():
            row = self._connection.execute(_composed(_SEALABLE, month, waiting)).fetchone()
        return (row[0], row[1]) if row else (0, 0)

    def ids(self, month: date, window: Window) -> set[UUID]:
        """The ids of a month's rows outside the window."""
        with self._of_month():
            rows = self._connection.execute(_composed(_IDS, month, _condition(window))).fetchall()
        return {one for (one,) in rows}

    def append(self, new: NewBatch) -> None:
        """Append a batch, write down how far `new.months` are, and commit.

        A second sealer's batch fails here at the latest.
        """
        batch = new.batch
        with translated():
            self._connection.execute(
                _APPEND, [batch.first, batch.size, batch.root, new.entries, batch.seen, batch.cluster]
            )
            with self._connection.cursor() as cursor:
                cursor.executemany("INSERT INTO evidence_nodes (level, n, hash) VALUES (%s, %s, %s)", new.nodes)
                cursor.executemany(_SET_MONTH, new.months)
            self._connection.commit()

    @contextmanager
    def _of_month(self) -> Iterator[None]:
        """Around a statement on one month: what fails is undone by itself."""
        with translated(), self._connection.transaction():
            yield

    def _copy(self, month: date, condition: sql.Composable) -> list[SealableRow]:
        statement = _composed(_ROWS, month, condition)
        rows: list[SealableRow] = []
        with self._of_month(), self._connection.cursor() as cursor, cursor.copy(statement) as copy:
            skip = _HEADER
            for message in copy:
                data = bytes(message)[skip:]
                skip = 0
                if len(data) > 2:  # noqa: PLR2004 - the end is marked by a row of -1 fields
                    rows.append(_row(data))
        return rows

    def _fetch(self, statement: LiteralString, values: Sequence[Any]) -> Any:
        with translated():
            cursor = self._connection.execute(statement, values)
            return cursor.fetchone() if cursor.description else None


def _row(data: bytes) -> SealableRow:
    """Take a row of binary COPY apart: count of fields, then length and text of each."""
    start = 6 + int.from_bytes(data[2:6], "big")
    canonical = start + 4 + 8
    event_id = canonical + 4 + len("audit_event/1") + 4
    return SealableRow(
        xid=int(data[6:start]),
        event_id=bytes.fromhex(data[event_id : event_id + 36].decode().replace("-", "")),
        day=int(data[start + 4 : canonical]),
        digest=hashlib.sha256(_FIELDS + data[canonical:]).digest(),
    )


def _condition(window: Window) -> sql.Composable:
    since = sql.SQL("(seal_xid >= {}::xid8 AND seal_xid < {}::xid8)").format(str(window.first), str(window.end))
    if not window.ended:
        return since
    ended = sql.SQL(", ").join(sql.SQL("{}::xid8").format(str(xid)) for xid in window.ended)
    return sql.SQL("({} OR seal_xid IN ({}))").format(since, ended)


def _composed(text: LiteralString, month: date, window: sql.Composable, **more: sql.Composable) -> sql.Composed:
    return sql.SQL(text).format(first=sql.Literal(month), end=sql.Literal(next_month(month)), window=window, **more)
