"""The verifier: whether what the log sealed is still there, and whether it is the log whose checkpoints others kept.

It writes nothing, holds one batch at a time, and says of everything that it could not compare that it could not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from evidence.burials import Burials
from evidence.canonical import ENTRY_SIZE, Entry
from evidence.checkpoint import Checkpoint
from evidence.edge import Edge
from evidence.merkle import leaf_hash
from evidence.note import Verifier
from evidence.redactions import Erasure, Redactions
from evidence.report import Kind, Progress, Report
from repository.errors import RepositoryError
from repository.records import month_of
from repository.sealing import Batch, KnownMonth, SealingStore
from repository.snapshots import NOTHING_SEEN, Snapshot, Window

__all__ = ["Archive", "ArchivedMonth", "verify_database"]


class ArchivedMonth(NamedTuple):
    """The events of a month's archive: the digest of each by its id, and what they tell of erasures."""

    digests: Mapping[UUID, bytes]
    erasures: Sequence[Erasure] = ()


#: Finds a month's archive; None where there is none.
Archive = Callable[[date], ArchivedMonth | None]


def verify_database(
    store: SealingStore,
    checkpoints: Iterable[Checkpoint],
    progress: Progress,
    archive: Archive = lambda _month: None,
    verifiers: Sequence[Verifier] = (),
) -> Report:
    """Compare the log of a database with its events, and with checkpoints that somebody else kept.

    progress is told how many of how many entries are done. archive: where months are looked for that are not attached;
    needs memory for their ids, some 200 bytes each. verifiers: one of whose signatures
    tombstones must bear. Raises RepositoryError when PostgreSQL does not answer.
    """
    report = Report()
    with store.snapshot() as now:
        burials = Burials(store.tombstones(), verifiers, report)
        check = _DatabaseCheck(store, report, Snapshot.parse(now.snapshot), archive, burials)
        check.run(sorted(checkpoints, key=lambda one: one.size), progress)
    return report


class _DatabaseCheck:
    """One verification of a database, within one snapshot."""

    def __init__(self, store: SealingStore, report: Report, now: Snapshot, archive: Archive, burials: Burials) -> None:
        self._store = store
        self._report = report
        self._now = now
        self._attached = set(store.months())
        self._found: Counter[date] = Counter()
        self._unread: set[date] = set()
        self._archive = archive
        self._burials = burials
        self._archives: dict[date, ArchivedMonth | None] = {}
        self._redactions = Redactions(report)
        self._erased = store.erased()

    def run(self, checkpoints: Sequence[Checkpoint], progress: Progress) -> None:
        last = self._store.last_batch()
        total = last.size if last else 0
        edge = Edge()
        self._hear_of_erasures()
        kept = {one.size: one for one in checkpoints}
        for batch in self._store.batches():
            self._check_batch(batch, edge)
            if (checkpoint := kept.pop(batch.size, None)) is not None:
                self._report.compare_checkpoint(checkpoint, batch.root)
            progress(batch.size, total)
        self._report.size = edge.size
        self._burials.end()
        self._redactions.end()
        for checkpoint in kept.values():
            self._compare_rest(checkpoint, total)
        self._check_months(last)

    def _hear_of_erasures(self) -> None:
        """What attached months tell of erasures; one that cannot be read is found to be so when it is compared."""
        for month in sorted(self._attached):
            try:
                self._redactions.tell(Erasure(*one) for one in self._store.erasures(month))
            except RepositoryError:
                if self._store.lost:
                    raise

    def _compare(self, entry: Entry, digest: bytes, where: str) -> None:
        if digest == entry.digest:
            self._redactions.intact(entry.event_id)
        else:
            self._redactions.changed(entry.event_id, digest, where, claimed=entry.event_id in self._erased)

    def _check_batch(self, batch: Batch, edge: Edge) -> None:
        """The entries give the root that was stored, and each entry's event is there as it was."""
        between = f"between {batch.first} and {batch.size} entries"
        data = self._store.entries(batch.first, batch.size)
        raw = [data[place : place + ENTRY_SIZE] for place in range(0, len(data), ENTRY_SIZE)]
        if batch.first != edge.size or len(raw) != batch.size - batch.first:
            self._report.add(Kind.TREE_ALTERED, f"the log's entries {between} are not complete")
        edge.append(map(leaf_hash, raw))
        self._burials.add(batch.first, data, batch.size)
        if edge.root() != batch.root:
            self._report.add(Kind.TREE_ALTERED, f"the log's entries {between} do not give the root that was sealed")
        entries = [Entry.parse(one) for one in raw]
        by_month: dict[date, list[Entry]] = {}
        for entry in entries:
            by_month.setdefault(month_of(entry.day), []).append(entry)
        for month, ones in sorted(by_month.items()):
            self._compare_month(month, ones)

    def _compare_month(self, month: date, entries: Sequence[Entry]) -> None:
        if month not in self._attached and (archive := self._archive_of(month)) is not None:
            return self._compare_archive(month, entries, archive)
        if month not in self._attached or month in self._unread:
            self._found[month] += len(entries)
            return None
        try:
            rows = self._store.rows_of(month, [entry.event_id for entry in entries])
        except RepositoryError:
            if self._store.lost:
                raise
            self._unread.add(month)
            self._found[month] += len(entries)
            return None
        there = {row.event_id: row for row in rows}
        for entry in entries:
            row = there.get(entry.event_id.bytes)
            self._found[month] += row is not None
            if row is None:
                self._report.add(Kind.MISSING, f"sealed on {entry.day} and not there", entry.event_id)
            elif row.day != int(f"{entry.day:%Y%m%d}"):
                self._report.add(Kind.ALTERED, "not what was sealed", entry.event_id)
            else:
                self._compare(entry, row.digest, "not what was sealed")
        self._report.compared += len(rows)
        return None

    def _archive_of(self, month: date) -> ArchivedMonth | None:
        if month not in self._archives:
            self._archives[month] = found = self._archive(month)
            self._redactions.tell(found.erasures if found else ())
        return self._archives[month]

    def _compare_archive(self, month: date, entries: Sequence[Entry], archive: ArchivedMonth) -> None:
        for entry in entries:
            digest = archive.digests.get(entry.event_id)
            self._found[month] += digest is not None
            self._report.compared += digest is not None
            if digest is None:
                self._report.add(Kind.MISSING, f"sealed on {entry.day} and not in the archive", entry.event_id)
            else:
                self._compare(entry, digest, "not what was sealed, in the archive")

    def _compare_rest(self, kept: Checkpoint, total: int) -> None:
        self._report.checkpoints += 1
        if kept.size > total:
            self._report.add(
                Kind.TRUNCATED, f"a checkpoint of {kept.size} entries was kept and the log has {total}: its end is gone"
            )
        elif kept.size:
            self._report.add(
                Kind.FORKED, f"this log never had {kept.size} entries, as the checkpoint that was kept has"
            )

    def _check_months(self, last: Batch | None) -> None:
        """Rows that should be in the log and are not; months that cannot be compared."""
        seen = Snapshot.parse(last.seen) if last else NOTHING_SEEN
        known = {one.month: one for one in self._store.known_months()}
        for month in sorted(self._attached):
            if month in self._unread:
                detail = f"{month:%Y_%m} cannot be read: its {self._found[month]} sealed events were not compared"
                self._report.add(Kind.MONTH_UNREADABLE, detail)
            else:
                self._count_month(month, known.get(month), seen)
        for month in sorted(self._found.keys() - self._attached):
            if (archive := self._archives.get(month)) is not None:
                self._count_archive(month, archive)
                continue
            if (stone := self._burials.of(month)) is not None:
                detail = (
                    f"{month:%Y_%m} was dropped on {stone.dropped:%Y-%m-%d} by {stone.by}: its {stone.leaves} entries"
                )
                self._report.add(Kind.ARCHIVED, f"{detail} are those of its tombstone; its archive was not compared")
                continue
            detail = f"{month:%Y_%m} is not attached: its {self._found[month]} sealed events were not compared"
            self._report.add(Kind.MONTH_GONE, detail)

    def _count_archive(self, month: date, archive: ArchivedMonth) -> None:
        if len(archive.digests) > self._found[month]:
            for one in sorted(archive.digests.keys() - self._sealed_ids(month)):
                self._report.add(Kind.INSERTED, f"in the archive of {month:%Y_%m}, and not in the log", one)

    def _count_month(self, month: date, known: KnownMonth | None, seen: Snapshot) -> None:
        own = Snapshot.parse(known.seen) if known and known.seen else seen
        window = Window.between(own, self._now)
        rows, waiting = self._store.count_sealable(month, window, known.after if known else None)
        self._report.pending += waiting
        if rows - waiting <= self._found[month]:
            return
        sealed = self._sealed_ids(month)
        for one in sorted(self._store.ids(month, window) - sealed):
            if not (known and known.after and one > known.after):
                self._report.add(Kind.INSERTED, f"in {month:%Y_%m}, where the log does not know it", one)

    def _sealed_ids(self, month: date) -> set[UUID]:
        ids: set[UUID] = set()
        for batch in self._store.batches():
            data = self._store.entries(batch.first, batch.size)
            for place in range(0, len(data), ENTRY_SIZE):
                entry = Entry.parse(data[place : place + ENTRY_SIZE])
                if month_of(entry.day) == month:
                    ids.add(entry.event_id)
        return ids
