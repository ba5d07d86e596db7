"""Pages of whole versions: how many are read at once, and what becomes of one that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from psycopg import AsyncCursor, sql
from psycopg.rows import args_row, tuple_row

from repository._translate import translated
from repository.errors import UnreadableRowError
from repository.keyset import Position
from repository.pool import Connection
from repository.sql import load
from repository.stored_events import RawJsonLoader
from telemetry.unreadable import unreadable_row

__all__ = ["BY_IDS", "COLUMNS", "Key", "Workflow", "WorkflowPage", "fetch", "filled", "keys_of"]

#: Bytes of versions in one page, as JSON; what follows is on the next one.
_PAGE_BYTES = 4 * 1024 * 1024
#: Versions that are read at once, whatever their size.
_SLICE = 200
_encode = msgspec.json.Encoder().encode


class Workflow(msgspec.Struct, frozen=True):
    """One stored version, in the order in which it is shown."""

    workflow_id: UUID
    workflow_name: str
    version: str
    name: str
    description: str
    content: str
    content_hash: str
    labels: msgspec.Raw
    custom_labels: msgspec.Raw
    detected_labels: msgspec.Raw
    execution_engine: str
    parameters: msgspec.Raw | None
    container_image: str | None
    container_digest: str | None
    owner: str | None
    maintainer: str | None
    status: str
    status_reason: str | None
    deprecation_notice: str | None
    disabled_at: datetime | None
    disabled_by: str | None
    disabled_reason: str | None
    is_latest_version: bool
    previous_version: str | None
    version_notes: str | None
    change_summary: str | None
    approved_by: str | None
    approved_at: datetime | None
    expected_success_rate: float | None
    expected_duration_seconds: int | None
    total_executions: int
    successful_executions: int
    actual_success_rate: float | None
    created_at: datetime
    created_by: str | None
    updated_at: datetime
    updated_by: str | None


COLUMNS = sql.SQL(", ").join(map(sql.Identifier, Workflow.__struct_fields__))
BY_IDS = sql.SQL(load("workflow_by_ids")).format(columns=COLUMNS)


class Key(NamedTuple):
    """A version that belongs on a page. bytes: about how many it has at the most. total: all that pass the filter."""

    total: int
    workflow_id: UUID
    created_at: datetime
    bytes: int


class WorkflowPage(NamedTuple):
    """A page of versions.

    total: how many pass the filter, the cursor apart. end: behind which the next page starts. left_out: ids of versions
    that belong here and cannot be read.
    """

    workflows: Sequence[Workflow]
    total: int
    has_more: bool
    end: Position | None = None
    left_out: Sequence[UUID] = ()


async def keys_of(connection: Connection, statement: sql.Composed, values: dict[str, Any]) -> list[Key]:
    """The keys that `statement` finds."""
    cursor = connection.cursor(binary=True, row_factory=args_row(Key))
    return await (await cursor.execute(statement, values)).fetchall()


async def filled(connection: Connection, keys: Sequence[Key], limit: int) -> WorkflowPage:
    """The page of `keys`, one more than `limit` where more follow. It ends early where it has _PAGE_BYTES."""
    shown: list[Workflow] = []
    left_out: list[UUID] = []
    size, seen = 0, 0
    for part in _slices(keys[:limit]):
        found = await _readable(connection, [key.workflow_id for key in part], left_out)
        for key in part:
            one = found.get(key.workflow_id)
            its_size = len(_encode(one)) if one else 0
            if size + its_size > _PAGE_BYTES and shown:
                break
            seen, size = seen + 1, size + its_size
            if one:
                shown.append(one)
        else:
            continue
        break
    end = Position(keys[seen - 1].created_at, keys[seen - 1].workflow_id) if seen else None
    total = keys[0].total if keys else 0
    return WorkflowPage(shown, total, has_more=len(keys) > seen, end=end, left_out=left_out)


def _slices(keys: Sequence[Key]) -> Iterator[Sequence[Key]]:
    """Parts that fit into memory together: what PostgreSQL sends is there before anybody can count it."""
    part: list[Key] = []
    size = 0
    for key in keys:
        if part and (len(part) == _SLICE or size + key.bytes > _PAGE_BYTES):
            yield part
            part, size = [], 0
        part.append(key)
        size += key.bytes
    if part:
        yield part


async def _readable(connection: Connection, ids: list[UUID], left_out: list[UUID]) -> dict[UUID, Workflow]:
    try:
        with translated():
            return {one.workflow_id: one for one in await fetch(connection, BY_IDS, {"ids": ids})}
    except UnreadableRowError as error:
        if len(ids) == 1:
            left_out.append(ids[0])
            unreadable_row("remediation_workflow_catalog", ids[0], error)
            return {}
    found: dict[UUID, Workflow] = {}
    for workflow_id in ids:
        found |= await _readable(connection, [workflow_id], left_out)
    return found


async def fetch(connection: Connection, statement: sql.Composed, values: dict[str, Any]) -> list[Workflow]:
    """The versions that `statement` finds."""
    cursor: AsyncCursor[tuple[Any, ...]] = connection.cursor(binary=True, row_factory=tuple_row)
    cursor.adapters.register_loader("jsonb", RawJsonLoader)
    await cursor.execute(statement, values)
    return [Workflow(*row) for row in await cursor.fetchall()]
