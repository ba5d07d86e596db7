"""What there is to seal: the rows of transactions that ended since the last batch, month by month."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from operator import attrgetter
from typing import NamedTuple
from uuid import UUID

from repository.errors import RepositoryError
from repository.sealing import KnownMonth, SealableRow, SealingStore
from repository.snapshots import Snapshot, Window
from telemetry.logs import get_logger

__all__ = ["News", "Search"]

_log = get_logger(__name__)


class News(NamedTuple):
    """Rows to append, in order; the snapshot up to which that is all; months whose state changes; those left behind.

    more: there is more than one batch.
    """

    rows: Sequence[SealableRow]
    seen: Snapshot
    months: Sequence[KnownMonth]
    behind: Sequence[date]
    more: bool


class Search:
    """Looks for rows to seal. batch_rows: about how many one batch takes; no transaction's rows are divided."""

    def __init__(self, store: SealingStore, batch_rows: int) -> None:
        self._store = store
        self._batch_rows = batch_rows
        self._checked: Snapshot | None = None
        self._reported: set[date] = set()
        self._unread: set[date] = set()

    def run(self, seen: Snapshot, now: Snapshot) -> News:
        """What is new at `now` for somebody who saw `seen`, within the transaction that `now` is the snapshot of.

        A month that cannot be read, or is not attached, stays as far as it was. Raises RepositoryError when the
        connection is lost.
        """
        self._unread = set()
        known = {one.month: one for one in self._store.known_months()}
        attached = self._store.months()
        since = {month: _seen_of(known.get(month), seen) for month in {*attached, *known}}
        if self._checked is not None and self._checked.end > seen.end:  # an idle log does not look twice
            since = {month: self._checked if one == seen else one for month, one in since.items()}
            seen = self._checked
        news = [month for month in attached if self._has_news(month, Window.between(since[month], now))]
        current = [month for month in news if since[month] == seen]
        until = min((self._until(month, since[month], now) for month in current), key=attrgetter("end"), default=now)
        reached = dict.fromkeys(attached, until)
        reached |= {month: self._until(month, since[month], until) for month in news if month not in current}
        rows = [row for month in news for row in self._rows(month, Window.between(since[month], reached[month]))]
        rows.sort()
        old, after = self._old_rows([known[m] for m in attached if m in known], self._batch_rows - len(rows))
        self._report()
        left = self._unread | (known.keys() - set(attached))
        self._checked = None if news or old or left else now
        for month in left:
            reached[month] = since[month]
        states = [
            KnownMonth(month, None if reached[month] == until else str(reached[month]), after.get(month))
            for month in sorted(reached)
        ]
        return News(
            rows=[*rows, *old],
            seen=until,
            months=[state for state in states if known.get(state.month) != state],
            behind=[state.month for state in states if state.seen or state.after],
            more=until != now
            or any(reached[month] != until for month in news if month not in self._unread)
            or bool(old),
        )

    @contextmanager
    def _reading(self, month: date) -> Iterator[None]:
        """Around a read of one month: its failure leaves that month behind and stops nothing else."""
        try:
            yield
        except RepositoryError:
            if self._store.lost:
                raise
            self._unread.add(month)

    def _has_news(self, month: date, window: Window) -> bool:
        if window.empty:
            return False
        found = False
        with self._reading(month):
            found |= self._store.has_news(month, window)
        return found

    def _until(self, month: date, since: Snapshot, now: Snapshot) -> Snapshot:
        """How far a month can be sealed in one batch: to `now`, or in a backlog to the end of a transaction before."""
        cut = None
        with self._reading(month):
            cut = self._store.cut(month, Window.between(since, now), self._batch_rows)
        return now if cut is None else now.before(max(cut + 1, since.end))

    def _rows(self, month: date, window: Window) -> Sequence[SealableRow]:
        rows: Sequence[SealableRow] = ()
        if month not in self._unread:
            with self._reading(month):
                rows = self._store.rows(month, window)
        return rows

    def _old_rows(self, months: Sequence[KnownMonth], room: int) -> tuple[list[SealableRow], dict[date, UUID | None]]:
        """Rows that are older than the log, as far as there is room; up to which id months are sealed then."""
        found: list[SealableRow] = []
        after: dict[date, UUID | None] = {one.month: one.after for one in months}
        for month, _, last in months:
            limit = room - len(found)
            if last is None or limit <= 0 or month in self._unread:
                continue
            with self._reading(month):
                rows = self._store.old_rows(month, last, limit)
                found += rows
                after[month] = UUID(bytes=rows[-1].event_id) if len(rows) == limit else None
        return found, after

    def _report(self) -> None:
        for month in sorted(self._unread - self._reported):
            _log.warning("a month cannot be sealed now and is left behind", month=f"{month:%Y_%m}")
        for month in sorted(self._reported - self._unread):
            _log.info("a month can be sealed again", month=f"{month:%Y_%m}")
        self._reported = self._unread


def _seen_of(month: KnownMonth | None, seen: Snapshot) -> Snapshot:
    return Snapshot.parse(month.seen) if month and month.seen else seen
