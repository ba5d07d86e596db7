"""Creating versions and changing their lifecycle, each act an audit event."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from catalog.errors import (
    CatalogError,
    ContentHashError,
    LabelsTooLargeError,
    StaleWorkflowError,
    UnknownWorkflowError,
    WorkflowExistsError,
)
from catalog.lifecycle import changed
from catalog.live import LiveCatalog
from catalog.notes import Notes
from catalog.versions import version_key
from repository.errors import DuplicateRecordError, RepositoryError
from repository.workflows import NewWorkflow, Workflow, Workflows
from telemetry.clock import Clock, IdFactory
from telemetry.logs import get_logger

__all__ = ["Registry", "etag_of"]

_log = get_logger(__name__)
_LABELS = ("labels", "custom_labels", "detected_labels")
_JSON = (*_LABELS, "parameters")
#: Bytes of labels of one version, as JSON: every worker keeps them in memory.
_MAX_LABEL_BYTES = 64 * 1024
_encode = msgspec.json.Encoder(decimal_format="number").encode
Refused = TypeVar("Refused", bound=CatalogError)


class Registry:
    """Writes the catalog. Each method raises DatabaseUnavailableError."""

    def __init__(
        self, table: Workflows, catalog: LiveCatalog, notes: Notes, *, clock: Clock, new_id: IdFactory
    ) -> None:
        self._table = table
        self._catalog = catalog
        self._notes = notes
        self._clock = clock
        self._new_id = new_id

    async def create(self, bodies: Sequence[Mapping[str, Any]]) -> list[Workflow]:
        """Store all versions or none; the records as they are stored.

        Raises ContentHashError and WorkflowExistsError with the index of the one at fault.
        """
        workflows = [self._new(index, body) for index, body in enumerate(bodies)]
        _refuse_twins(workflows)
        try:
            stored = await self._table.insert(workflows)
        except DuplicateRecordError:
            raise await self._clash(workflows) from None
        await self._changed("created", stored)
        return stored

    def _new(self, index: int, body: Mapping[str, Any]) -> NewWorkflow:
        expected = hashlib.sha256(body["content"].encode()).hexdigest()
        if body["content_hash"].lower() != expected:
            raise _at(index, ContentHashError(expected))
        labels = sum(len(_encode(body[name])) for name in _LABELS if body.get(name) is not None)
        if labels > _MAX_LABEL_BYTES:
            raise _at(index, LabelsTooLargeError(labels, _MAX_LABEL_BYTES))
        members = {name: body[name] for name in NewWorkflow.__struct_fields__ if body.get(name) is not None}
        made = {
            "workflow_id": self._new_id(),
            "version_key": version_key(body["version"]),
            "content_hash": expected,
            "status": body.get("status") or "active",
            **{name: _json(members[name]) for name in _JSON if name in members},
            **({"approved_at": _in_utc(members["approved_at"])} if "approved_at" in members else {}),
        }
        return NewWorkflow(**{**members, **made})

    async def _clash(self, workflows: Sequence[NewWorkflow]) -> WorkflowExistsError:
        there = await self._table.existing([(one.workflow_name, one.version) for one in workflows])
        index, clash = next(
            ((index, one) for index, one in enumerate(workflows) if (one.workflow_name, one.version) in there),
            (0, workflows[0]),
        )
        return _at(index, WorkflowExistsError(clash.workflow_name, clash.version))

    async def change(
        self, workflow_id: UUID, change: Mapping[str, Any], *, expected: Callable[[str], bool]
    ) -> Workflow:
        """Change the lifecycle of a version.

        expected: whether the client meant the version with this ETag. Raises UnknownWorkflowError, StaleWorkflowError,
        TransitionError.
        """
        async with self._table.changing(workflow_id) as (stored, connection):
            if stored is None:
                raise UnknownWorkflowError(workflow_id)
            if not expected(etag_of(stored)):
                raise StaleWorkflowError
            wanted = changed(stored, change, self._clock())
            if wanted is stored:
                return stored
            updated = await self._table.update(connection, wanted)
        await self._changed("updated", [updated], change=change, previous_status=stored.status)
        return updated

    async def _changed(self, act: str, workflows: Sequence[Workflow], **more: Any) -> None:
        for one in workflows:
            self._note(act, one, more)
        try:
            await self._catalog.refresh({one.workflow_name for one in workflows})
        except RepositoryError as error:  # it is stored; the catalog will hear of it
            _log.info("the catalog is read again later", cause=type(error).__name__)

    def _note(self, act: str, workflow: Workflow, more: Mapping[str, Any]) -> None:
        data = {name: getattr(workflow, name) for name in ("workflow_name", "version", "status", "content_hash")}
        self._notes.note(
            f"datastorage.workflow.{act}",
            correlation_id=str(workflow.workflow_id),
            resource=("workflow", str(workflow.workflow_id)),
            data={**data, **more},
        )


def etag_of(workflow: Workflow) -> str:
    """The strong entity tag of a version (RFC 9110, section 8.8.3)."""
    text = f"{workflow.workflow_id} {workflow.updated_at.isoformat()}"
    return f'"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def _in_utc(text: str) -> datetime:
    """PostgreSQL takes no zone beyond 15:59 hours from UTC, RFC 3339 does."""
    return msgspec.convert(text, datetime).astimezone(UTC)


def _json(value: Any) -> msgspec.Raw:
    return msgspec.Raw(_encode(value))


def _refuse_twins(workflows: Sequence[NewWorkflow]) -> None:
    seen: set[tuple[str, str]] = set()
    for index, one in enumerate(workflows):
        if (one.workflow_name, one.version) in seen:
            raise _at(index, WorkflowExistsError(one.workflow_name, one.version))
        seen.add((one.workflow_name, one.version))


def _at(index: int, error: Refused) -> Refused:
    error.index = index
    return error
