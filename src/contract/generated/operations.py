# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.
"""Each operation of the contract: address, scopes, and the types of what is asked and answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from contract.generated import requests, responses
from web.messages import Request, Response


class Operation(NamedTuple):
    """One operation. scopes: what a caller needs, of each group one; empty where it is open to everybody.

    request and answer: the types that its handler is annotated with.
    """

    method: str
    path: str
    tag: str
    scopes: tuple[tuple[str, ...], ...]
    request: Any
    answer: Any


QueryAuditEvents: TypeAlias = Request[None, requests.QueryAuditEventsQuery, None]
QueryAuditEventsAnswer: TypeAlias = Response[responses.QueryAuditEventsResult]
CreateAuditEvent: TypeAlias = Request[requests.CreateAuditEventBody, None, None]
CreateAuditEventAnswer: TypeAlias = Response[responses.CreateAuditEventResult]
CreateAuditEventsBatch: TypeAlias = Request[requests.CreateAuditEventsBatchBody, None, None]
CreateAuditEventsBatchAnswer: TypeAlias = Response[responses.CreateAuditEventsBatchResult]
GetAuditEvent: TypeAlias = Request[None, None, requests.GetAuditEventPath]
GetAuditEventAnswer: TypeAlias = Response[responses.GetAuditEventResult]
GetAuditEventReceipt: TypeAlias = Request[None, None, requests.GetAuditEventReceiptPath]
GetAuditEventReceiptAnswer: TypeAlias = Response[responses.GetAuditEventReceiptResult]
GetAuditEventProof: TypeAlias = Request[None, None, requests.GetAuditEventProofPath]
GetAuditEventProofAnswer: TypeAlias = Response[responses.GetAuditEventProofResult]
GetCorrelationTimeline: TypeAlias = Request[
    None, requests.GetCorrelationTimelineQuery, requests.GetCorrelationTimelinePath
]
GetCorrelationTimelineAnswer: TypeAlias = Response[responses.GetCorrelationTimelineResult]
ListNotifications: TypeAlias = Request[None, requests.ListNotificationsQuery, None]
ListNotificationsAnswer: TypeAlias = Response[responses.ListNotificationsResult]
CreateNotification: TypeAlias = Request[requests.CreateNotificationBody, None, None]
CreateNotificationAnswer: TypeAlias = Response[responses.CreateNotificationResult]
GetNotification: TypeAlias = Request[None, None, requests.GetNotificationPath]
GetNotificationAnswer: TypeAlias = Response[responses.GetNotificationResult]
ListLegalHolds: TypeAlias = Request[None, requests.ListLegalHoldsQuery, None]
ListLegalHoldsAnswer: TypeAlias = Response[responses.ListLegalHoldsResult]
PlaceLegalHold: TypeAlias = Request[requests.PlaceLegalHoldBody, None, None]
PlaceLegalHoldAnswer: TypeAlias = Response[responses.PlaceLegalHoldResult]
ReleaseLegalHold: TypeAlias = Request[requests.ReleaseLegalHoldBody, None, requests.ReleaseLegalHoldPath]
ReleaseLegalHoldAnswer: TypeAlias = Response[responses.ReleaseLegalHoldResult]
ListWorkflows: TypeAlias = Request[None, requests.ListWorkflowsQuery, None]
ListWorkflowsAnswer: TypeAlias = Response[responses.ListWorkflowsResult]
CreateWorkflow: TypeAlias = Request[requests.CreateWorkflowBody, None, None]
CreateWorkflowAnswer: TypeAlias = Response[responses.CreateWorkflowResult]
CreateWorkflowsBulk: TypeAlias = Request[requests.CreateWorkflowsBulkBody, None, None]
CreateWorkflowsBulkAnswer: TypeAlias = Response[responses.CreateWorkflowsBulkResult]
SearchWorkflows: TypeAlias = Request[requests.SearchWorkflowsBody, None, None]
SearchWorkflowsAnswer: TypeAlias = Response[responses.SearchWorkflowsResult]
ListWorkflowVersions: TypeAlias = Request[None, requests.ListWorkflowVersionsQuery, requests.ListWorkflowVersionsPath]
ListWorkflowVersionsAnswer: TypeAlias = Response[responses.ListWorkflowVersionsResult]
GetWorkflow: TypeAlias = Request[None, None, requests.GetWorkflowPath]
GetWorkflowAnswer: TypeAlias = Response[responses.GetWorkflowResult]
UpdateWorkflow: TypeAlias = Request[requests.UpdateWorkflowBody, None, requests.UpdateWorkflowPath]
UpdateWorkflowAnswer: TypeAlias = Response[responses.UpdateWorkflowResult]
DisableWorkflow: TypeAlias = Request[requests.DisableWorkflowBody | None, None, requests.DisableWorkflowPath]
DisableWorkflowAnswer: TypeAlias = Response[responses.DisableWorkflowResult]
GetDlq: TypeAlias = Request[None, None, None]
GetDlqAnswer: TypeAlias = Response[responses.GetDlqResult]
ListDeadLetters: TypeAlias = Request[None, requests.ListDeadLettersQuery, None]
ListDeadLettersAnswer: TypeAlias = Response[responses.ListDeadLettersResult]
ReplayDeadLetters: TypeAlias = Request[None, requests.ReplayDeadLettersQuery, None]
ReplayDeadLettersAnswer: TypeAlias = Response[responses.ReplayDeadLettersResult]
GetDeadLetter: TypeAlias = Request[None, None, requests.GetDeadLetterPath]
GetDeadLetterAnswer: TypeAlias = Response[responses.GetDeadLetterResult]
DiscardDeadLetter: TypeAlias = Request[None, requests.DiscardDeadLetterQuery, requests.DiscardDeadLetterPath]
DiscardDeadLetterAnswer: TypeAlias = Response[responses.DiscardDeadLetterResult]
ReplayDeadLetter: TypeAlias = Request[None, None, requests.ReplayDeadLetterPath]
ReplayDeadLetterAnswer: TypeAlias = Response[responses.ReplayDeadLetterResult]
GetLog: TypeAlias = Request[None, None, None]
GetLogAnswer: TypeAlias = Response[responses.GetLogResult]
GetLogCheckpoint: TypeAlias = Request[None, None, None]
GetLogCheckpointAnswer: TypeAlias = Response[None]
GetLogTile: TypeAlias = Request[None, None, requests.GetLogTilePath]
GetLogTileAnswer: TypeAlias = Response[None]
ListPartitions: TypeAlias = Request[None, None, None]
ListPartitionsAnswer: TypeAlias = Response[responses.ListPartitionsResult]
GetHealth: TypeAlias = Request[None, None, None]
GetHealthAnswer: TypeAlias = Response[responses.GetHealthResult]
GetHealthLive: TypeAlias = Request[None, None, None]
GetHealthLiveAnswer: TypeAlias = Response[responses.GetHealthLiveResult]
GetHealthReady: TypeAlias = Request[None, None, None]
GetHealthReadyAnswer: TypeAlias = Response[responses.GetHealthReadyResult]
GetMetrics: TypeAlias = Request[None, None, None]
GetMetricsAnswer: TypeAlias = Response[None]

#: By operationId.
OPERATIONS: Mapping[str, Operation] = {
    "query_audit_events": Operation(
        "GET", "/api/v1/audit/events", "Audit", (("audit:read",),), QueryAuditEvents, QueryAuditEventsAnswer
    ),
    "create_audit_event": Operation(
        "POST", "/api/v1/audit/events", "Audit", (("audit:write",),), CreateAuditEvent, CreateAuditEventAnswer
    ),
    "create_audit_events_batch": Operation(
        "POST",
        "/api/v1/audit/events/batch",
        "Audit",
        (("audit:write",),),
        CreateAuditEventsBatch,
        CreateAuditEventsBatchAnswer,
    ),
    "get_audit_event": Operation(
        "GET", "/api/v1/audit/events/{event_id}", "Audit", (("audit:read",),), GetAuditEvent, GetAuditEventAnswer
    ),
    "get_audit_event_receipt": Operation(
        "GET",
        "/api/v1/audit/events/{event_id}/receipt",
        "Audit",
        (("audit:read", "audit:write"),),
        GetAuditEventReceipt,
        GetAuditEventReceiptAnswer,
    ),
    "get_audit_event_proof": Operation(
        "GET",
        "/api/v1/audit/events/{event_id}/proof",
        "Evidence",
        (("audit:read",),),
        GetAuditEventProof,
        GetAuditEventProofAnswer,
    ),
    "get_correlation_timeline": Operation(
        "GET",
        "/api/v1/audit/correlations/{correlation_id}/timeline",
        "Audit",
        (("audit:read",),),
        GetCorrelationTimeline,
        GetCorrelationTimelineAnswer,
    ),
    "list_notifications": Operation(
        "GET",
        "/api/v1/audit/notifications",
        "Notifications",
        (("audit:read",),),
        ListNotifications,
        ListNotificationsAnswer,
    ),
    "create_notification": Operation(
        "POST",
        "/api/v1/audit/notifications",
        "Notifications",
        (("audit:write",),),
        CreateNotification,
        CreateNotificationAnswer,
    ),
    "get_notification": Operation(
        "GET",
        "/api/v1/audit/notifications/{notification_id}",
        "Notifications",
        (("audit:read",),),
        GetNotification,
        GetNotificationAnswer,
    ),
    "list_legal_holds": Operation(
        "GET", "/api/v1/audit/holds", "Legal holds", (("ops:read",),), ListLegalHolds, ListLegalHoldsAnswer
    ),
    "place_legal_hold": Operation(
        "POST", "/api/v1/audit/holds", "Legal holds", (("ops:admin",),), PlaceLegalHold, PlaceLegalHoldAnswer
    ),
    "release_legal_hold": Operation(
        "POST",
        "/api/v1/audit/holds/{hold_id}/release",
        "Legal holds",
        (("ops:admin",),),
        ReleaseLegalHold,
        ReleaseLegalHoldAnswer,
    ),
    "list_workflows": Operation(
        "GET", "/api/v1/workflows", "Workflows", (("catalog:read",),), ListWorkflows, ListWorkflowsAnswer
    ),
    "create_workflow": Operation(
        "POST", "/api/v1/workflows", "Workflows", (("catalog:write",),), CreateWorkflow, CreateWorkflowAnswer
    ),
    "create_workflows_bulk": Operation(
        "POST",
        "/api/v1/workflows/bulk",
        "Workflows",
        (("catalog:write",),),
        CreateWorkflowsBulk,
        CreateWorkflowsBulkAnswer,
    ),
    "search_workflows": Operation(
        "POST", "/api/v1/workflows/search", "Workflows", (("catalog:read",),), SearchWorkflows, SearchWorkflowsAnswer
    ),
    "list_workflow_versions": Operation(
        "GET",
        "/api/v1/workflows/by-name/{workflow_name}/versions",
        "Workflows",
        (("catalog:read",),),
        ListWorkflowVersions,
        ListWorkflowVersionsAnswer,
    ),
    "get_workflow": Operation(
        "GET", "/api/v1/workflows/{workflow_id}", "Workflows", (("catalog:read",),), GetWorkflow, GetWorkflowAnswer
    ),
    "update_workflow": Operation(
        "PATCH",
        "/api/v1/workflows/{workflow_id}",
        "Workflows",
        (("catalog:write",),),
        UpdateWorkflow,
        UpdateWorkflowAnswer,
    ),
    "disable_workflow": Operation(
        "PATCH",
        "/api/v1/workflows/{workflow_id}/disable",
        "Workflows",
        (("catalog:write",),),
        DisableWorkflow,
        DisableWorkflowAnswer,
    ),
    "get_dlq": Operation("GET", "/api/v1/dlq", "Dead letters", (("ops:read",),), GetDlq, GetDlqAnswer),
    "list_dead_letters": Operation(
        "GET", "/api/v1/dlq/dead-letters", "Dead letters", (("ops:read",),), ListDeadLetters, ListDeadLettersAnswer
    ),
    "replay_dead_letters": Operation(
        "POST",
        "/api/v1/dlq/dead-letters/replay",
        "Dead letters",
        (("ops:admin",),),
        ReplayDeadLetters,
        ReplayDeadLettersAnswer,
    ),
    "get_dead_letter": Operation(
        "GET",
        "/api/v1/dlq/dead-letters/{dead_letter_id}",
        "Dead letters",
        (("ops:read",), ("audit:read",)),
        GetDeadLetter,
        GetDeadLetterAnswer,
    ),
    "discard_dead_letter": Operation(
        "DELETE",
        "/api/v1/dlq/dead-letters/{dead_letter_id}",
        "Dead letters",
        (("ops:admin",),),
        DiscardDeadLetter,
        DiscardDeadLetterAnswer,
    ),
    "replay_dead_letter": Operation(
        "POST",
        "/api/v1/dlq/dead-letters/{dead_letter_id}/replay",
        "Dead letters",
        (("ops:admin",),),
        ReplayDeadLetter,
        ReplayDeadLetterAnswer,
    ),
    "get_log": Operation("GET", "/api/v1/log", "Evidence", (("audit:read",),), GetLog, GetLogAnswer),
    "get_log_checkpoint": Operation(
        "GET", "/api/v1/log/checkpoint", "Evidence", (("audit:read",),), GetLogCheckpoint, GetLogCheckpointAnswer
    ),
    "get_log_tile": Operation(
        "GET", "/api/v1/log/tile/{tile}", "Evidence", (("audit:read",),), GetLogTile, GetLogTileAnswer
    ),
    "list_partitions": Operation(
        "GET", "/api/v1/partitions", "Operations", (("ops:read",),), ListPartitions, ListPartitionsAnswer
    ),
    "get_health": Operation("GET", "/health", "Operations", (), GetHealth, GetHealthAnswer),
    "get_health_live": Operation("GET", "/health/live", "Operations", (), GetHealthLive, GetHealthLiveAnswer),
    "get_health_ready": Operation("GET", "/health/ready", "Operations", (), GetHealthReady, GetHealthReadyAnswer),
    "get_metrics": Operation("GET", "/metrics", "Operations", (("ops:read",),), GetMetrics, GetMetricsAnswer),
}
