"""What the handlers may use; the program builds it once a process and passes it in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import msgspec

from audit.archived_months import ArchivedMonths
from audit.cursors import Cursors
from audit.dead_letters import DeadLetterOffice
from audit.exports import Exports
from audit.holds import HoldOffice
from audit.notifications import NotificationRecorder
from audit.partition_watch import PartitionWatch
from audit.receipts import Receipts
from audit.submission import EventRecorder
from catalog.registry import Registry
from catalog.search import Search
from evidence.log import Log
from repository.audit_queries import AuditQueries
from repository.notifications import Notifications
from repository.workflows import Workflows
from telemetry.clock import Clock

__all__ = ["AuditReads", "Dependencies", "NotificationAudit", "WorkflowCatalog"]


class AuditReads(msgspec.Struct, frozen=True, kw_only=True):
    """What reads of the audit trail are answered with."""

    queries: AuditQueries
    exports: Exports
    cursors: Cursors
    clock: Clock
    archived: ArchivedMonths


class NotificationAudit(msgspec.Struct, frozen=True, kw_only=True):
    """What records and reads notifications."""

    recorder: NotificationRecorder
    table: Notifications


class WorkflowCatalog(msgspec.Struct, frozen=True, kw_only=True):
    """What writes, reads and searches the workflow catalog."""

    registry: Registry
    search: Search
    table: Workflows


class Dependencies(msgspec.Struct, frozen=True, kw_only=True):
    """The services below the edge. Each issue adds the members that its handlers need."""

    #: Records audit events durably.
    recorder: EventRecorder
    #: What every problem's `type` starts with.
    problem_base_url: str
    #: Events in one batch at the most; the contract allows no more than 1000.
    batch_max_events: int
    #: Does PostgreSQL answer now? Never raises, and takes no longer than a second.
    database_answers: Callable[[], Awaitable[bool]]
    #: Does Redis answer now? Never raises, and takes no longer than a second.
    queue_answers: Callable[[], Awaitable[bool]]
    #: Was the process told to stop?
    shutting_down: Callable[[], bool]
    #: Reads of the audit trail.
    audit_reads: AuditReads
    #: The record of notifications.
    notifications: NotificationAudit
    #: Where events are between acknowledgement and table.
    receipts: Receipts
    #: Queues and dead letters.
    dead_letters: DeadLetterOffice
    #: Legal holds.
    holds: HoldOffice
    #: The months of the audit trail.
    partitions: PartitionWatch
    #: What readiness warns of: Redis' durability, an open service, a log without a key.
    warnings: Callable[[], Sequence[str]]
    #: Is PostgreSQL considered down?
    database_is_down: Callable[[], bool]
    #: The transparency log.
    log: Log
    #: The workflow catalog.
    workflows: WorkflowCatalog
