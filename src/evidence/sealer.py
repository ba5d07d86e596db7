"""The sealer: appends what was committed to the log, one transaction after the other, and never waits for a writer.

Rows are found by the difference of two snapshots (docs/evidence.md): a transaction that runs for an hour delays its own
rows and nobody else's. A month that cannot be read stays behind and is caught up when it can be read again.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from evidence.canonical import ENTRY_SIZE, packed_entry
from evidence.checkpoint import Checkpoint
from evidence.edge import Edge
from evidence.merkle import leaf_hash
from evidence.news import News, Search
from evidence.tiles import WIDTH
from repository.errors import DatabaseUnavailableError
from repository.sealing import Batch, NewBatch, Now, SealingStore
from repository.snapshots import NOTHING_SEEN, Snapshot

__all__ = ["HaltError", "Round", "Sealer", "require_part"]

_TOP_LEVEL = 7


class HaltError(Exception):
    """The log and the database contradict each other. Nothing was written, and nothing will be until somebody looks."""


class Stored(Protocol):
    """What is known of the log: repository.sealing.SealingStore, see there."""

    def last_batch(self) -> Batch | None:
        """The newest batch."""

    def root_at(self, size: int) -> bytes | None:
        """The root of the tree of `size` leaves, if a batch ended there."""


def require_part(stored: Stored, published: Checkpoint | None) -> None:
    """Make sure that a checkpoint that somebody else has is part of the log. Raises HaltError, RepositoryError."""
    if published is None or not published.size:
        return
    last = stored.last_batch()
    size = last.size if last else 0
    if published.size > size:
        raise HaltError(
            f"the published checkpoint has {published.size} entries and this database {size}:"
            " committed events were lost, by a restore or a failover"
        )
    if stored.root_at(published.size) != published.root:
        raise HaltError(f"the published checkpoint of {published.size} entries is not part of this log")


class Round(NamedTuple):
    """What one round did: entries sealed, the tree's size now, months that stay behind, and whether more is waiting."""

    sealed: int
    size: int
    behind: int
    more: bool


class Sealer:
    """The one sealer of a database: who makes it holds the lock of `store`.

    batch_rows: about how many entries one transaction appends; a transaction's rows are never divided.
    """

    def __init__(self, store: SealingStore, *, batch_rows: int = 50_000) -> None:
        self._store = store
        self._search = Search(store, batch_rows)
        self._edge: Edge | None = None
        self._last: Batch | None = None

    def check(self, published: Checkpoint | None) -> None:
        """Make sure that the log goes on where it was: raises HaltError, RepositoryError.

        published: the newest checkpoint that somebody else has.
        """
        with self._store.snapshot() as now:
            self._require_sane(now)
            require_part(self._store, published)

    def checkpoint(self, origin: str) -> Checkpoint | None:
        """The checkpoint of what this sealer knows to be sealed; None before its first round of a log with entries."""
        return Checkpoint(origin, self._last.size, self._last.root) if self._last else None

    def seal(self) -> Round:
        """Append what was committed since the last round. Raises HaltError, RepositoryError."""
        try:
            with self._store.snapshot() as now:
                last = self._require_sane(now)
                edge = self._edge_of(last)
                seen = Snapshot.parse(last.seen) if last else NOTHING_SEEN
                news = self._search.run(seen, Snapshot.parse(now.snapshot))
                if not news.rows:
                    return Round(0, edge.size, len(news.behind), more=False)
                return self._append(edge, news, now.cluster)
        except BaseException:
            self._edge = None  # what was appended in memory may not be in the database
            raise

    def _require_sane(self, now: Now) -> Batch | None:
        if now.standby:
            raise DatabaseUnavailableError(
                "a standby does not show which transactions run: the sealer needs the primary"
            )
        last = self._store.last_batch()
        if last is None:
            return None
        if last.cluster != now.cluster:
            raise HaltError(
                f"the log was sealed in cluster {last.cluster} and this is cluster {now.cluster}, as after a dump and"
                " restore or pg_upgrade: it cannot go on here; restore from a base backup (docs/backup.md)"
            )
        if Snapshot.parse(now.snapshot).end < Snapshot.parse(last.seen).end:
            raise HaltError("transaction ids went back: this database was restored from before the last seal")
        return last

    def _edge_of(self, last: Batch | None) -> Edge:
        """The right edge of the tree that `last` ended. Raises HaltError if the stored hashes do not give its root."""
        size = last.size if last else 0
        if self._edge is None or last != self._last:
            self._edge, self._last = self._load(size), last
            if last and self._edge.root() != last.root:
                raise HaltError(f"the stored entries and nodes do not have the root of the log at {size} entries")
        return self._edge

    def _load(self, size: int) -> Edge:
        start = size - size % WIDTH
        data = self._store.entries(start, size)
        tiles = [[leaf_hash(data[i : i + ENTRY_SIZE]) for i in range(0, len(data), ENTRY_SIZE)]]
        for level in range(1, _TOP_LEVEL + 1):
            count = size >> (8 * level)
            tiles.append(self._store.nodes(level, count - count % WIDTH, count))
        try:
            return Edge(size, tiles)
        except ValueError as error:
            raise HaltError(f"the log's stored hashes are incomplete: {error}") from error

    def _append(self, edge: Edge, news: News, cluster: int) -> Round:
        entries = [packed_entry(row.event_id, row.day, row.digest) for row in news.rows]
        first = edge.size
        nodes = edge.append(map(leaf_hash, entries))
        batch = Batch(first, edge.size, edge.root(), str(news.seen), cluster)
        self._store.append(NewBatch(batch, b"".join(entries), nodes, news.months))
        self._last = batch
        return Round(len(entries), edge.size, len(news.behind), news.more)
