from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.analysis_approval_required_event import AnalysisApprovalRequiredEvent
from ...models.analysis_error_occurred_event import AnalysisErrorOccurredEvent
from ...models.analysis_investigation_completed_event import (
    AnalysisInvestigationCompletedEvent,
)
from ...models.analysis_investigation_started_event import (
    AnalysisInvestigationStartedEvent,
)
from ...models.analysis_recommendation_generated_event import (
    AnalysisRecommendationGeneratedEvent,
)
from ...models.audit_event_request import AuditEventRequest
from ...models.batch_result import BatchResult
from ...models.effectivenessmonitor_evaluation_completed_event import (
    EffectivenessmonitorEvaluationCompletedEvent,
)
from ...models.effectivenessmonitor_evaluation_started_event import (
    EffectivenessmonitorEvaluationStartedEvent,
)
from ...models.effectivenessmonitor_playbook_updated_event import (
    EffectivenessmonitorPlaybookUpdatedEvent,
)
from ...models.gateway_crd_created_event import GatewayCrdCreatedEvent
from ...models.gateway_error_occurred_event import GatewayErrorOccurredEvent
from ...models.gateway_signal_deduplicated_event import GatewaySignalDeduplicatedEvent
from ...models.gateway_signal_received_event import GatewaySignalReceivedEvent
from ...models.gateway_signal_rejected_event import GatewaySignalRejectedEvent
from ...models.gateway_storm_detected_event import GatewayStormDetectedEvent
from ...models.notification_escalated_event import NotificationEscalatedEvent
from ...models.notification_failed_event import NotificationFailedEvent
from ...models.notification_sent_event import NotificationSentEvent
from ...models.problem import Problem
from ...models.remediationorchestrator_approval_requested_event import (
    RemediationorchestratorApprovalRequestedEvent,
)
from ...models.remediationorchestrator_child_created_event import (
    RemediationorchestratorChildCreatedEvent,
)
from ...models.remediationorchestrator_error_occurred_event import (
    RemediationorchestratorErrorOccurredEvent,
)
from ...models.remediationorchestrator_phase_transitioned_event import (
    RemediationorchestratorPhaseTransitionedEvent,
)
from ...models.remediationorchestrator_request_created_event import (
    RemediationorchestratorRequestCreatedEvent,
)
from ...models.signalprocessing_categorization_completed_event import (
    SignalprocessingCategorizationCompletedEvent,
)
from ...models.signalprocessing_enrichment_completed_event import (
    SignalprocessingEnrichmentCompletedEvent,
)
from ...models.signalprocessing_enrichment_started_event import (
    SignalprocessingEnrichmentStartedEvent,
)
from ...models.signalprocessing_error_occurred_event import (
    SignalprocessingErrorOccurredEvent,
)
from ...models.workflow_catalog_search_completed_event import (
    WorkflowCatalogSearchCompletedEvent,
)
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    body: list[
        AnalysisApprovalRequiredEvent
        | AnalysisErrorOccurredEvent
        | AnalysisInvestigationCompletedEvent
        | AnalysisInvestigationStartedEvent
        | AnalysisRecommendationGeneratedEvent
        | AuditEventRequest
        | EffectivenessmonitorEvaluationCompletedEvent
        | EffectivenessmonitorEvaluationStartedEvent
        | EffectivenessmonitorPlaybookUpdatedEvent
        | GatewayCrdCreatedEvent
        | GatewayErrorOccurredEvent
        | GatewaySignalDeduplicatedEvent
        | GatewaySignalReceivedEvent
        | GatewaySignalRejectedEvent
        | GatewayStormDetectedEvent
        | NotificationEscalatedEvent
        | NotificationFailedEvent
        | NotificationSentEvent
        | RemediationorchestratorApprovalRequestedEvent
        | RemediationorchestratorChildCreatedEvent
        | RemediationorchestratorErrorOccurredEvent
        | RemediationorchestratorPhaseTransitionedEvent
        | RemediationorchestratorRequestCreatedEvent
        | SignalprocessingCategorizationCompletedEvent
        | SignalprocessingEnrichmentCompletedEvent
        | SignalprocessingEnrichmentStartedEvent
        | SignalprocessingErrorOccurredEvent
        | WorkflowCatalogSearchCompletedEvent
    ],
    prefer: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(prefer, Unset):
        headers["Prefer"] = prefer

    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/audit/events/batch",
    }

    _kwargs["json"] = []
    for body_item_data in body:
        body_item: dict[str, Any]
        if isinstance(body_item_data, GatewaySignalReceivedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, GatewaySignalDeduplicatedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, GatewayStormDetectedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, GatewayCrdCreatedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, GatewaySignalRejectedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, GatewayErrorOccurredEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, SignalprocessingEnrichmentStartedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, SignalprocessingEnrichmentCompletedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, SignalprocessingCategorizationCompletedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, SignalprocessingErrorOccurredEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, AnalysisInvestigationStartedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, AnalysisInvestigationCompletedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, AnalysisRecommendationGeneratedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, AnalysisApprovalRequiredEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, AnalysisErrorOccurredEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, WorkflowCatalogSearchCompletedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, RemediationorchestratorRequestCreatedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, RemediationorchestratorPhaseTransitionedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, RemediationorchestratorApprovalRequestedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, RemediationorchestratorChildCreatedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, RemediationorchestratorErrorOccurredEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, EffectivenessmonitorEvaluationStartedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, EffectivenessmonitorEvaluationCompletedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, EffectivenessmonitorPlaybookUpdatedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, NotificationSentEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, NotificationFailedEvent):
            body_item = body_item_data.to_dict()
        elif isinstance(body_item_data, NotificationEscalatedEvent):
            body_item = body_item_data.to_dict()
        else:
            body_item = body_item_data.to_dict()

        _kwargs["json"].append(body_item)

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> BatchResult | Problem | None:
    if response.status_code == 200:
        response_200 = BatchResult.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = BatchResult.from_dict(response.json())

        return response_201

    if response.status_code == 202:
        response_202 = BatchResult.from_dict(response.json())

        return response_202

    if response.status_code == 400:
        response_400 = Problem.from_dict(response.json())

        return response_400

    if response.status_code == 401:
        response_401 = Problem.from_dict(response.json())

        return response_401

    if response.status_code == 403:
        response_403 = Problem.from_dict(response.json())

        return response_403

    if response.status_code == 405:
        response_405 = Problem.from_dict(response.json())

        return response_405

    if response.status_code == 406:
        response_406 = Problem.from_dict(response.json())

        return response_406

    if response.status_code == 409:
        response_409 = Problem.from_dict(response.json())

        return response_409

    if response.status_code == 413:
        response_413 = Problem.from_dict(response.json())

        return response_413

    if response.status_code == 414:
        response_414 = Problem.from_dict(response.json())

        return response_414

    if response.status_code == 415:
        response_415 = Problem.from_dict(response.json())

        return response_415

    if response.status_code == 429:
        response_429 = Problem.from_dict(response.json())

        return response_429

    if response.status_code == 500:
        response_500 = Problem.from_dict(response.json())

        return response_500

    if response.status_code == 503:
        response_503 = Problem.from_dict(response.json())

        return response_503

    if client.raise_on_unexpected_status:
        raise errors.UnexpectedStatus(response.status_code, response.content)
    else:
        return None


def _build_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Response[BatchResult | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: list[
        AnalysisApprovalRequiredEvent
        | AnalysisErrorOccurredEvent
        | AnalysisInvestigationCompletedEvent
        | AnalysisInvestigationStartedEvent
        | AnalysisRecommendationGeneratedEvent
        | AuditEventRequest
        | EffectivenessmonitorEvaluationCompletedEvent
        | EffectivenessmonitorEvaluationStartedEvent
        | EffectivenessmonitorPlaybookUpdatedEvent
        | GatewayCrdCreatedEvent
        | GatewayErrorOccurredEvent
        | GatewaySignalDeduplicatedEvent
        | GatewaySignalReceivedEvent
        | GatewaySignalRejectedEvent
        | GatewayStormDetectedEvent
        | NotificationEscalatedEvent
        | NotificationFailedEvent
        | NotificationSentEvent
        | RemediationorchestratorApprovalRequestedEvent
        | RemediationorchestratorChildCreatedEvent
        | RemediationorchestratorErrorOccurredEvent
        | RemediationorchestratorPhaseTransitionedEvent
        | RemediationorchestratorRequestCreatedEvent
        | SignalprocessingCategorizationCompletedEvent
        | SignalprocessingEnrichmentCompletedEvent
        | SignalprocessingEnrichmentStartedEvent
        | SignalprocessingErrorOccurredEvent
        | WorkflowCatalogSearchCompletedEvent
    ],
    prefer: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[BatchResult | Problem]:
    """Record up to 1000 audit events

     All or nothing: one bad event refuses the batch, and the problem lists every bad event by its index.
    With
    `Prefer: handling=lenient` (RFC 7240) the valid events are stored and the others come back as
    `rejected`.
    A parent may stand earlier in the same batch.

    Args:
        prefer (str | Unset):
        idempotency_key (str | Unset):
        body (list[AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
            AnalysisInvestigationCompletedEvent | AnalysisInvestigationStartedEvent |
            AnalysisRecommendationGeneratedEvent | AuditEventRequest |
            EffectivenessmonitorEvaluationCompletedEvent | EffectivenessmonitorEvaluationStartedEvent
            | EffectivenessmonitorPlaybookUpdatedEvent | GatewayCrdCreatedEvent |
            GatewayErrorOccurredEvent | GatewaySignalDeduplicatedEvent | GatewaySignalReceivedEvent |
            GatewaySignalRejectedEvent | GatewayStormDetectedEvent | NotificationEscalatedEvent |
            NotificationFailedEvent | NotificationSentEvent |
            RemediationorchestratorApprovalRequestedEvent | RemediationorchestratorChildCreatedEvent |
            RemediationorchestratorErrorOccurredEvent | RemediationorchestratorPhaseTransitionedEvent
            | RemediationorchestratorRequestCreatedEvent |
            SignalprocessingCategorizationCompletedEvent | SignalprocessingEnrichmentCompletedEvent |
            SignalprocessingEnrichmentStartedEvent | SignalprocessingErrorOccurredEvent |
            WorkflowCatalogSearchCompletedEvent]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchResult | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        prefer=prefer,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: list[
        AnalysisApprovalRequiredEvent
        | AnalysisErrorOccurredEvent
        | AnalysisInvestigationCompletedEvent
        | AnalysisInvestigationStartedEvent
        | AnalysisRecommendationGeneratedEvent
        | AuditEventRequest
        | EffectivenessmonitorEvaluationCompletedEvent
        | EffectivenessmonitorEvaluationStartedEvent
        | EffectivenessmonitorPlaybookUpdatedEvent
        | GatewayCrdCreatedEvent
        | GatewayErrorOccurredEvent
        | GatewaySignalDeduplicatedEvent
        | GatewaySignalReceivedEvent
        | GatewaySignalRejectedEvent
        | GatewayStormDetectedEvent
        | NotificationEscalatedEvent
        | NotificationFailedEvent
        | NotificationSentEvent
        | RemediationorchestratorApprovalRequestedEvent
        | RemediationorchestratorChildCreatedEvent
        | RemediationorchestratorErrorOccurredEvent
        | RemediationorchestratorPhaseTransitionedEvent
        | RemediationorchestratorRequestCreatedEvent
        | SignalprocessingCategorizationCompletedEvent
        | SignalprocessingEnrichmentCompletedEvent
        | SignalprocessingEnrichmentStartedEvent
        | SignalprocessingErrorOccurredEvent
        | WorkflowCatalogSearchCompletedEvent
    ],
    prefer: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> BatchResult | Problem | None:
    """Record up to 1000 audit events

     All or nothing: one bad event refuses the batch, and the problem lists every bad event by its index.
    With
    `Prefer: handling=lenient` (RFC 7240) the valid events are stored and the others come back as
    `rejected`.
    A parent may stand earlier in the same batch.

    Args:
        prefer (str | Unset):
        idempotency_key (str | Unset):
        body (list[AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
            AnalysisInvestigationCompletedEvent | AnalysisInvestigationStartedEvent |
            AnalysisRecommendationGeneratedEvent | AuditEventRequest |
            EffectivenessmonitorEvaluationCompletedEvent | EffectivenessmonitorEvaluationStartedEvent
            | EffectivenessmonitorPlaybookUpdatedEvent | GatewayCrdCreatedEvent |
            GatewayErrorOccurredEvent | GatewaySignalDeduplicatedEvent | GatewaySignalReceivedEvent |
            GatewaySignalRejectedEvent | GatewayStormDetectedEvent | NotificationEscalatedEvent |
            NotificationFailedEvent | NotificationSentEvent |
            RemediationorchestratorApprovalRequestedEvent | RemediationorchestratorChildCreatedEvent |
            RemediationorchestratorErrorOccurredEvent | RemediationorchestratorPhaseTransitionedEvent
            | RemediationorchestratorRequestCreatedEvent |
            SignalprocessingCategorizationCompletedEvent | SignalprocessingEnrichmentCompletedEvent |
            SignalprocessingEnrichmentStartedEvent | SignalprocessingErrorOccurredEvent |
            WorkflowCatalogSearchCompletedEvent]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchResult | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        prefer=prefer,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: list[
        AnalysisApprovalRequiredEvent
        | AnalysisErrorOccurredEvent
        | AnalysisInvestigationCompletedEvent
        | AnalysisInvestigationStartedEvent
        | AnalysisRecommendationGeneratedEvent
        | AuditEventRequest
        | EffectivenessmonitorEvaluationCompletedEvent
        | EffectivenessmonitorEvaluationStartedEvent
        | EffectivenessmonitorPlaybookUpdatedEvent
        | GatewayCrdCreatedEvent
        | GatewayErrorOccurredEvent
        | GatewaySignalDeduplicatedEvent
        | GatewaySignalReceivedEvent
        | GatewaySignalRejectedEvent
        | GatewayStormDetectedEvent
        | NotificationEscalatedEvent
        | NotificationFailedEvent
        | NotificationSentEvent
        | RemediationorchestratorApprovalRequestedEvent
        | RemediationorchestratorChildCreatedEvent
        | RemediationorchestratorErrorOccurredEvent
        | RemediationorchestratorPhaseTransitionedEvent
        | RemediationorchestratorRequestCreatedEvent
        | SignalprocessingCategorizationCompletedEvent
        | SignalprocessingEnrichmentCompletedEvent
        | SignalprocessingEnrichmentStartedEvent
        | SignalprocessingErrorOccurredEvent
        | WorkflowCatalogSearchCompletedEvent
    ],
    prefer: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> Response[BatchResult | Problem]:
    """Record up to 1000 audit events

     All or nothing: one bad event refuses the batch, and the problem lists every bad event by its index.
    With
    `Prefer: handling=lenient` (RFC 7240) the valid events are stored and the others come back as
    `rejected`.
    A parent may stand earlier in the same batch.

    Args:
        prefer (str | Unset):
        idempotency_key (str | Unset):
        body (list[AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
            AnalysisInvestigationCompletedEvent | AnalysisInvestigationStartedEvent |
            AnalysisRecommendationGeneratedEvent | AuditEventRequest |
            EffectivenessmonitorEvaluationCompletedEvent | EffectivenessmonitorEvaluationStartedEvent
            | EffectivenessmonitorPlaybookUpdatedEvent | GatewayCrdCreatedEvent |
            GatewayErrorOccurredEvent | GatewaySignalDeduplicatedEvent | GatewaySignalReceivedEvent |
            GatewaySignalRejectedEvent | GatewayStormDetectedEvent | NotificationEscalatedEvent |
            NotificationFailedEvent | NotificationSentEvent |
            RemediationorchestratorApprovalRequestedEvent | RemediationorchestratorChildCreatedEvent |
            RemediationorchestratorErrorOccurredEvent | RemediationorchestratorPhaseTransitionedEvent
            | RemediationorchestratorRequestCreatedEvent |
            SignalprocessingCategorizationCompletedEvent | SignalprocessingEnrichmentCompletedEvent |
            SignalprocessingEnrichmentStartedEvent | SignalprocessingErrorOccurredEvent |
            WorkflowCatalogSearchCompletedEvent]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[BatchResult | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        prefer=prefer,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: list[
        AnalysisApprovalRequiredEvent
        | AnalysisErrorOccurredEvent
        | AnalysisInvestigationCompletedEvent
        | AnalysisInvestigationStartedEvent
        | AnalysisRecommendationGeneratedEvent
        | AuditEventRequest
        | EffectivenessmonitorEvaluationCompletedEvent
        | EffectivenessmonitorEvaluationStartedEvent
        | EffectivenessmonitorPlaybookUpdatedEvent
        | GatewayCrdCreatedEvent
        | GatewayErrorOccurredEvent
        | GatewaySignalDeduplicatedEvent
        | GatewaySignalReceivedEvent
        | GatewaySignalRejectedEvent
        | GatewayStormDetectedEvent
        | NotificationEscalatedEvent
        | NotificationFailedEvent
        | NotificationSentEvent
        | RemediationorchestratorApprovalRequestedEvent
        | RemediationorchestratorChildCreatedEvent
        | RemediationorchestratorErrorOccurredEvent
        | RemediationorchestratorPhaseTransitionedEvent
        | RemediationorchestratorRequestCreatedEvent
        | SignalprocessingCategorizationCompletedEvent
        | SignalprocessingEnrichmentCompletedEvent
        | SignalprocessingEnrichmentStartedEvent
        | SignalprocessingErrorOccurredEvent
        | WorkflowCatalogSearchCompletedEvent
    ],
    prefer: str | Unset = UNSET,
    idempotency_key: str | Unset = UNSET,
) -> BatchResult | Problem | None:
    """Record up to 1000 audit events

     All or nothing: one bad event refuses the batch, and the problem lists every bad event by its index.
    With
    `Prefer: handling=lenient` (RFC 7240) the valid events are stored and the others come back as
    `rejected`.
    A parent may stand earlier in the same batch.

    Args:
        prefer (str | Unset):
        idempotency_key (str | Unset):
        body (list[AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
            AnalysisInvestigationCompletedEvent | AnalysisInvestigationStartedEvent |
            AnalysisRecommendationGeneratedEvent | AuditEventRequest |
            EffectivenessmonitorEvaluationCompletedEvent | EffectivenessmonitorEvaluationStartedEvent
            | EffectivenessmonitorPlaybookUpdatedEvent | GatewayCrdCreatedEvent |
            GatewayErrorOccurredEvent | GatewaySignalDeduplicatedEvent | GatewaySignalReceivedEvent |
            GatewaySignalRejectedEvent | GatewayStormDetectedEvent | NotificationEscalatedEvent |
            NotificationFailedEvent | NotificationSentEvent |
            RemediationorchestratorApprovalRequestedEvent | RemediationorchestratorChildCreatedEvent |
            RemediationorchestratorErrorOccurredEvent | RemediationorchestratorPhaseTransitionedEvent
            | RemediationorchestratorRequestCreatedEvent |
            SignalprocessingCategorizationCompletedEvent | SignalprocessingEnrichmentCompletedEvent |
            SignalprocessingEnrichmentStartedEvent | SignalprocessingErrorOccurredEvent |
            WorkflowCatalogSearchCompletedEvent]):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        BatchResult | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            prefer=prefer,
            idempotency_key=idempotency_key,
        )
    ).parsed
