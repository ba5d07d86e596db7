# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal, NotRequired, TypeAlias, TypedDict


class AnalysisApprovalRequired(TypedDict):
    """
    event_data of `analysis.approval.required` (category analysis, action required).
    """

    analysis_id: NotRequired[str]
    approval_reason: NotRequired[str]
    risk_level: NotRequired[str]
    estimated_impact: NotRequired[str]
    approval_request_id: NotRequired[str]


class AnalysisErrorOccurred(TypedDict):
    """
    event_data of `analysis.error.occurred` (category analysis, action error_occurred).
    """

    error_type: NotRequired[str]
    error_message: NotRequired[str]
    analysis_id: NotRequired[str]


class AnalysisInvestigationCompleted(TypedDict):
    """
    event_data of `analysis.investigation.completed` (category analysis, action completed).
    """

    analysis_id: NotRequired[str]
    rca_summary: NotRequired[str]
    confidence: NotRequired[int | Decimal]
    duration_ms: NotRequired[int | Decimal]
    completion_tokens: NotRequired[int | Decimal]


class AnalysisInvestigationStarted(TypedDict):
    """
    event_data of `analysis.investigation.started` (category analysis, action started).
    """

    analysis_id: NotRequired[str]
    signal_id: NotRequired[str]
    llm_provider: NotRequired[str]
    llm_model: NotRequired[str]
    prompt_tokens: NotRequired[int | Decimal]


class AnalysisRecommendationGenerated(TypedDict):
    """
    event_data of `analysis.recommendation.generated` (category analysis, action generated).
    """

    analysis_id: NotRequired[str]
    workflow_matched: NotRequired[str]
    workflow_score: NotRequired[int | Decimal]
    recommendation: NotRequired[str]


class AuditEventMembers(TypedDict):
    """
    The members that all kinds of audit event share. Other members are ignored.
    """

    version: str
    event_timestamp: str
    event_category: EventCategory
    event_action: str
    event_outcome: EventOutcome
    correlation_id: str
    actor_type: NotRequired[str]
    actor_id: NotRequired[str]
    resource_type: NotRequired[str]
    resource_id: NotRequired[str]
    severity: NotRequired[str | None]
    namespace: NotRequired[str | None]
    cluster_name: NotRequired[str | None]
    duration_ms: NotRequired[int | Decimal | None]
    error_code: NotRequired[str | None]
    error_message: NotRequired[str | None]
    parent_event_id: NotRequired[str | None]
    trace_id: NotRequired[str | None]
    span_id: NotRequired[str | None]
    event_id: NotRequired[str]


class AnalysisApprovalRequiredEvent(AuditEventMembers):
    event_type: Literal["analysis.approval.required"]
    event_data: AnalysisApprovalRequired


class AnalysisErrorOccurredEvent(AuditEventMembers):
    event_type: Literal["analysis.error.occurred"]
    event_data: AnalysisErrorOccurred


class AnalysisInvestigationCompletedEvent(AuditEventMembers):
    event_type: Literal["analysis.investigation.completed"]
    event_data: AnalysisInvestigationCompleted


class AnalysisInvestigationStartedEvent(AuditEventMembers):
    event_type: Literal["analysis.investigation.started"]
    event_data: AnalysisInvestigationStarted


class AnalysisRecommendationGeneratedEvent(AuditEventMembers):
    event_type: Literal["analysis.recommendation.generated"]
    event_data: AnalysisRecommendationGenerated


class AuditEventRequest(AuditEventMembers):
    """
    An event of a type without a payload schema; its event_data is any object.
    """

    event_type: str
    event_data: Mapping[str, Any]


Cursor: TypeAlias = str


CustomLabel: TypeAlias = str


CustomLabels: TypeAlias = Mapping[str, Sequence[CustomLabel]]
"""
All labels of one version (labels, detected_labels, custom_labels) have at most 64 KiB of JSON text together.
"""


class DetectedLabels(TypedDict):
    """
    What was detected in the cluster; text may be `*`. Further labels are text, true or false. In a search: the labels
    that a workflow should have; false and empty ones do not count.

    """

    gitOpsManaged: NotRequired[bool | None]
    gitOpsTool: NotRequired[Literal["argocd", "flux", "*", ""] | None]
    pdbProtected: NotRequired[bool | None]
    serviceMesh: NotRequired[Literal["istio", "linkerd", "*", ""] | None]
    networkIsolated: NotRequired[bool | None]
    helmManaged: NotRequired[bool | None]
    stateful: NotRequired[bool | None]
    hpaEnabled: NotRequired[bool | None]
    failed_detections: NotRequired[FailedDetections]


class DisableWorkflowPath(TypedDict):
    workflow_id: str


class DiscardDeadLetterPath(TypedDict):
    dead_letter_id: str


class DiscardDeadLetterQuery(TypedDict):
    reason: str


class EffectivenessmonitorEvaluationCompleted(TypedDict):
    """
    event_data of `effectivenessmonitor.evaluation.completed` (category analysis, action completed).
    """

    evaluation_id: NotRequired[str]
    effectiveness_score: NotRequired[int | Decimal]
    issue_resolved: NotRequired[bool]
    signal_count_before: NotRequired[int | Decimal]
    signal_count_after: NotRequired[int | Decimal]


class EffectivenessmonitorEvaluationCompletedEvent(AuditEventMembers):
    event_type: Literal["effectivenessmonitor.evaluation.completed"]
    event_data: EffectivenessmonitorEvaluationCompleted


class EffectivenessmonitorEvaluationStarted(TypedDict):
    """
    event_data of `effectivenessmonitor.evaluation.started` (category analysis, action started).
    """

    evaluation_id: NotRequired[str]
    remediation_request_id: NotRequired[str]
    workflow_id: NotRequired[str]
    evaluation_window_min: NotRequired[int | Decimal]


class EffectivenessmonitorEvaluationStartedEvent(AuditEventMembers):
    event_type: Literal["effectivenessmonitor.evaluation.started"]
    event_data: EffectivenessmonitorEvaluationStarted


class EffectivenessmonitorPlaybookUpdated(TypedDict):
    """
    event_data of `effectivenessmonitor.playbook.updated` (category analysis, action playbook_updated).
    """

    workflow_id: NotRequired[str]
    confidence_delta: NotRequired[int | Decimal]
    new_confidence: NotRequired[int | Decimal]
    update_reason: NotRequired[str]


class EffectivenessmonitorPlaybookUpdatedEvent(AuditEventMembers):
    event_type: Literal["effectivenessmonitor.playbook.updated"]
    event_data: EffectivenessmonitorPlaybookUpdated


EventCategory: TypeAlias = Literal[
    "gateway", "notification", "analysis", "signalprocessing", "workflow", "execution", "orchestration"
]


EventOutcome: TypeAlias = Literal["success", "failure", "pending"]


FailedDetections: TypeAlias = Sequence[
    Literal["gitOpsManaged", "pdbProtected", "hpaEnabled", "stateful", "helmManaged", "networkIsolated", "serviceMesh"]
]
"""
Labels whose detection failed; they do not count.
"""


class GatewayCrdCreated(TypedDict):
    """
    event_data of `gateway.crd.created` (category gateway, action crd_created).
    """

    crd_name: NotRequired[str]
    crd_namespace: NotRequired[str]
    crd_kind: NotRequired[str]
    creation_time: NotRequired[str]


class GatewayCrdCreatedEvent(AuditEventMembers):
    event_type: Literal["gateway.crd.created"]
    event_data: GatewayCrdCreated


class GatewayErrorOccurred(TypedDict):
    """
    event_data of `gateway.error.occurred` (category gateway, action error_occurred).
    """

    error_type: NotRequired[str]
    error_message: NotRequired[str]
    retry_count: NotRequired[int | Decimal]
    will_retry: NotRequired[bool]


class GatewayErrorOccurredEvent(AuditEventMembers):
    event_type: Literal["gateway.error.occurred"]
    event_data: GatewayErrorOccurred


class GatewaySignalDeduplicated(TypedDict):
    """
    event_data of `gateway.signal.deduplicated` (category gateway, action deduplicated).
    """

    duplicate_of: NotRequired[str]
    reason: NotRequired[str]
    original_timestamp: NotRequired[str]
    window_seconds: NotRequired[int | Decimal]


class GatewaySignalDeduplicatedEvent(AuditEventMembers):
    event_type: Literal["gateway.signal.deduplicated"]
    event_data: GatewaySignalDeduplicated


class GatewaySignalReceived(TypedDict):
    """
    event_data of `gateway.signal.received` (category gateway, action received).
    """

    alert_name: NotRequired[str]
    signal_fingerprint: NotRequired[str]
    namespace: NotRequired[str]
    cluster: NotRequired[str]
    is_duplicate: NotRequired[bool]
    action: NotRequired[str]


class GatewaySignalReceivedEvent(AuditEventMembers):
    event_type: Literal["gateway.signal.received"]
    event_data: GatewaySignalReceived


class GatewaySignalRejected(TypedDict):
    """
    event_data of `gateway.signal.rejected` (category gateway, action rejected).
    """

    rejection_reason: NotRequired[str]
    signal_source: NotRequired[str]
    validation_error: NotRequired[str]


class GatewaySignalRejectedEvent(AuditEventMembers):
    event_type: Literal["gateway.signal.rejected"]
    event_data: GatewaySignalRejected


class GatewayStormDetected(TypedDict):
    """
    event_data of `gateway.storm.detected` (category gateway, action storm_detected).
    """

    storm_id: NotRequired[str]
    signal_count: NotRequired[int | Decimal]
    time_window_sec: NotRequired[int | Decimal]
    detection_reason: NotRequired[str]


class GatewayStormDetectedEvent(AuditEventMembers):
    event_type: Literal["gateway.storm.detected"]
    event_data: GatewayStormDetected


class GetAuditEventPath(TypedDict):
    event_id: str


class GetAuditEventProofPath(TypedDict):
    event_id: str


class GetAuditEventReceiptPath(TypedDict):
    event_id: str


class GetCorrelationTimelinePath(TypedDict):
    correlation_id: str


class GetCorrelationTimelineQuery(TypedDict):
    limit: int
    cursor: NotRequired[Cursor]


class GetDeadLetterPath(TypedDict):
    dead_letter_id: str


class GetLogTilePath(TypedDict):
    tile: str


class GetNotificationPath(TypedDict):
    notification_id: str


class GetWorkflowPath(TypedDict):
    workflow_id: str


class LegalHoldRelease(TypedDict):
    reason: str


class LegalHoldRequest(TypedDict):
    matter: str
    reason: str
    scope: LegalHoldScope


class LegalHoldScope(TypedDict):
    """
    Which events it covers; each member is a condition, and all of them must be met.
    """

    correlation_id: NotRequired[str]
    resource_type: NotRequired[str]
    resource_id: NotRequired[str]
    actor_id: NotRequired[str]
    event_category: NotRequired[EventCategory]
    since: NotRequired[str]
    until: NotRequired[str]


class ListDeadLettersQuery(TypedDict):
    queue: NotRequired[Literal["events", "notifications"]]
    limit: int
    cursor: NotRequired[str]


class ListLegalHoldsQuery(TypedDict):
    state: NotRequired[Literal["in_force", "released"]]
    limit: int
    cursor: NotRequired[str]


class ListNotificationsQuery(TypedDict):
    remediation_id: NotRequired[str]
    channel: NotRequired[NotificationChannel]
    status: NotRequired[NotificationStatus]
    recorded_by: NotRequired[str]
    since: NotRequired[TimeOrDuration]
    until: NotRequired[TimeOrDuration]
    limit: int
    cursor: NotRequired[Cursor]


class ListWorkflowVersionsPath(TypedDict):
    workflow_name: str


class ListWorkflowVersionsQuery(TypedDict):
    limit: int
    cursor: NotRequired[Cursor]


class ListWorkflowsQuery(TypedDict):
    status: NotRequired[WorkflowStatus]
    name: NotRequired[str]
    signal_type: NotRequired[str]
    severity: NotRequired[WorkflowSeverity]
    component: NotRequired[str]
    environment: NotRequired[str]
    priority: NotRequired[WorkflowPriority]
    latest_only: bool
    limit: int
    offset: int
    cursor: NotRequired[Cursor]


NotificationChannel: TypeAlias = Literal["email", "slack", "pagerduty", "sms", "webhook", "teams", "console"]


class NotificationEscalated(TypedDict):
    """
    event_data of `notification.escalated` (category notification, action escalated).
    """

    notification_id: NotRequired[str]
    escalation_level: NotRequired[int | Decimal]
    escalated_to: NotRequired[str]
    escalation_reason: NotRequired[str]
    original_recipient: NotRequired[str]


class NotificationEscalatedEvent(AuditEventMembers):
    event_type: Literal["notification.escalated"]
    event_data: NotificationEscalated


class NotificationFailed(TypedDict):
    """
    event_data of `notification.failed` (category notification, action failed).
    """

    notification_id: NotRequired[str]
    channel: NotRequired[str]
    recipient: NotRequired[str]
    failure_reason: NotRequired[str]
    retry_count: NotRequired[int | Decimal]
    will_retry: NotRequired[bool]


class NotificationFailedEvent(AuditEventMembers):
    event_type: Literal["notification.failed"]
    event_data: NotificationFailed


class NotificationRequest(TypedDict):
    """
    One notification. Other members are ignored; empty delivery_status and error_message are as good as absent.
    """

    notification_id: str
    remediation_id: str
    recipient: str
    channel: NotificationChannel
    message_summary: str
    status: NotificationStatus
    sent_at: str
    delivery_status: NotRequired[str | None]
    error_message: NotRequired[str | None]
    escalation_level: NotRequired[int | Decimal]


CreateNotificationBody: TypeAlias = NotificationRequest


class NotificationSent(TypedDict):
    """
    event_data of `notification.sent` (category notification, action sent).
    """

    notification_id: NotRequired[str]
    channel: NotRequired[str]
    recipient: NotRequired[str]
    message_summary: NotRequired[str]
    delivery_status: NotRequired[str]


class NotificationSentEvent(AuditEventMembers):
    event_type: Literal["notification.sent"]
    event_data: NotificationSent


NotificationStatus: TypeAlias = Literal["sent", "failed", "pending", "acknowledged", "escalated"]


PlaceLegalHoldBody: TypeAlias = LegalHoldRequest


class QueryAuditEventsQuery(TypedDict):
    correlation_id: NotRequired[str]
    event_type: NotRequired[str]
    event_category: NotRequired[str]
    event_outcome: NotRequired[EventOutcome]
    severity: NotRequired[str]
    actor_id: NotRequired[str]
    resource_type: NotRequired[str]
    resource_id: NotRequired[str]
    namespace: NotRequired[str]
    cluster_name: NotRequired[str]
    recorded_by: NotRequired[str]
    since: NotRequired[TimeOrDuration]
    until: NotRequired[TimeOrDuration]
    start_time: NotRequired[TimeOrDuration]
    end_time: NotRequired[TimeOrDuration]
    data: NotRequired[str]
    order: Literal["desc", "asc"]
    limit: int
    offset: int
    cursor: NotRequired[Cursor]


ReleaseLegalHoldBody: TypeAlias = LegalHoldRelease


class ReleaseLegalHoldPath(TypedDict):
    hold_id: str


class RemediationorchestratorApprovalRequested(TypedDict):
    """
    event_data of `remediationorchestrator.approval.requested` (category orchestration, action approval_requested).
    """

    remediation_request_id: NotRequired[str]
    approval_request_id: NotRequired[str]
    risk_level: NotRequired[str]
    requires_approval: NotRequired[bool]


class RemediationorchestratorApprovalRequestedEvent(AuditEventMembers):
    event_type: Literal["remediationorchestrator.approval.requested"]
    event_data: RemediationorchestratorApprovalRequested


class RemediationorchestratorChildCreated(TypedDict):
    """
    event_data of `remediationorchestrator.child.created` (category orchestration, action child_created).
    """

    parent_request_id: NotRequired[str]
    child_request_id: NotRequired[str]
    child_reason: NotRequired[str]
    step_number: NotRequired[int | Decimal]


class RemediationorchestratorChildCreatedEvent(AuditEventMembers):
    event_type: Literal["remediationorchestrator.child.created"]
    event_data: RemediationorchestratorChildCreated


class RemediationorchestratorErrorOccurred(TypedDict):
    """
    event_data of `remediationorchestrator.error.occurred` (category orchestration, action error_occurred).
    """

    error_type: NotRequired[str]
    error_message: NotRequired[str]
    remediation_request_id: NotRequired[str]


class RemediationorchestratorErrorOccurredEvent(AuditEventMembers):
    event_type: Literal["remediationorchestrator.error.occurred"]
    event_data: RemediationorchestratorErrorOccurred


class RemediationorchestratorPhaseTransitioned(TypedDict):
    """
    event_data of `remediationorchestrator.phase.transitioned` (category orchestration, action phase_transitioned).
    """

    remediation_request_id: NotRequired[str]
    from_phase: NotRequired[str]
    to_phase: NotRequired[str]
    transition_reason: NotRequired[str]


class RemediationorchestratorPhaseTransitionedEvent(AuditEventMembers):
    event_type: Literal["remediationorchestrator.phase.transitioned"]
    event_data: RemediationorchestratorPhaseTransitioned


class RemediationorchestratorRequestCreated(TypedDict):
    """
    event_data of `remediationorchestrator.request.created` (category orchestration, action request_created).
    """

    remediation_request_id: NotRequired[str]
    workflow_id: NotRequired[str]
    signal_id: NotRequired[str]
    requested_by: NotRequired[str]


class RemediationorchestratorRequestCreatedEvent(AuditEventMembers):
    event_type: Literal["remediationorchestrator.request.created"]
    event_data: RemediationorchestratorRequestCreated


class ReplayDeadLetterPath(TypedDict):
    dead_letter_id: str


class ReplayDeadLettersQuery(TypedDict):
    queue: NotRequired[Literal["events", "notifications"]]
    limit: int


class SignalprocessingCategorizationCompleted(TypedDict):
    """
    event_data of `signalprocessing.categorization.completed` (category signalprocessing, action completed).
    """

    signal_id: NotRequired[str]
    category: NotRequired[str]
    confidence: NotRequired[int | Decimal]
    labels: NotRequired[Sequence[str]]


class SignalprocessingCategorizationCompletedEvent(AuditEventMembers):
    event_type: Literal["signalprocessing.categorization.completed"]
    event_data: SignalprocessingCategorizationCompleted


class SignalprocessingEnrichmentCompleted(TypedDict):
    """
    event_data of `signalprocessing.enrichment.completed` (category signalprocessing, action completed).
    """

    signal_id: NotRequired[str]
    labels_added: NotRequired[Sequence[str]]
    duration_ms: NotRequired[int | Decimal]
    enricher_used: NotRequired[str]


class SignalprocessingEnrichmentCompletedEvent(AuditEventMembers):
    event_type: Literal["signalprocessing.enrichment.completed"]
    event_data: SignalprocessingEnrichmentCompleted


class SignalprocessingEnrichmentStarted(TypedDict):
    """
    event_data of `signalprocessing.enrichment.started` (category signalprocessing, action started).
    """

    signal_id: NotRequired[str]
    enricher_type: NotRequired[str]
    input_labels: NotRequired[Sequence[str]]
    expected_output: NotRequired[str]


class SignalprocessingEnrichmentStartedEvent(AuditEventMembers):
    event_type: Literal["signalprocessing.enrichment.started"]
    event_data: SignalprocessingEnrichmentStarted


class SignalprocessingErrorOccurred(TypedDict):
    """
    event_data of `signalprocessing.error.occurred` (category signalprocessing, action error_occurred).
    """

    error_type: NotRequired[str]
    error_message: NotRequired[str]
    signal_id: NotRequired[str]


class SignalprocessingErrorOccurredEvent(AuditEventMembers):
    event_type: Literal["signalprocessing.error.occurred"]
    event_data: SignalprocessingErrorOccurred


TimeOrDuration: TypeAlias = str


class UpdateWorkflowPath(TypedDict):
    workflow_id: str


class WorkflowCatalogSearchCompleted(TypedDict):
    """
    event_data of `workflow.catalog.search_completed` (category workflow, action search_completed).
    """

    query_filters: NotRequired[Mapping[str, Any]]
    results_count: NotRequired[int | Decimal]
    top_match_id: NotRequired[str]
    top_match_score: NotRequired[int | Decimal]
    duration_ms: NotRequired[int | Decimal]
    query: NotRequired[Mapping[str, Any]]
    results: NotRequired[Mapping[str, Any]]
    search_metadata: NotRequired[Mapping[str, Any]]


class WorkflowCatalogSearchCompletedEvent(AuditEventMembers):
    event_type: Literal["workflow.catalog.search_completed"]
    event_data: WorkflowCatalogSearchCompleted


TypedAuditEvent: TypeAlias = (
    GatewaySignalReceivedEvent
    | GatewaySignalDeduplicatedEvent
    | GatewayStormDetectedEvent
    | GatewayCrdCreatedEvent
    | GatewaySignalRejectedEvent
    | GatewayErrorOccurredEvent
    | SignalprocessingEnrichmentStartedEvent
    | SignalprocessingEnrichmentCompletedEvent
    | SignalprocessingCategorizationCompletedEvent
    | SignalprocessingErrorOccurredEvent
    | AnalysisInvestigationStartedEvent
    | AnalysisInvestigationCompletedEvent
    | AnalysisRecommendationGeneratedEvent
    | AnalysisApprovalRequiredEvent
    | AnalysisErrorOccurredEvent
    | WorkflowCatalogSearchCompletedEvent
    | RemediationorchestratorRequestCreatedEvent
    | RemediationorchestratorPhaseTransitionedEvent
    | RemediationorchestratorApprovalRequestedEvent
    | RemediationorchestratorChildCreatedEvent
    | RemediationorchestratorErrorOccurredEvent
    | EffectivenessmonitorEvaluationStartedEvent
    | EffectivenessmonitorEvaluationCompletedEvent
    | EffectivenessmonitorPlaybookUpdatedEvent
    | NotificationSentEvent
    | NotificationFailedEvent
    | NotificationEscalatedEvent
)


AuditEventInput: TypeAlias = TypedAuditEvent | AuditEventRequest


CreateAuditEventBody: TypeAlias = AuditEventInput


CreateAuditEventsBatchBody: TypeAlias = Sequence[AuditEventInput]


class WorkflowChange(TypedDict):
    """
    The members of the lifecycle; any other is an immutable-field-violation.
    """

    status: NotRequired[WorkflowStatus]
    status_reason: NotRequired[str | None]
    disabled_by: NotRequired[str | None]
    disabled_reason: NotRequired[str | None]
    deprecation_notice: NotRequired[str | None]
    updated_by: NotRequired[str | None]


UpdateWorkflowBody: TypeAlias = WorkflowChange


class WorkflowDisable(TypedDict):
    reason: NotRequired[str | None]
    updated_by: NotRequired[str | None]


DisableWorkflowBody: TypeAlias = WorkflowDisable | None


class WorkflowFilters(TypedDict):
    """
    The labels that are looked for, and what else a workflow should have. Other members are ignored.
    """

    signal_type: str
    severity: WorkflowSeverity
    component: str
    environment: str
    priority: WorkflowPriority
    detected_labels: NotRequired[DetectedLabels | None]
    custom_labels: NotRequired[CustomLabels]
    failed_detections: NotRequired[FailedDetections]
    status: NotRequired[Sequence[WorkflowStatus]]


class WorkflowLabels(TypedDict):
    """
    What the workflow is for; component, environment and priority may be `*`. Further labels are text.
    """

    signal_type: str
    severity: WorkflowSeverity
    component: str
    environment: str
    priority: WorkflowPriority


WorkflowPriority: TypeAlias = Literal["P0", "P1", "P2", "P3", "*"]


class WorkflowRequest(TypedDict):
    """
    One version. Other members are ignored.
    """

    workflow_name: str
    version: str
    name: str
    description: str
    content: str
    content_hash: str
    labels: WorkflowLabels
    execution_engine: str
    status: NotRequired[Literal["active", "disabled", "deprecated", "archived"]]
    detected_labels: NotRequired[DetectedLabels | None]
    custom_labels: NotRequired[CustomLabels]
    parameters: NotRequired[Mapping[str, Any] | Sequence[Any] | None]
    container_image: NotRequired[str | None]
    container_digest: NotRequired[str | None]
    owner: NotRequired[str | None]
    maintainer: NotRequired[str | None]
    previous_version: NotRequired[str | None]
    version_notes: NotRequired[str | None]
    change_summary: NotRequired[str | None]
    approved_by: NotRequired[str | None]
    approved_at: NotRequired[str | None]
    expected_success_rate: NotRequired[int | Decimal | None]
    expected_duration_seconds: NotRequired[int | Decimal | None]
    created_by: NotRequired[str | None]


CreateWorkflowBody: TypeAlias = WorkflowRequest


CreateWorkflowsBulkBody: TypeAlias = Sequence[WorkflowRequest]


class WorkflowSearchRequest(TypedDict):
    remediation_id: NotRequired[str | None]
    filters: WorkflowFilters
    top_k: NotRequired[int | Decimal]
    min_score: NotRequired[int | Decimal]
    include_disabled: NotRequired[bool]


SearchWorkflowsBody: TypeAlias = WorkflowSearchRequest


WorkflowSeverity: TypeAlias = Literal["critical", "high", "medium", "low"]


WorkflowStatus: TypeAlias = Literal["active", "disabled", "deprecated", "archived"]
