"""Contains all the data models used in inputs/outputs"""

from .analysis_approval_required import AnalysisApprovalRequired
from .analysis_approval_required_event import AnalysisApprovalRequiredEvent
from .analysis_approval_required_event_event_type import (
    AnalysisApprovalRequiredEventEventType,
)
from .analysis_error_occurred import AnalysisErrorOccurred
from .analysis_error_occurred_event import AnalysisErrorOccurredEvent
from .analysis_error_occurred_event_event_type import (
    AnalysisErrorOccurredEventEventType,
)
from .analysis_investigation_completed import AnalysisInvestigationCompleted
from .analysis_investigation_completed_event import AnalysisInvestigationCompletedEvent
from .analysis_investigation_completed_event_event_type import (
    AnalysisInvestigationCompletedEventEventType,
)
from .analysis_investigation_started import AnalysisInvestigationStarted
from .analysis_investigation_started_event import AnalysisInvestigationStartedEvent
from .analysis_investigation_started_event_event_type import (
    AnalysisInvestigationStartedEventEventType,
)
from .analysis_recommendation_generated import AnalysisRecommendationGenerated
from .analysis_recommendation_generated_event import (
    AnalysisRecommendationGeneratedEvent,
)
from .analysis_recommendation_generated_event_event_type import (
    AnalysisRecommendationGeneratedEventEventType,
)
from .audit_event import AuditEvent
from .audit_event_event_data import AuditEventEventData
from .audit_event_event_metadata_type_0 import AuditEventEventMetadataType0
from .audit_event_members import AuditEventMembers
from .audit_event_page import AuditEventPage
from .audit_event_request import AuditEventRequest
from .audit_event_request_event_data import AuditEventRequestEventData
from .batch_item_result import BatchItemResult
from .batch_item_result_status import BatchItemResultStatus
from .batch_result import BatchResult
from .cursor_pagination import CursorPagination
from .custom_labels import CustomLabels
from .dead_letter import DeadLetter
from .dead_letter_change import DeadLetterChange
from .dead_letter_change_state import DeadLetterChangeState
from .dead_letter_page import DeadLetterPage
from .dead_letter_summary import DeadLetterSummary
from .dead_letter_summary_queue import DeadLetterSummaryQueue
from .detected_labels_type_0 import DetectedLabelsType0
from .detected_labels_type_0_git_ops_tool_type_0 import (
    DetectedLabelsType0GitOpsToolType0,
)
from .detected_labels_type_0_service_mesh_type_0 import (
    DetectedLabelsType0ServiceMeshType0,
)
from .effectivenessmonitor_evaluation_completed import (
    EffectivenessmonitorEvaluationCompleted,
)
from .effectivenessmonitor_evaluation_completed_event import (
    EffectivenessmonitorEvaluationCompletedEvent,
)
from .effectivenessmonitor_evaluation_completed_event_event_type import (
    EffectivenessmonitorEvaluationCompletedEventEventType,
)
from .effectivenessmonitor_evaluation_started import (
    EffectivenessmonitorEvaluationStarted,
)
from .effectivenessmonitor_evaluation_started_event import (
    EffectivenessmonitorEvaluationStartedEvent,
)
from .effectivenessmonitor_evaluation_started_event_event_type import (
    EffectivenessmonitorEvaluationStartedEventEventType,
)
from .effectivenessmonitor_playbook_updated import EffectivenessmonitorPlaybookUpdated
from .effectivenessmonitor_playbook_updated_event import (
    EffectivenessmonitorPlaybookUpdatedEvent,
)
from .effectivenessmonitor_playbook_updated_event_event_type import (
    EffectivenessmonitorPlaybookUpdatedEventEventType,
)
from .event_category import EventCategory
from .event_created import EventCreated
from .event_created_message import EventCreatedMessage
from .event_outcome import EventOutcome
from .event_pagination import EventPagination
from .event_pagination_total_relation_type_0 import EventPaginationTotalRelationType0
from .event_queued import EventQueued
from .event_queued_message import EventQueuedMessage
from .event_queued_status import EventQueuedStatus
from .failed_detections_item import FailedDetectionsItem
from .gateway_crd_created import GatewayCrdCreated
from .gateway_crd_created_event import GatewayCrdCreatedEvent
from .gateway_crd_created_event_event_type import GatewayCrdCreatedEventEventType
from .gateway_error_occurred import GatewayErrorOccurred
from .gateway_error_occurred_event import GatewayErrorOccurredEvent
from .gateway_error_occurred_event_event_type import GatewayErrorOccurredEventEventType
from .gateway_signal_deduplicated import GatewaySignalDeduplicated
from .gateway_signal_deduplicated_event import GatewaySignalDeduplicatedEvent
from .gateway_signal_deduplicated_event_event_type import (
    GatewaySignalDeduplicatedEventEventType,
)
from .gateway_signal_received import GatewaySignalReceived
from .gateway_signal_received_event import GatewaySignalReceivedEvent
from .gateway_signal_received_event_event_type import (
    GatewaySignalReceivedEventEventType,
)
from .gateway_signal_rejected import GatewaySignalRejected
from .gateway_signal_rejected_event import GatewaySignalRejectedEvent
from .gateway_signal_rejected_event_event_type import (
    GatewaySignalRejectedEventEventType,
)
from .gateway_storm_detected import GatewayStormDetected
from .gateway_storm_detected_event import GatewayStormDetectedEvent
from .gateway_storm_detected_event_event_type import GatewayStormDetectedEventEventType
from .health import Health
from .health_database import HealthDatabase
from .health_queue import HealthQueue
from .health_status import HealthStatus
from .held_scope import HeldScope
from .inclusion_proof import InclusionProof
from .legal_hold import LegalHold
from .legal_hold_page import LegalHoldPage
from .legal_hold_release import LegalHoldRelease
from .legal_hold_request import LegalHoldRequest
from .legal_hold_scope import LegalHoldScope
from .list_dead_letters_queue import ListDeadLettersQueue
from .list_legal_holds_state import ListLegalHoldsState
from .liveness import Liveness
from .liveness_status import LivenessStatus
from .log_state import LogState
from .notification import Notification
from .notification_channel import NotificationChannel
from .notification_escalated import NotificationEscalated
from .notification_escalated_event import NotificationEscalatedEvent
from .notification_escalated_event_event_type import NotificationEscalatedEventEventType
from .notification_failed import NotificationFailed
from .notification_failed_event import NotificationFailedEvent
from .notification_failed_event_event_type import NotificationFailedEventEventType
from .notification_page import NotificationPage
from .notification_queued import NotificationQueued
from .notification_queued_message import NotificationQueuedMessage
from .notification_queued_status import NotificationQueuedStatus
from .notification_request import NotificationRequest
from .notification_sent import NotificationSent
from .notification_sent_event import NotificationSentEvent
from .notification_sent_event_event_type import NotificationSentEventEventType
from .notification_status import NotificationStatus
from .partitions import Partitions
from .partitions_partitions_item import PartitionsPartitionsItem
from .partitions_partitions_item_status import PartitionsPartitionsItemStatus
from .problem import Problem
from .problem_field_errors import ProblemFieldErrors
from .query_audit_events_order import QueryAuditEventsOrder
from .queues import Queues
from .queues_streams_item import QueuesStreamsItem
from .queues_streams_item_alarm import QueuesStreamsItemAlarm
from .queues_streams_item_name import QueuesStreamsItemName
from .readiness import Readiness
from .readiness_components import ReadinessComponents
from .readiness_status import ReadinessStatus
from .receipt import Receipt
from .receipt_state import ReceiptState
from .remediationorchestrator_approval_requested import (
    RemediationorchestratorApprovalRequested,
)
from .remediationorchestrator_approval_requested_event import (
    RemediationorchestratorApprovalRequestedEvent,
)
from .remediationorchestrator_approval_requested_event_event_type import (
    RemediationorchestratorApprovalRequestedEventEventType,
)
from .remediationorchestrator_child_created import RemediationorchestratorChildCreated
from .remediationorchestrator_child_created_event import (
    RemediationorchestratorChildCreatedEvent,
)
from .remediationorchestrator_child_created_event_event_type import (
    RemediationorchestratorChildCreatedEventEventType,
)
from .remediationorchestrator_error_occurred import RemediationorchestratorErrorOccurred
from .remediationorchestrator_error_occurred_event import (
    RemediationorchestratorErrorOccurredEvent,
)
from .remediationorchestrator_error_occurred_event_event_type import (
    RemediationorchestratorErrorOccurredEventEventType,
)
from .remediationorchestrator_phase_transitioned import (
    RemediationorchestratorPhaseTransitioned,
)
from .remediationorchestrator_phase_transitioned_event import (
    RemediationorchestratorPhaseTransitionedEvent,
)
from .remediationorchestrator_phase_transitioned_event_event_type import (
    RemediationorchestratorPhaseTransitionedEventEventType,
)
from .remediationorchestrator_request_created import (
    RemediationorchestratorRequestCreated,
)
from .remediationorchestrator_request_created_event import (
    RemediationorchestratorRequestCreatedEvent,
)
from .remediationorchestrator_request_created_event_event_type import (
    RemediationorchestratorRequestCreatedEventEventType,
)
from .replay_dead_letters_queue import ReplayDeadLettersQueue
from .replay_result import ReplayResult
from .replay_result_left import ReplayResultLeft
from .signalprocessing_categorization_completed import (
    SignalprocessingCategorizationCompleted,
)
from .signalprocessing_categorization_completed_event import (
    SignalprocessingCategorizationCompletedEvent,
)
from .signalprocessing_categorization_completed_event_event_type import (
    SignalprocessingCategorizationCompletedEventEventType,
)
from .signalprocessing_enrichment_completed import SignalprocessingEnrichmentCompleted
from .signalprocessing_enrichment_completed_event import (
    SignalprocessingEnrichmentCompletedEvent,
)
from .signalprocessing_enrichment_completed_event_event_type import (
    SignalprocessingEnrichmentCompletedEventEventType,
)
from .signalprocessing_enrichment_started import SignalprocessingEnrichmentStarted
from .signalprocessing_enrichment_started_event import (
    SignalprocessingEnrichmentStartedEvent,
)
from .signalprocessing_enrichment_started_event_event_type import (
    SignalprocessingEnrichmentStartedEventEventType,
)
from .signalprocessing_error_occurred import SignalprocessingErrorOccurred
from .signalprocessing_error_occurred_event import SignalprocessingErrorOccurredEvent
from .signalprocessing_error_occurred_event_event_type import (
    SignalprocessingErrorOccurredEventEventType,
)
from .timeline import Timeline
from .timeline_events_item import TimelineEventsItem
from .timeline_pagination import TimelinePagination
from .timeline_summary_type_0 import TimelineSummaryType0
from .timeline_summary_type_0_by_category import TimelineSummaryType0ByCategory
from .timeline_summary_type_0_by_outcome import TimelineSummaryType0ByOutcome
from .violation import Violation
from .workflow import Workflow
from .workflow_bulk_result import WorkflowBulkResult
from .workflow_bulk_result_results_item import WorkflowBulkResultResultsItem
from .workflow_bulk_result_results_item_status import (
    WorkflowBulkResultResultsItemStatus,
)
from .workflow_catalog_search_completed import WorkflowCatalogSearchCompleted
from .workflow_catalog_search_completed_event import WorkflowCatalogSearchCompletedEvent
from .workflow_catalog_search_completed_event_event_type import (
    WorkflowCatalogSearchCompletedEventEventType,
)
from .workflow_catalog_search_completed_query import WorkflowCatalogSearchCompletedQuery
from .workflow_catalog_search_completed_query_filters import (
    WorkflowCatalogSearchCompletedQueryFilters,
)
from .workflow_catalog_search_completed_results import (
    WorkflowCatalogSearchCompletedResults,
)
from .workflow_catalog_search_completed_search_metadata import (
    WorkflowCatalogSearchCompletedSearchMetadata,
)
from .workflow_change import WorkflowChange
from .workflow_custom_labels import WorkflowCustomLabels
from .workflow_detected_labels import WorkflowDetectedLabels
from .workflow_disable_type_0 import WorkflowDisableType0
from .workflow_filters import WorkflowFilters
from .workflow_labels import WorkflowLabels
from .workflow_match import WorkflowMatch
from .workflow_match_custom_labels import WorkflowMatchCustomLabels
from .workflow_match_detected_labels import WorkflowMatchDetectedLabels
from .workflow_match_score_breakdown_item import WorkflowMatchScoreBreakdownItem
from .workflow_match_score_breakdown_item_match import (
    WorkflowMatchScoreBreakdownItemMatch,
)
from .workflow_page import WorkflowPage
from .workflow_priority import WorkflowPriority
from .workflow_request import WorkflowRequest
from .workflow_request_parameters_type_0 import WorkflowRequestParametersType0
from .workflow_request_status import WorkflowRequestStatus
from .workflow_search_request import WorkflowSearchRequest
from .workflow_search_result import WorkflowSearchResult
from .workflow_severity import WorkflowSeverity
from .workflow_status import WorkflowStatus
from .workflow_versions import WorkflowVersions

__all__ = (
    "AnalysisApprovalRequired",
    "AnalysisApprovalRequiredEvent",
    "AnalysisApprovalRequiredEventEventType",
    "AnalysisErrorOccurred",
    "AnalysisErrorOccurredEvent",
    "AnalysisErrorOccurredEventEventType",
    "AnalysisInvestigationCompleted",
    "AnalysisInvestigationCompletedEvent",
    "AnalysisInvestigationCompletedEventEventType",
    "AnalysisInvestigationStarted",
    "AnalysisInvestigationStartedEvent",
    "AnalysisInvestigationStartedEventEventType",
    "AnalysisRecommendationGenerated",
    "AnalysisRecommendationGeneratedEvent",
    "AnalysisRecommendationGeneratedEventEventType",
    "AuditEvent",
    "AuditEventEventData",
    "AuditEventEventMetadataType0",
    "AuditEventMembers",
    "AuditEventPage",
    "AuditEventRequest",
    "AuditEventRequestEventData",
    "BatchItemResult",
    "BatchItemResultStatus",
    "BatchResult",
    "CursorPagination",
    "CustomLabels",
    "DeadLetter",
    "DeadLetterChange",
    "DeadLetterChangeState",
    "DeadLetterPage",
    "DeadLetterSummary",
    "DeadLetterSummaryQueue",
    "DetectedLabelsType0",
    "DetectedLabelsType0GitOpsToolType0",
    "DetectedLabelsType0ServiceMeshType0",
    "EffectivenessmonitorEvaluationCompleted",
    "EffectivenessmonitorEvaluationCompletedEvent",
    "EffectivenessmonitorEvaluationCompletedEventEventType",
    "EffectivenessmonitorEvaluationStarted",
    "EffectivenessmonitorEvaluationStartedEvent",
    "EffectivenessmonitorEvaluationStartedEventEventType",
    "EffectivenessmonitorPlaybookUpdated",
    "EffectivenessmonitorPlaybookUpdatedEvent",
    "EffectivenessmonitorPlaybookUpdatedEventEventType",
    "EventCategory",
    "EventCreated",
    "EventCreatedMessage",
    "EventOutcome",
    "EventPagination",
    "EventPaginationTotalRelationType0",
    "EventQueued",
    "EventQueuedMessage",
    "EventQueuedStatus",
    "FailedDetectionsItem",
    "GatewayCrdCreated",
    "GatewayCrdCreatedEvent",
    "GatewayCrdCreatedEventEventType",
    "GatewayErrorOccurred",
    "GatewayErrorOccurredEvent",
    "GatewayErrorOccurredEventEventType",
    "GatewaySignalDeduplicated",
    "GatewaySignalDeduplicatedEvent",
    "GatewaySignalDeduplicatedEventEventType",
    "GatewaySignalReceived",
    "GatewaySignalReceivedEvent",
    "GatewaySignalReceivedEventEventType",
    "GatewaySignalRejected",
    "GatewaySignalRejectedEvent",
    "GatewaySignalRejectedEventEventType",
    "GatewayStormDetected",
    "GatewayStormDetectedEvent",
    "GatewayStormDetectedEventEventType",
    "Health",
    "HealthDatabase",
    "HealthQueue",
    "HealthStatus",
    "HeldScope",
    "InclusionProof",
    "LegalHold",
    "LegalHoldPage",
    "LegalHoldRelease",
    "LegalHoldRequest",
    "LegalHoldScope",
    "ListDeadLettersQueue",
    "ListLegalHoldsState",
    "Liveness",
    "LivenessStatus",
    "LogState",
    "Notification",
    "NotificationChannel",
    "NotificationEscalated",
    "NotificationEscalatedEvent",
    "NotificationEscalatedEventEventType",
    "NotificationFailed",
    "NotificationFailedEvent",
    "NotificationFailedEventEventType",
    "NotificationPage",
    "NotificationQueued",
    "NotificationQueuedMessage",
    "NotificationQueuedStatus",
    "NotificationRequest",
    "NotificationSent",
    "NotificationSentEvent",
    "NotificationSentEventEventType",
    "NotificationStatus",
    "Partitions",
    "PartitionsPartitionsItem",
    "PartitionsPartitionsItemStatus",
    "Problem",
    "ProblemFieldErrors",
    "QueryAuditEventsOrder",
    "Queues",
    "QueuesStreamsItem",
    "QueuesStreamsItemAlarm",
    "QueuesStreamsItemName",
    "Readiness",
    "ReadinessComponents",
    "ReadinessStatus",
    "Receipt",
    "ReceiptState",
    "RemediationorchestratorApprovalRequested",
    "RemediationorchestratorApprovalRequestedEvent",
    "RemediationorchestratorApprovalRequestedEventEventType",
    "RemediationorchestratorChildCreated",
    "RemediationorchestratorChildCreatedEvent",
    "RemediationorchestratorChildCreatedEventEventType",
    "RemediationorchestratorErrorOccurred",
    "RemediationorchestratorErrorOccurredEvent",
    "RemediationorchestratorErrorOccurredEventEventType",
    "RemediationorchestratorPhaseTransitioned",
    "RemediationorchestratorPhaseTransitionedEvent",
    "RemediationorchestratorPhaseTransitionedEventEventType",
    "RemediationorchestratorRequestCreated",
    "RemediationorchestratorRequestCreatedEvent",
    "RemediationorchestratorRequestCreatedEventEventType",
    "ReplayDeadLettersQueue",
    "ReplayResult",
    "ReplayResultLeft",
    "SignalprocessingCategorizationCompleted",
    "SignalprocessingCategorizationCompletedEvent",
    "SignalprocessingCategorizationCompletedEventEventType",
    "SignalprocessingEnrichmentCompleted",
    "SignalprocessingEnrichmentCompletedEvent",
    "SignalprocessingEnrichmentCompletedEventEventType",
    "SignalprocessingEnrichmentStarted",
    "SignalprocessingEnrichmentStartedEvent",
    "SignalprocessingEnrichmentStartedEventEventType",
    "SignalprocessingErrorOccurred",
    "SignalprocessingErrorOccurredEvent",
    "SignalprocessingErrorOccurredEventEventType",
    "Timeline",
    "TimelineEventsItem",
    "TimelinePagination",
    "TimelineSummaryType0",
    "TimelineSummaryType0ByCategory",
    "TimelineSummaryType0ByOutcome",
    "Violation",
    "Workflow",
    "WorkflowBulkResult",
    "WorkflowBulkResultResultsItem",
    "WorkflowBulkResultResultsItemStatus",
    "WorkflowCatalogSearchCompleted",
    "WorkflowCatalogSearchCompletedEvent",
    "WorkflowCatalogSearchCompletedEventEventType",
    "WorkflowCatalogSearchCompletedQuery",
    "WorkflowCatalogSearchCompletedQueryFilters",
    "WorkflowCatalogSearchCompletedResults",
    "WorkflowCatalogSearchCompletedSearchMetadata",
    "WorkflowChange",
    "WorkflowCustomLabels",
    "WorkflowDetectedLabels",
    "WorkflowDisableType0",
    "WorkflowFilters",
    "WorkflowLabels",
    "WorkflowMatch",
    "WorkflowMatchCustomLabels",
    "WorkflowMatchDetectedLabels",
    "WorkflowMatchScoreBreakdownItem",
    "WorkflowMatchScoreBreakdownItemMatch",
    "WorkflowPage",
    "WorkflowPriority",
    "WorkflowRequest",
    "WorkflowRequestParametersType0",
    "WorkflowRequestStatus",
    "WorkflowSearchRequest",
    "WorkflowSearchResult",
    "WorkflowSeverity",
    "WorkflowStatus",
    "WorkflowVersions",
)
