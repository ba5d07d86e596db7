"""The remediation_workflow_catalog table: every statement on it, and how its changes are heard."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import args_row

from repository._translate import translated
from repository.conditions import Conditions
from repository.errors import CommitUnknownError, ConnectionLostError, DuplicateRecordError, InvalidDataError
from repository.keyset import Position
from repository.listening import listening
from repository.pool import Connection, Database
from repository.reads import Reads
from repository.sql import load
from repository.stored_events import RawJsonLoader
from repository.workflow_pages import BY_IDS, COLUMNS, Workflow, WorkflowPage, fetch, filled, keys_of

__all__ = ["Candidate", "NewWorkflow", "Workflow", "WorkflowFilter", "WorkflowPage", "Workflows"]

_CHANNEL = "remediation_workflow_catalog"
_PORTION = 1000
#: Seconds after which a server is gone that has not answered a trivial statement, or sent no portion of the catalog.
_SILENCE, _READING = 2.0, 5.0
#: Seconds that one write may take.
_WRITING = 5.0
_UNIQUE_VIOLATION = "23505"


class NewWorkflow(msgspec.Struct, frozen=True, kw_only=True):
    """A version to create, rules checked. JSON members are text as it was sent."""

    workflow_id: UUID
    workflow_name: str
    version: str
    version_key: str | None
    name: str
    description: str
    content: str
    content_hash: str
    labels: msgspec.Raw
    execution_engine: str
    status: str
    custom_labels: msgspec.Raw | None = None
    detected_labels: msgspec.Raw | None = None
    parameters: msgspec.Raw | None = None
    container_image: str | None = None
    container_digest: str | None = None
    owner: str | None = None
    maintainer: str | None = None
    previous_version: str | None = None
    version_notes: str | None = None
    change_summary: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    expected_success_rate: float | None = None
    expected_duration_seconds: int | None = None
    created_by: str | None = None


class Candidate(msgspec.Struct, frozen=True):
    """What a search looks at."""

    workflow_id: UUID
    workflow_name: str
    version: str
    version_key: str | None
    name: str
    description: str
    status: str
    labels: msgspec.Raw
    custom_labels: msgspec.Raw
    detected_labels: msgspec.Raw
    container_image: str | None
    container_digest: str | None
    created_at: datetime


class WorkflowFilter(msgspec.Struct, frozen=True, kw_only=True):
    """Conditions, all of which a workflow meets; None is no condition."""

    status: str | None = None
    name: str | None = None
    latest_only: bool = False
    labels: Mapping[str, str] = {}


_INSERT = load("workflow_insert")
_UPDATE = load("workflow_update")
_CANDIDATES = load("workflow_candidates")
_EXISTING = load("workflow_existing")
_PAGE = load("workflow_page")
_VERSIONS = sql.SQL(load("workflow_versions")).format()
_LOCKED = sql.SQL(load("workflow_locked")).format(columns=COLUMNS)
_encode = msgspec.json.Encoder().encode


class Workflows:
    """Every statement on the catalog. Each method raises DatabaseUnavailableError, QueryTimeoutError."""

    def __init__(self, database: Database, reads: Reads, address: str) -> None:
        self._database = database
        self._reads = reads
        self._address = address

    async def insert(self, workflows: Sequence[NewWorkflow]) -> list[Workflow]:
        """Store all or none; the stored records in the same order.

        Raises DuplicateRecordError when a name has such a version already, InvalidDataError.
        """
        ids = [one.workflow_id for one in workflows]
        async with self._writing() as connection:
            try:
                with translated():
                    await connection.execute(_INSERT, {"rows": msgspec.Raw(_encode(workflows))})
            except InvalidDataError as error:
                if error.sqlstate == _UNIQUE_VIOLATION:
                    raise DuplicateRecordError(sqlstate=error.sqlstate, constraint=error.constraint) from error
                raise
            found = {one.workflow_id: one for one in await fetch(connection, BY_IDS, {"ids": ids})}
        return [found[workflow_id] for workflow_id in ids]

    @asynccontextmanager
    async def changing(self, workflow_id: UUID) -> AsyncIterator[tuple[Workflow | None, Connection]]:
        """The workflow, locked until the block ends, and the connection for `update`."""
        async with self._writing() as connection:
            with translated():
                found = await fetch(connection, _LOCKED, {"workflow_id": workflow_id})
            yield (found[0] if found else None), connection

    async def update(self, connection: Connection, workflow: Workflow) -> Workflow:
        """Store the lifecycle members of `workflow`; the record as it is stored then."""
        with translated():
            await connection.execute(_UPDATE, msgspec.structs.asdict(workflow))
            (stored,) = await fetch(connection, BY_IDS, {"ids": [workflow.workflow_id]})
        return stored

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[Connection]:
        try:
            async with self._database.catalog_writes.lease(_WRITING) as (connection, _), connection.transaction():
                yield connection
        except ConnectionLostError as error:
            raise CommitUnknownError(sqlstate=error.sqlstate) from error

    async def existing(self, versions: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
        """Those of the (workflow_name, version) pairs that are there."""
        names, numbers = zip(*versions, strict=True)

        async def work(connection: Connection) -> set[tuple[str, str]]:
            cursor = await connection.execute(_EXISTING, {"names": list(names), "versions": list(numbers)})
            return {(name, version) for name, version in await cursor.fetchall()}

        return await self._reads.run(work, fresh=True)

    async def get(self, workflow_id: UUID) -> Workflow | None:
        """One version."""
        found = await self._reads.run(lambda c: fetch(c, BY_IDS, {"ids": [workflow_id]}), fresh=True)
        return found[0] if found else None

    async def versions(self, workflow_name: str, *, limit: int, after: UUID | None = None) -> WorkflowPage:
        """At most `limit` versions of a name, the highest first, behind the one with the id `after`."""
        values = {"workflow_name": workflow_name, "after": after, "limit": limit}

        async def work(connection: Connection) -> WorkflowPage:
            return await filled(connection, await keys_of(connection, _VERSIONS, values), limit)

        return await self._reads.run(work, fresh=True)

    async def page(
        self, where: WorkflowFilter, *, limit: int, offset: int = 0, after: Position | None = None
    ) -> WorkflowPage:
        """At most `limit` versions behind `after`, without the first `offset`, newest first."""
        conditions = _conditions(where, after)
        statement = sql.SQL(_PAGE).format(conditions=conditions.sql)
        values = {**conditions.values, "limit": limit, "offset": offset}

        async def work(connection: Connection) -> WorkflowPage:
            keys = await keys_of(connection, statement, values)
            if not keys and offset:
                return WorkflowPage([], (await self.page(where, limit=1)).total, has_more=False)
            return await filled(connection, keys, limit)

        return await self._reads.run(work, fresh=True)

    async def candidates(self, names: Sequence[str] | None = None) -> AsyncIterator[list[Candidate]]:
        """What searches look at, of every name or of some, in portions, as one snapshot."""
        async with self._database.reads.lease(_READING) as (connection, extend):
            async for portion in _portions(connection, names):
                extend()
                yield portion

    def listening(self) -> AbstractAsyncContextManager[psycopg.AsyncConnection[Any]]:
        """A connection of its own that hears of the names that change."""
        return listening(self._address, _CHANNEL)


async def _portions(connection: Connection, names: Sequence[str] | None) -> AsyncIterator[list[Candidate]]:
    async with connection.transaction(), connection.cursor("candidates", row_factory=args_row(Candidate)) as cursor:
        cursor.adapters.register_loader("jsonb", RawJsonLoader)
        await cursor.execute(_CANDIDATES, {"names": None if names is None else list(names)}, binary=True)
        while portion := await cursor.fetchmany(_PORTION):
            yield portion


def _conditions(where: WorkflowFilter, after: Position | None) -> Conditions:
    conditions = Conditions()
    if where.status is not None:
        conditions.add(sql.SQL("status = %(status)s"), status=where.status)
    if where.name is not None:
        conditions.add(sql.SQL("workflow_name = %(name)s"), name=where.name)
    if where.latest_only:
        conditions.add(sql.SQL("is_latest_version"))
    for label, value in where.labels.items():
        equals = sql.SQL("labels ->> {} = {}").format(sql.Literal(label), sql.Placeholder(label))
        conditions.add(equals, **{label: value})
    if after is not None:
        conditions.add(
            sql.SQL("(created_at, workflow_id) < (%(after_time)s, %(after_id)s)"),
            after_time=after.event_timestamp,
            after_id=after.event_id,
        )
    return conditions
