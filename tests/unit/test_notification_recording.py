"""Notifications between request, table and queue: what shares a transaction, and what becomes of each alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec
import pytest

from audit.breaker import Breaker
from audit.notifications import NotificationCommitter, NotificationSink
from dlq import Entry, VerdictKind
from repository.errors import CommitUnknownError, DatabaseUnavailableError, InvalidDataError, RepositoryError
from repository.notifications import StoredNotification, WrittenNotification
from repository.records import Notification
from tests.fixtures.awaiting import eventually

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WRONG = "wrong data"


def notification(number: int, recipient: str = "oncall") -> Notification:
    return Notification(
        notification_id=f"n-{number}",
        remediation_id="rr-1",
        recipient=recipient,
        channel="email",
        message_summary="m",
        status="sent",
        sent_at=NOW,
    )


def entry(payload: bytes, kind: str = "notification") -> Entry:
    return Entry(
        entry_id="1-1",
        type=kind,
        id="n-1",
        payload=payload,
        enqueued_at=NOW,
        attempts=0,
        due_at=NOW,
        last_error="",
    )


class Table:
    """Keeps what is new; waits at its gate; fails as told."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.groups: list[list[str]] = []
        self.kept: dict[str, StoredNotification] = {}
        self.error: Callable[[], Exception] | None = None

    async def write(self, notifications: Sequence[Notification]) -> list[WrittenNotification]:
        self.groups.append([one.notification_id for one in notifications])
        await self.gate.wait()
        if self.error:
            raise self.error()
        if any(one.recipient == WRONG for one in notifications):
            raise InvalidDataError(sqlstate="22001")
        return [self._write(one) for one in notifications]

    def _write(self, one: Notification) -> WrittenNotification:
        new = one.notification_id not in self.kept
        members = msgspec.structs.asdict(one)
        made = StoredNotification(id=len(self.kept) + 1, created_at=NOW, updated_at=NOW, **members)
        return WrittenNotification(self.kept.setdefault(one.notification_id, made), created=new)


async def absent() -> None:
    raise DatabaseUnavailableError


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def breaker() -> Breaker:
    return Breaker(absent, threshold=10**9, interval=3600)


@pytest.fixture
def committer(table: Table, breaker: Breaker) -> NotificationCommitter:
    return NotificationCommitter(table, breaker=breaker, patience=5)


def start(
    committer: NotificationCommitter, notifications: Sequence[Notification]
) -> list[asyncio.Task[WrittenNotification]]:
    return [asyncio.create_task(committer.commit(one)) for one in notifications]


async def test_what_arrives_during_a_commit_shares_the_next(table: Table, committer: NotificationCommitter) -> None:
    table.gate.clear()
    tasks = start(committer, [notification(0)])
    await eventually(lambda: table.groups == [["n-0"]])
    tasks += start(committer, [notification(number) for number in range(1, 251)])
    await asyncio.sleep(0)
    table.gate.set()
    assert all(answer.created for answer in await asyncio.gather(*tasks))
    assert [len(group) for group in table.groups] == [1, 200, 50], "a group is bounded"


async def test_one_id_is_never_twice_in_a_group(table: Table, committer: NotificationCommitter) -> None:
    answers = await asyncio.gather(*start(committer, [notification(1), notification(2), notification(1, "other")]))
    assert [answer.created for answer in answers] == [True, True, False]
    assert answers[2].record.recipient == "oncall", "the first one stays"
    assert table.groups == [["n-1", "n-2"], ["n-1"]]


async def test_what_postgresql_refuses_fails_alone(table: Table, committer: NotificationCommitter) -> None:
    tasks = start(committer, [notification(1), notification(2, WRONG), notification(3)])
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(one) for one in found] == [WrittenNotification, InvalidDataError, WrittenNotification]
    assert sorted(table.kept) == ["n-1", "n-3"]


async def test_whoever_gives_up_takes_nothing_back(table: Table, committer: NotificationCommitter) -> None:
    table.gate.clear()
    gone, stays = start(committer, [notification(1), notification(2)])
    await eventually(lambda: table.groups)
    gone.cancel()
    table.gate.set()
    assert (await stays).created
    await committer.flush()
    assert sorted(table.kept) == ["n-1", "n-2"]
    assert gone.cancelled()


async def test_an_unexpected_failure_is_told_to_all_and_the_next_group_runs(
    table: Table, committer: NotificationCommitter
) -> None:
    table.error = lambda: RuntimeError("surprise")
    found = await asyncio.gather(*start(committer, [notification(1), notification(2)]), return_exceptions=True)
    assert [type(one) for one in found] == [RuntimeError, RuntimeError]
    table.error = None
    assert (await committer.commit(notification(1))).created


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (DatabaseUnavailableError(), VerdictKind.HELD),
        (CommitUnknownError(), VerdictKind.HELD),
        (InvalidDataError(sqlstate="22001"), VerdictKind.REFUSED),
        (RepositoryError(sqlstate="42804"), VerdictKind.FAILED),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
async def test_a_failed_replay_is_kept_unless_its_data_are_to_blame(
    table: Table, breaker: Breaker, committer: NotificationCommitter, error: Exception, kind: VerdictKind
) -> None:
    table.error = lambda: error
    (verdict,) = await NotificationSink(committer, breaker).store([entry(msgspec.json.encode(notification(1)))])
    assert verdict.kind is kind
    assert table.kept == {}


async def test_a_replay_stores_once_and_never_overwrites(
    table: Table, breaker: Breaker, committer: NotificationCommitter
) -> None:
    sink = NotificationSink(committer, breaker)
    payloads = [msgspec.json.encode(notification(1, recipient)) for recipient in ("oncall", "oncall", "other")]
    verdicts = await sink.store([entry(payload) for payload in payloads])
    assert [one.kind for one in verdicts] == [VerdictKind.STORED, VerdictKind.DUPLICATE, VerdictKind.REFUSED]
    assert table.kept["n-1"].says(notification(1))


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (entry(b"{}", "event"), VerdictKind.UNKNOWN),
        (entry(b"{}", ""), VerdictKind.UNKNOWN),
        (entry(b"{}"), VerdictKind.REFUSED),
        (entry(b""), VerdictKind.REFUSED),
        (entry(b"\xff\x00"), VerdictKind.REFUSED),
        (entry(b'{"notification_id": "\xff"}'), VerdictKind.REFUSED),
    ],
    ids=["another type", "no type", "no members", "empty", "no text", "no UTF-8"],
)
async def test_an_entry_that_is_no_notification_is_an_error_and_spoils_no_other(
    table: Table, breaker: Breaker, committer: NotificationCommitter, one: Entry, kind: VerdictKind
) -> None:
    good = entry(msgspec.json.encode(notification(1)))
    verdicts = await NotificationSink(committer, breaker).store([one, good])
    assert [verdict.kind for verdict in verdicts] == [kind, VerdictKind.STORED]
    assert verdicts[0].error
    assert list(table.kept) == ["n-1"]
