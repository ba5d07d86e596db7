"""The typed client for asyncio. `client.py` is made of this file by `make generate`: change this one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, cast
from uuid import UUID

import httpx

from datastorage_client._auth import Token
from datastorage_client._http import Lines, Policy, answer, broken_off, client_arguments, or_unset, page_cursor
from datastorage_client.buffered.encoding import Event, encode_event, encode_events
from datastorage_client.filters import EventFilters, NotificationFilters, WorkflowFilters, event_parameters
from datastorage_client.generated import Client as Generated
from datastorage_client.generated import models
from datastorage_client.generated.api.audit import get_audit_event, get_audit_event_receipt, get_correlation_timeline
from datastorage_client.generated.api.dead_letters import (
    discard_dead_letter,
    get_dead_letter,
    get_dlq,
    list_dead_letters,
    replay_dead_letter,
    replay_dead_letters,
)
from datastorage_client.generated.api.legal_holds import (
    list_legal_holds,
    place_legal_hold,
    release_legal_hold,
)
from datastorage_client.generated.api.notifications import create_notification, get_notification, list_notifications
from datastorage_client.generated.api.operations import get_health, get_health_ready, list_partitions
from datastorage_client.generated.api.workflows import (
    create_workflow,
    create_workflows_bulk,
    disable_workflow,
    get_workflow,
    list_workflow_versions,
    list_workflows,
    search_workflows,
    update_workflow,
)
from datastorage_client.generated.types import Unset

if TYPE_CHECKING:
    from typing_extensions import Unpack

__all__ = ["AsyncClient"]

_EVENTS = "/api/v1/audit/events"
_BATCH = f"{_EVENTS}/batch"
Queue = Literal["events", "notifications"]
HoldState = Literal["in_force", "released"]
_JSON = {"Content-Type": "application/json"}


class _Http(httpx.AsyncClient):
    """httpx with retries, and with problems as exceptions."""

    def __init__(self, policy: Policy, **arguments: Any) -> None:
        super().__init__(**arguments)
        self._policy = policy

    async def send(self, request: httpx.Request, *, stream: bool = False, **options: Any) -> httpx.Response:
        """See httpx. Raises ProblemError and NoAnswerError in place of what httpx raises."""
        failures = 0
        while True:
            failures += 1
            wait: float | None
            try:
                response = await super().send(request, stream=stream, **options)
                if stream and not response.is_success:
                    await response.aread()
                wait = self._policy.after_answer(response, failures)
            except httpx.TransportError as error:
                wait = self._policy.after_failure(request, error, failures)
            if wait is None:
                return response
            await asyncio.sleep(wait)


class AsyncClient:
    """Every operation of the contract, typed.

    base_url: of the service. token: a bearer token or a function that returns one, called again when one is refused.
    timeout: seconds for one request. retries: further tries where a request may be repeated: one that was never sent or
    refused untouched, reads, searches and events, which carry their ids. parse_float: how numbers with a fraction are
    read, such as decimal.Decimal for every digit. client_options: further arguments of httpx, such as `verify`.

    Every call raises ProblemError (see `errors`: ValidationError, NotFoundError, ConflictError …) where the service
    refuses, and NoAnswerError where no usable answer came.
    """

    def __init__(
        self,
        base_url: str,
        *,
        token: Token | None = None,
        timeout: float = 30.0,
        retries: int = 3,
        retry_initial: float = 0.1,
        retry_max: float = 10.0,
        parse_float: Callable[[str], Any] | None = None,
        client_options: Mapping[str, Any] | None = None,
    ) -> None:
        policy = Policy(retries, retry_initial, retry_max, parse_float)
        self._parse_float = parse_float
        self._http = _Http(policy, **client_arguments(base_url, token, timeout, client_options))
        self._api = Generated(base_url=base_url).set_async_httpx_client(self._http)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> AsyncClient:  # noqa: PYI034 - Self needs Python 3.11
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    # -- audit events -------------------------------------------------------------------------------------------

    async def create_event(self, event: Event) -> models.EventCreated | models.EventQueued:
        """Record one event, a dictionary or a model. Without an event_id it gets one, so that a retry cannot double it.

        Raises InvalidEventError, before anything is sent, with what is wrong by the contract.
        """
        response = await self._http.post(_EVENTS, content=encode_event(event)[1], headers=_JSON)
        if response.status_code == httpx.codes.ACCEPTED:
            return models.EventQueued.from_dict(response.json())
        return models.EventCreated.from_dict(response.json())

    async def create_events(self, events: Iterable[Event], *, lenient: bool = False) -> models.BatchResult:
        """Record up to 1000 events: all or none, or with `lenient` the good ones; `results` says which are `rejected`.

        Raises InvalidEventError, with pointers such as `#/3/event_type`, before anything is sent.
        """
        headers = {**_JSON, "Prefer": "handling=lenient"} if lenient else _JSON
        response = await self._http.post(_BATCH, content=encode_events(events), headers=headers)
        return models.BatchResult.from_dict(response.json())

    async def get_event(self, event_id: UUID | str) -> models.AuditEvent:
        """One stored event."""
        return answer(await get_audit_event.asyncio(UUID(str(event_id)), client=self._api))

    async def get_receipt(self, event_id: UUID | str) -> models.Receipt:
        """Where an acknowledged event is: stored, queued or dead_letter."""
        return answer(await get_audit_event_receipt.asyncio(UUID(str(event_id)), client=self._api))

    async def event_page(
        self, *, limit: int = 50, offset: int | None = None, cursor: str | None = None, **filters: Unpack[EventFilters]
    ) -> models.AuditEventPage:
        """One page of events, with how many there are."""
        parameters = event_parameters(filters, limit=limit, offset=offset, cursor=cursor)
        return models.AuditEventPage.from_dict((await self._http.get(_EVENTS, params=parameters)).json())

    async def events(
        self, *, page_size: int = 500, **filters: Unpack[EventFilters]
    ) -> AsyncIterator[models.AuditEvent]:
        """All events that pass the filters, page by page. Each stored event is seen once while others write."""
        cursor: str | None = None
        while True:
            page = await self.event_page(limit=page_size, cursor=cursor, **filters)
            for event in page.data:
                yield event
            cursor = page_cursor(page.pagination.next_cursor)
            if cursor is None:
                return

    async def export_events(self, **filters: Unpack[EventFilters]) -> AsyncIterator[models.AuditEvent]:
        """All events that pass the filters, in one streamed answer (NDJSON).

        Raises NoAnswerError where the stream breaks off; what came before it is good.
        """
        parameters, accept = event_parameters(filters), {"Accept": "application/x-ndjson"}
        with broken_off():
            async with self._http.stream("GET", _EVENTS, params=parameters, headers=accept) as response:
                lines = Lines()
                async for chunk in response.aiter_bytes():
                    for line in lines.of(chunk):
                        yield models.AuditEvent.from_dict(json.loads(line, parse_float=self._parse_float))
                for line in lines.rest():
                    yield models.AuditEvent.from_dict(json.loads(line, parse_float=self._parse_float))

    async def timeline(self, correlation_id: str) -> models.Timeline:
        """What happened under a correlation id, in order, whole: all its pages."""
        whole = answer(await get_correlation_timeline.asyncio(correlation_id, client=self._api))
        while cursor := page_cursor(whole.pagination.next_cursor):
            more = answer(await get_correlation_timeline.asyncio(correlation_id, client=self._api, cursor=cursor))
            whole.events += more.events
            whole.pagination = more.pagination
        return whole

    # -- notifications ------------------------------------------------------------------------------------------

    async def create_notification(
        self, body: models.NotificationRequest
    ) -> models.Notification | models.NotificationQueued:
        """Record a notification. ConflictError: its notification_id is recorded already."""
        made = answer(await create_notification.asyncio(client=self._api, body=body))
        return cast("models.Notification | models.NotificationQueued", made)

    async def get_notification(self, notification_id: str) -> models.Notification:
        """One notification."""
        return answer(await get_notification.asyncio(notification_id, client=self._api))

    async def notifications(self, **filters: Unpack[NotificationFilters]) -> AsyncIterator[models.Notification]:
        """All notifications that pass the filters."""
        cursor: str | None = None
        while True:
            found = await list_notifications.asyncio(client=self._api, limit=500, cursor=or_unset(cursor), **filters)
            page = answer(found)
            for notification in page.data:
                yield notification
            cursor = page_cursor(page.pagination.next_cursor)
            if cursor is None:
                return

    # -- workflows ----------------------------------------------------------------------------------------------

    async def create_workflow(self, body: models.WorkflowRequest) -> models.Workflow:
        """Create a version of a workflow. ConflictError: it exists."""
        return answer(await create_workflow.asyncio(client=self._api, body=body))

    async def create_workflows(self, body: list[models.WorkflowRequest]) -> models.WorkflowBulkResult:
        """Create several, all or none."""
        return answer(await create_workflows_bulk.asyncio(client=self._api, body=body))

    async def get_workflow(self, workflow_id: UUID | str) -> models.Workflow:
        """One version of a workflow."""
        return answer(await get_workflow.asyncio(UUID(str(workflow_id)), client=self._api))

    async def workflows(self, **filters: Unpack[WorkflowFilters]) -> AsyncIterator[models.Workflow]:
        """All versions that pass the filters."""
        cursor: str | None = None
        while True:
            found = await list_workflows.asyncio(client=self._api, limit=500, cursor=or_unset(cursor), **filters)
            page = answer(found)
            for workflow in page.workflows:
                yield workflow
            cursor = page_cursor(page.next_cursor)
            if cursor is None:
                return

    async def workflow_versions(self, workflow_name: str) -> models.WorkflowVersions:
        """All versions of one name, newest first."""
        return answer(await list_workflow_versions.asyncio(workflow_name, client=self._api))

    async def search_workflows(self, body: models.WorkflowSearchRequest) -> models.WorkflowSearchResult:
        """What fits these labels, best first."""
        return answer(await search_workflows.asyncio(client=self._api, body=body))

    async def update_workflow(
        self, workflow_id: UUID | str, body: models.WorkflowChange, *, if_match: str | None = None
    ) -> models.Workflow:
        """Change the status or the deprecation notice. PreconditionFailedError: `if_match` is not the present ETag."""
        match = or_unset(if_match)
        return answer(
            await update_workflow.asyncio(UUID(str(workflow_id)), client=self._api, body=body, if_match=match)
        )

    async def disable_workflow(
        self, workflow_id: UUID | str, *, reason: str | None = None, updated_by: str | None = None
    ) -> models.Workflow:
        """Disable a version; may be repeated."""
        body = models.WorkflowDisableType0(reason=reason, updated_by=updated_by)
        return answer(await disable_workflow.asyncio(UUID(str(workflow_id)), client=self._api, body=body))

    # -- legal holds --------------------------------------------------------------------------------------------

    async def legal_holds(self, state: HoldState | None = None) -> AsyncIterator[models.LegalHold]:
        """All legal holds, the newest first; or those in force, or released."""
        cursor: str | None = None
        while True:
            chosen: HoldState | Unset = or_unset(state)
            at = or_unset(UUID(cursor) if cursor else None)
            page = answer(await list_legal_holds.asyncio(client=self._api, limit=200, state=chosen, cursor=at))
            for hold in page.data:
                yield hold
            cursor = page_cursor(page.pagination.next_cursor)
            if cursor is None:
                return

    async def place_legal_hold(self, body: models.LegalHoldRequest) -> models.LegalHold:
        """Keep what the scope covers, past and future, from leaving by retention and erasure."""
        return answer(await place_legal_hold.asyncio(client=self._api, body=body))

    async def release_legal_hold(self, hold_id: UUID | str, reason: str) -> models.LegalHold:
        """End a legal hold. Raises ConflictError where it has ended, or somebody else has to release it."""
        body = models.LegalHoldRelease(reason=reason)
        return answer(await release_legal_hold.asyncio(UUID(str(hold_id)), client=self._api, body=body))

    # -- dead letters and operations ----------------------------------------------------------------------------

    async def queues(self) -> models.Queues:
        """Depth and capacity of the queues."""
        return answer(await get_dlq.asyncio(client=self._api))

    async def dead_letters(self, queue: Queue | None = None) -> AsyncIterator[models.DeadLetterSummary]:
        """All dead letters."""
        cursor: str | None = None
        while True:
            chosen: Queue | Unset = or_unset(queue)
            at = or_unset(cursor)
            page = answer(await list_dead_letters.asyncio(client=self._api, limit=500, queue=chosen, cursor=at))
            for letter in page.data:
                yield letter
            cursor = page_cursor(page.pagination.next_cursor)
            if cursor is None:
                return

    async def get_dead_letter(self, dead_letter_id: str) -> models.DeadLetter:
        """One dead letter with its payload."""
        return answer(await get_dead_letter.asyncio(dead_letter_id, client=self._api))

    async def replay_dead_letter(self, dead_letter_id: str) -> models.DeadLetterChange:
        """Put one back into the queue."""
        return answer(await replay_dead_letter.asyncio(dead_letter_id, client=self._api))

    async def replay_dead_letters(self, queue: Queue | None = None, *, limit: int = 100) -> models.ReplayResult:
        """Put several back, oldest first."""
        return answer(await replay_dead_letters.asyncio(client=self._api, queue=or_unset(queue), limit=limit))

    async def discard_dead_letter(self, dead_letter_id: str, reason: str) -> models.DeadLetterChange:
        """Remove one for good. The reason is recorded as an audit event."""
        return answer(await discard_dead_letter.asyncio(dead_letter_id, client=self._api, reason=reason))

    async def partitions(self) -> models.Partitions:
        """The months and their state."""
        return answer(await list_partitions.asyncio(client=self._api))

    async def health(self) -> models.Health:
        """Whether PostgreSQL answers. Raises NoAnswerError where it does not."""
        return answer(await get_health.asyncio(client=self._api))

    async def ready(self) -> models.Readiness:
        """Whether events can be stored somewhere. Raises NoAnswerError where they cannot."""
        return answer(await get_health_ready.asyncio(client=self._api))
