"""What operators do with whole months: detach, archive, attach, drop, and the policy that does it by age.

Every act is an audit event. Nothing is dropped that is not in an archive whose lines were read again and compared.
"""

from __future__ import annotations

import hashlib
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from audit.archive_files import (
    FORMAT,
    Manifest,
    Packing,
    Written,
    lines_of,
    manifest_path,
    packing_of,
    read_manifest,
    write_archive,
)
from audit.retention_plan import Step, end_of_retention
from audit.rules import EventRules, RuleLimits
from audit.self_audit_events import self_audit_event
from repository.errors import RepositoryError
from repository.months import Month, MonthStore, table_of
from repository.partitions import label, previous_month
from repository.records import Row
from telemetry.clock import Clock, IdFactory

__all__ = ["Dropped", "MonthError", "MonthKeeper"]

_DAY = timedelta(days=1)
_LIMITS = RuleLimits(max_age=_DAY, max_future=_DAY, data_max_bytes=65536, data_max_depth=32, data_max_members=10_000)
#: Lines of an archive that are restored at a time.
_PORTION = 2_000
#: Seconds that a month may take to be sealed before it is detached, and between two looks.
_SEALING, _LOOK = 30.0, 0.2


class MonthError(Exception):
    """A month is not fit for what was asked; the message says why, and what to do."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A month that is being dropped, for who writes its tombstone. archive: SHA-256 of its lines. by: a login.

    log: the log's name, and the first leaf and the entries of each of its pieces.
    """

    month: date
    events: int
    archive: str
    at: datetime
    by: str
    origin: str
    log: Iterator[tuple[int, bytes]]


class MonthKeeper:
    """Does one act at a time, for whom the store's connection logged in.

    tombstone: writes the signed note that stays of a dropped month. least_days: for how many days events of a category
    are kept at the least. Each method raises MonthError, ArchiveError, RepositoryError.
    """

    def __init__(
        self,
        store: MonthStore,
        clock: Clock,
        new_id: IdFactory,
        *,
        made_by: str,
        tombstone: Callable[[Dropped], str],
        least_days: Mapping[str, int] | None = None,
    ) -> None:
        self._store = store
        self._clock = clock
        self._rules = EventRules(_LIMITS, clock, new_id)
        self._made_by = made_by
        self._tombstone = tombstone
        self._least_days = least_days or {}

    def months(self) -> list[Month]:
        """Every month that has a table or an archive, oldest first."""
        return self._store.months()

    def find(self, month: date) -> Month:
        """What there is of a month."""
        for one in self._store.months():
            if one.month == month:
                return one
        raise MonthError(f"there is neither a table nor an archive of {label(month)}")

    def held(self, one: Month) -> str:
        """Which legal holds cover events of a month, for people; empty if none does."""
        holds = self._store.holds_on(one) if one.name else []
        told = ", ".join(f"{hold.matter} ({hold.hold_id})" for hold in holds)
        return f"{label(one.month)} has events under legal hold: {told}" if told else ""

    def detach(self, month: date, *, force: bool = False) -> None:
        """Take a month out of the trail; its table stays. force: also one that takes events, or is not sealed yet.

        A hold that is placed meanwhile brings the month back.
        """
        one = self.detachable(month)
        if not force:
            self._require_closed(month)
            self._await_seal(one)
        self._note("detached", month, outcome="pending", table=one.name)
        self._store.detach(one)
        if self.held(one):
            self.attach(month)
            self._require_free(one)
        self._leave_log(month)
        self._note("detached", month, table=one.name)

    def detachable(self, month: date) -> Month:
        """A month that may be detached. Raises MonthError with the first reason why it may not."""
        one = self.find(month)
        if one.state not in {"attached", "detaching"}:
            raise MonthError(f"{label(month)} is not attached: it is {one.state}")
        self._require_free(one)
        return one

    def attach(self, month: date) -> None:
        """Put a month's detached table back into the trail."""
        one = self.find(month)
        if one.name is None or one.state != "detached":
            hint = ": restore it with `datastorage partitions attach --from`" if one.state == "archived" else ""
            raise MonthError(f"{label(month)} has no detached table, it is {one.state}{hint}")
        with self._store.transaction():
            self._store.attach(month, one.name)
            self._note("attached", month, table=one.name)

    def restore(self, month: date, directory: Path) -> Manifest:
        """Make a month's table of its archive, compare it line by line, and attach it."""
        place = manifest_path(directory, month)
        manifest = self._manifest(place, month)
        if any(one.month == month and one.state != "archived" for one in self._store.months()):
            raise MonthError(f"{label(month)} has a table: attach or drop that first")
        draft = f"{table_of(month)}_restored"
        self._store.make_table(draft)
        same = manifest.cluster == str(self._store.cluster())
        lines = (line.decode() for line in lines_of(place, manifest))
        while portion := list(itertools.islice(lines, _PORTION)):
            self._store.restore(draft, portion, same_cluster=same)
        if same and (found := _digest(self._store.lines(draft))) != manifest.sha256:
            raise MonthError(f"the restored table {draft} has SHA-256 {found}, the archive {manifest.sha256}")
        with self._store.transaction():
            self._store.erase_again(draft, month)
            self._store.rename(draft, table_of(month))
            if not same:
                self._store.seal_again(month)
            self._store.attach(month, table_of(month))
            self._note("attached", month, archive=str(place), events=manifest.events, sha256=manifest.sha256)
        return manifest

    def archive(self, month: date, directory: Path, packing: Packing = "ndjson") -> Manifest:
        """Write a month's events to files in `directory`; the table stays as it is.

        An archive that is there already and holds the same is kept.
        """
        one = self.find(month)
        if one.name is None:
            raise MonthError(f"{label(month)} has no table any more: it was dropped on {one.dropped_at:%Y-%m-%d}")
        self._require_closed(month)
        place = manifest_path(directory, month)
        if place.exists():
            manifest = self._manifest(place, month)
            if _digest(self._store.lines(one.name)) != manifest.sha256:
                raise MonthError(f"{place} is an archive of other events of {label(month)}: name another directory")
            if packing_of(manifest) != packing:
                raise MonthError(f"{place} is an archive as {packing_of(manifest)}: name another directory")
        else:
            manifest = self._write(one, one.name, directory, packing)
        with self._store.transaction():
            self._store.record_archive(
                {
                    "month": month,
                    "event_count": manifest.events,
                    "sha256": bytes.fromhex(manifest.sha256),
                    "location": str(place),
                    "retention_days": manifest.retention_days,
                    "by_category": dict(manifest.by_category),
                }
            )
            self._note("archived", month, archive=str(place), events=manifest.events, sha256=manifest.sha256)
        self._leave_log(month)
        return manifest

    def drop(self, month: date, directory: Path | None = None) -> None:
        """Drop a detached month's table. directory: where its archive is now, if it was moved."""
        one = self.find(month)
        place = self.droppable(one, directory)
        manifest = self._manifest(place, month)
        for _ in lines_of(place, manifest):
            pass
        recorded = one.sha256.hex() if one.sha256 else ""
        if not manifest.sha256 == recorded == _digest(self._store.lines(one.name or "")):
            raise MonthError(f"{label(month)} is not what its archive {place} holds: archive it again, then drop it")
        note = self._tombstone(
            Dropped(
                month=month,
                events=manifest.events,
                archive=manifest.sha256,
                at=self._clock(),
                by=self._store.login,
                origin=self._store.log_origin(),
                log=self._store.log_pieces(),
            )
        )
        self._store.forget_ids(one)
        try:
            with self._store.transaction():
                self._store.lock_holds()  # one that was placed meanwhile is seen below
                self._require_free(one)
                self._store.drop(one, note)
                self._note(
                    "dropped",
                    month,
                    archive=str(place),
                    events=manifest.events,
                    sha256=manifest.sha256,
                    tombstone=note,
                )
        except (MonthError, RepositoryError):
            self._store.remember_ids(one)
            raise

    def droppable(self, one: Month, directory: Path | None = None) -> Path:
        """The manifest of a month that may be dropped. Raises MonthError with the first reason why it may not."""
        name = label(one.month)
        if one.name is None:
            raise MonthError(f"{name} has no table to drop")
        if one.sha256 is None or one.location is None:
            raise MonthError(f"{name} is not archived: run `datastorage partitions archive {name}` first")
        if one.state != "detached":
            raise MonthError(f"{name} is {one.state}: run `datastorage partitions detach {name}` first")
        self._require_free(one)
        end = end_of_retention(one, self._least_days)
        if end is None or end > self._clock().date():
            raise MonthError(
                f"{name} must be kept until {end}: an event of it has {one.retention_days} days of retention,"
                " or one of its categories has more"
            )
        return manifest_path(directory, one.month) if directory else Path(one.location)

    def apply(self, step: Step, directory: Path) -> None:
        """Do one step of the policy."""
        if step.act == "archive":
            self.archive(step.month, directory)
        elif step.act == "detach":
            self.detach(step.month)
        elif step.act == "drop":
            self.drop(step.month)

    def _write(self, one: Month, name: str, directory: Path, packing: Packing) -> Manifest:
        facts = self._store.facts(one)

        def manifest_of(file: str, written: Written) -> Manifest:
            if written.lines != facts.events:
                raise MonthError(f"{label(one.month)} changed while it was archived: ask again")
            return Manifest(
                format=FORMAT,
                month=one.month,
                file=file,
                events=written.lines,
                bytes=written.bytes,
                sha256=written.sha256,
                file_sha256=written.file_sha256,
                first=_utc(facts.first),
                last=_utc(facts.last),
                retention_days=facts.retention_days,
                by_category=facts.by_category,
                cluster=str(facts.cluster),
                archived_at=self._clock(),
                made_by=self._made_by,
            )

        return write_archive(directory, one.month, self._store.lines(name), manifest_of, packing)

    def _manifest(self, place: Path, month: date) -> Manifest:
        manifest = read_manifest(place)
        if manifest.month != month:
            raise MonthError(f"{place} is the archive of {label(manifest.month)}")
        return manifest

    def _require_closed(self, month: date) -> None:
        """Events may be a week old: the month before this one may still take some."""
        if month >= previous_month(self._clock().date()):
            raise MonthError(f"{label(month)} still takes events, which would wait in the queue: --force detaches it")

    def _require_free(self, one: Month) -> None:
        if why := self.held(one):
            raise MonthError(f"{why}; it stays until they are released")

    def _leave_log(self, month: date) -> None:
        """A month that is archived and detached, and sealed to its last event, is not one that the log waits for."""
        one = self.find(month)
        if one.state == "detached" and one.sha256 is not None and not self._store.unsealed(one):
            self._store.leave_log(month)

    def _await_seal(self, one: Month) -> None:
        deadline = time.monotonic() + _SEALING
        while self._store.unsealed(one):
            if time.monotonic() > deadline:
                raise MonthError(
                    f"the newest events of {label(one.month)} are not in the log yet: is a service running?"
                    " --force detaches it all the same"
                )
            time.sleep(_LOOK)

    def _note(self, act: str, month: date, *, outcome: str = "success", **data: Any) -> None:
        submission = self_audit_event(
            event_type=f"datastorage.partition.{act}",
            category="orchestration",
            correlation_id=f"partition-{label(month)}",
            resource=("partition", label(month)),
            at=self._clock(),
            data={"login": self._store.login, **data},
            outcome=outcome,
        )
        (row,) = self._rules.judge([submission])
        if not isinstance(row, Row):
            raise MonthError(f"the audit event about it is refused: {row[0].message}")
        self._store.add_event(row.record)


def _digest(lines: Iterable[bytes]) -> str:
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()


def _utc(instant: datetime | None) -> datetime | None:
    return instant.astimezone(UTC) if instant else None
