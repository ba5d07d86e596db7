# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict
from uuid import UUID

from audit.dead_letters import Letter, Replayed
from audit.partition_watch import MonthState
from audit.receipts import Receipt
from audit.timeline import Summary, TimelineEntry
from catalog.search import Found
from repository.notifications import StoredNotification
from repository.stored_events import StoredEvent
from repository.workflows import Workflow


class AuditEventPage(TypedDict):
    data: Sequence[StoredEvent]
    pagination: EventPagination
    warnings: NotRequired[Warnings]


class BatchItemResult(TypedDict):
    index: int
    event_id: NotRequired[UUID]
    status: Literal["created", "duplicate", "queued", "rejected", "unknown"]
    receipt: NotRequired[str]
    problem: NotRequired[Problem]


class BatchResult(TypedDict):
    event_ids: Sequence[UUID]
    message: str
    results: Sequence[BatchItemResult]


CreateAuditEventsBatchResult: TypeAlias = BatchResult


CreateWorkflowResult: TypeAlias = Workflow


class CursorPagination(TypedDict):
    limit: int
    has_more: bool
    next_cursor: str | None


class DeadLetterChange(TypedDict):
    id: str
    record_id: str
    state: Literal["queued", "discarded"]


class DeadLetterPage(TypedDict):
    data: Sequence[DeadLetterSummary]
    pagination: CursorPagination


class DeadLetterSummary(TypedDict):
    id: str
    queue: Literal["events", "notifications"]
    record_id: str
    record_type: str
    enqueued_at: datetime | None
    dead_at: datetime
    attempts: int
    last_error: str


DisableWorkflowResult: TypeAlias = Workflow


DiscardDeadLetterResult: TypeAlias = DeadLetterChange


EventCategory: TypeAlias = Literal[
    "gateway", "notification", "analysis", "signalprocessing", "workflow", "execution", "orchestration"
]


class EventCreated(TypedDict):
    event_id: UUID
    event_timestamp: datetime
    message: Literal["Audit event created successfully"]


class EventPagination(TypedDict):
    limit: int
    offset: int
    total: int | None
    total_relation: Literal["eq", "gte"] | None
    has_more: bool
    next_cursor: str | None


class EventQueued(TypedDict):
    status: Literal["accepted"]
    message: Literal["audit event queued for async processing"]
    event_id: UUID
    receipt: str


CreateAuditEventResult: TypeAlias = EventCreated | EventQueued


GetAuditEventReceiptResult: TypeAlias = Receipt


GetAuditEventResult: TypeAlias = StoredEvent


GetDeadLetterResult: TypeAlias = Letter


GetNotificationResult: TypeAlias = StoredNotification


GetWorkflowResult: TypeAlias = Workflow


class Health(TypedDict):
    status: Literal["healthy", "unhealthy"]
    database: Literal["connected", "unreachable"]
    queue: Literal["connected", "unreachable"]
    error: NotRequired[str]


GetHealthResult: TypeAlias = Health


class HeldScope(TypedDict):
    """
    The conditions that were given.
    """

    correlation_id: NotRequired[str]
    resource_type: NotRequired[str]
    resource_id: NotRequired[str]
    actor_id: NotRequired[str]
    event_category: NotRequired[EventCategory]
    since: NotRequired[datetime]
    until: NotRequired[datetime]


class InclusionProof(TypedDict):
    event_id: UUID
    entry: str
    leaf_index: int
    hashes: Sequence[str]
    checkpoint: str


GetAuditEventProofResult: TypeAlias = InclusionProof


class LegalHold(TypedDict):
    hold_id: UUID
    matter: str
    reason: str
    scope: HeldScope
    second_person: bool
    placed_by: str | None
    placed_at: datetime
    released_by: str | None
    released_at: datetime | None
    release_reason: str | None


class LegalHoldPage(TypedDict):
    data: Sequence[LegalHold]
    pagination: CursorPagination


ListDeadLettersResult: TypeAlias = DeadLetterPage


ListLegalHoldsResult: TypeAlias = LegalHoldPage


class Liveness(TypedDict):
    status: Literal["alive"]


GetHealthLiveResult: TypeAlias = Liveness


class LogState(TypedDict):
    origin: str
    size: int
    root: str | None
    sealed_at: datetime | None
    pending: int
    pending_since: datetime | None
    keys: Sequence[str]


GetLogResult: TypeAlias = LogState


class NotificationPage(TypedDict):
    data: Sequence[StoredNotification]
    pagination: CursorPagination


ListNotificationsResult: TypeAlias = NotificationPage


class NotificationQueued(TypedDict):
    status: Literal["accepted"]
    message: Literal["audit record queued for processing"]
    notification_id: str


CreateNotificationResult: TypeAlias = StoredNotification | NotificationQueued


class Pagination(TypedDict):
    limit: NotRequired[int]
    has_more: NotRequired[bool]
    next_cursor: NotRequired[str | None]


class Partitions(TypedDict):
    partitions: Sequence[MonthState]


ListPartitionsResult: TypeAlias = Partitions


PlaceLegalHoldResult: TypeAlias = LegalHold


class Problem(TypedDict):
    """
    Problem details (RFC 9457).
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str
    errors: NotRequired[Sequence[Violation]]
    errors_truncated: NotRequired[bool]
    field_errors: NotRequired[Mapping[str, str]]
    resource: NotRequired[str]
    field: NotRequired[str]
    value: NotRequired[str]


QueryAuditEventsResult: TypeAlias = AuditEventPage


class Queues(TypedDict):
    streams: Sequence[Stream]


GetDlqResult: TypeAlias = Queues


class Readiness(TypedDict):
    status: Literal["ready", "degraded", "not_ready"]
    reason: NotRequired[str]
    warnings: NotRequired[Sequence[str]]
    components: NotRequired[Mapping[str, Any]]


GetHealthReadyResult: TypeAlias = Readiness


ReleaseLegalHoldResult: TypeAlias = LegalHold


ReplayDeadLetterResult: TypeAlias = DeadLetterChange


ReplayDeadLettersResult: TypeAlias = Replayed


class Result(TypedDict):
    index: int
    workflow_id: UUID
    workflow_name: str
    version: str
    status: Literal["created"]


SearchWorkflowsResult: TypeAlias = Found


class Stream(TypedDict):
    name: Literal["events", "notifications"]
    depth: int
    capacity: int
    ratio: float
    alarm: Literal["none", "warning", "critical", "overflow_imminent"]
    oldest_age_seconds: float | None
    dead_letters: int


class Timeline(TypedDict):
    correlation_id: str
    summary: Summary | None
    events: Sequence[TimelineEntry]
    warnings: NotRequired[Warnings]
    pagination: Pagination


GetCorrelationTimelineResult: TypeAlias = Timeline


UpdateWorkflowResult: TypeAlias = Workflow


class Violation(TypedDict):
    pointer: str
    detail: str


Warnings: TypeAlias = Sequence[str]
"""
What was left out, for a person; absent when nothing was. Events that cannot be read, and archived months.
"""


class WorkflowBulkResult(TypedDict):
    created: int
    results: Sequence[Result]


CreateWorkflowsBulkResult: TypeAlias = WorkflowBulkResult


class WorkflowPage(TypedDict):
    workflows: Sequence[Workflow]
    limit: int
    offset: int
    total: int | None
    has_more: bool
    next_cursor: str | None
    warnings: NotRequired[Warnings]


ListWorkflowsResult: TypeAlias = WorkflowPage


class WorkflowVersions(TypedDict):
    workflow_name: str
    versions: Sequence[Workflow]
    total: int
    has_more: bool
    next_cursor: str | None
    warnings: NotRequired[Warnings]


ListWorkflowVersionsResult: TypeAlias = WorkflowVersions
