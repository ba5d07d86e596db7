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
from ...models.effectivenessmonitor_evaluation_completed_event import (
    EffectivenessmonitorEvaluationCompletedEvent,
)
from ...models.effectivenessmonitor_evaluation_started_event import (
    EffectivenessmonitorEvaluationStartedEvent,
)
from ...models.effectivenessmonitor_playbook_updated_event import (
    EffectivenessmonitorPlaybookUpdatedEvent,
)
from ...models.event_created import EventCreated
from ...models.event_queued import EventQueued
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
    body: AnalysisApprovalRequiredEvent
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
    | WorkflowCatalogSearchCompletedEvent,
    idempotency_key: str | Unset = UNSET,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}
    if not isinstance(idempotency_key, Unset):
        headers["Idempotency-Key"] = idempotency_key

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/audit/events",
    }

    if isinstance(body, GatewaySignalReceivedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, GatewaySignalDeduplicatedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, GatewayStormDetectedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, GatewayCrdCreatedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, GatewaySignalRejectedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, GatewayErrorOccurredEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, SignalprocessingEnrichmentStartedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, SignalprocessingEnrichmentCompletedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, SignalprocessingCategorizationCompletedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, SignalprocessingErrorOccurredEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, AnalysisInvestigationStartedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, AnalysisInvestigationCompletedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, AnalysisRecommendationGeneratedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, AnalysisApprovalRequiredEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, AnalysisErrorOccurredEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, WorkflowCatalogSearchCompletedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, RemediationorchestratorRequestCreatedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, RemediationorchestratorPhaseTransitionedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, RemediationorchestratorApprovalRequestedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, RemediationorchestratorChildCreatedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, RemediationorchestratorErrorOccurredEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, EffectivenessmonitorEvaluationStartedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, EffectivenessmonitorEvaluationCompletedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, EffectivenessmonitorPlaybookUpdatedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, NotificationSentEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, NotificationFailedEvent):
        _kwargs["json"] = body.to_dict()
    elif isinstance(body, NotificationEscalatedEvent):
        _kwargs["json"] = body.to_dict()
    else:
        _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> EventCreated | EventQueued | Problem | None:
    if response.status_code == 200:
        response_200 = EventCreated.from_dict(response.json())

        return response_200

    if response.status_code == 201:
        response_201 = EventCreated.from_dict(response.json())

        return response_201

    if response.status_code == 202:
        response_202 = EventQueued.from_dict(response.json())

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
) -> Response[EventCreated | EventQueued | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AnalysisApprovalRequiredEvent
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
    | WorkflowCatalogSearchCompletedEvent,
    idempotency_key: str | Unset = UNSET,
) -> Response[EventCreated | EventQueued | Problem]:
    """Record one audit event

     Stores one event. Sent twice with an `event_id` (or under one `Idempotency-Key`) it is stored once:
    equal content
    answers 200, different content 409.

    Args:
        idempotency_key (str | Unset):
        body (AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
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
            WorkflowCatalogSearchCompletedEvent): One audit event, of a type with a payload schema or
            of any other type.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventCreated | EventQueued | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: AnalysisApprovalRequiredEvent
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
    | WorkflowCatalogSearchCompletedEvent,
    idempotency_key: str | Unset = UNSET,
) -> EventCreated | EventQueued | Problem | None:
    """Record one audit event

     Stores one event. Sent twice with an `event_id` (or under one `Idempotency-Key`) it is stored once:
    equal content
    answers 200, different content 409.

    Args:
        idempotency_key (str | Unset):
        body (AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
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
            WorkflowCatalogSearchCompletedEvent): One audit event, of a type with a payload schema or
            of any other type.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventCreated | EventQueued | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
        idempotency_key=idempotency_key,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: AnalysisApprovalRequiredEvent
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
    | WorkflowCatalogSearchCompletedEvent,
    idempotency_key: str | Unset = UNSET,
) -> Response[EventCreated | EventQueued | Problem]:
    """Record one audit event

     Stores one event. Sent twice with an `event_id` (or under one `Idempotency-Key`) it is stored once:
    equal content
    answers 200, different content 409.

    Args:
        idempotency_key (str | Unset):
        body (AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
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
            WorkflowCatalogSearchCompletedEvent): One audit event, of a type with a payload schema or
            of any other type.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[EventCreated | EventQueued | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
        idempotency_key=idempotency_key,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: AnalysisApprovalRequiredEvent
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
    | WorkflowCatalogSearchCompletedEvent,
    idempotency_key: str | Unset = UNSET,
) -> EventCreated | EventQueued | Problem | None:
    """Record one audit event

     Stores one event. Sent twice with an `event_id` (or under one `Idempotency-Key`) it is stored once:
    equal content
    answers 200, different content 409.

    Args:
        idempotency_key (str | Unset):
        body (AnalysisApprovalRequiredEvent | AnalysisErrorOccurredEvent |
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
            WorkflowCatalogSearchCompletedEvent): One audit event, of a type with a payload schema or
            of any other type.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        EventCreated | EventQueued | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
            idempotency_key=idempotency_key,
        )
    ).parsed
