from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.audit_event_page import AuditEventPage
from ...models.event_outcome import EventOutcome
from ...models.problem import Problem
from ...models.query_audit_events_order import (
    QueryAuditEventsOrder,
)
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    correlation_id: str | Unset = UNSET,
    event_type: str | Unset = UNSET,
    event_category: str | Unset = UNSET,
    event_outcome: EventOutcome | Unset = UNSET,
    severity: str | Unset = UNSET,
    actor_id: str | Unset = UNSET,
    resource_type: str | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    namespace: str | Unset = UNSET,
    cluster_name: str | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    start_time: str | Unset = UNSET,
    end_time: str | Unset = UNSET,
    order: QueryAuditEventsOrder | Unset = "desc",
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["correlation_id"] = correlation_id

    params["event_type"] = event_type

    params["event_category"] = event_category

    json_event_outcome: str | Unset = UNSET
    if not isinstance(event_outcome, Unset):
        json_event_outcome = event_outcome

    params["event_outcome"] = json_event_outcome

    params["severity"] = severity

    params["actor_id"] = actor_id

    params["resource_type"] = resource_type

    params["resource_id"] = resource_id

    params["namespace"] = namespace

    params["cluster_name"] = cluster_name

    params["recorded_by"] = recorded_by

    params["since"] = since

    params["until"] = until

    params["start_time"] = start_time

    params["end_time"] = end_time

    json_order: str | Unset = UNSET
    if not isinstance(order, Unset):
        json_order = order

    params["order"] = json_order

    params["limit"] = limit

    params["offset"] = offset

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/events",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> AuditEventPage | Problem | None:
    if response.status_code == 200:
        response_200 = AuditEventPage.from_dict(response.json())

        return response_200

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

    if response.status_code == 414:
        response_414 = Problem.from_dict(response.json())

        return response_414

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
) -> Response[AuditEventPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    correlation_id: str | Unset = UNSET,
    event_type: str | Unset = UNSET,
    event_category: str | Unset = UNSET,
    event_outcome: EventOutcome | Unset = UNSET,
    severity: str | Unset = UNSET,
    actor_id: str | Unset = UNSET,
    resource_type: str | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    namespace: str | Unset = UNSET,
    cluster_name: str | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    start_time: str | Unset = UNSET,
    end_time: str | Unset = UNSET,
    order: QueryAuditEventsOrder | Unset = "desc",
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
) -> Response[AuditEventPage | Problem]:
    """Events that pass all filters

     Newest first. Pages by `cursor` cost the same at any depth and show every stored event once while
    others write;
    `limit` and `offset` are there too. `Accept: application/x-ndjson` or `text/csv` streams all events
    that pass the
    filters, without a limit unless one is given. Text in CSV that a spreadsheet would take for a
    formula starts with an
    apostrophe; NDJSON is exact. `since` and `until` are inclusive and take `24h`, `7d`, `1h30m`,
    `500ms`, `1.5d` (before
    now), RFC 3339, `2025-12-01T10:00:00` (UTC) and `2025-12-01` (its first instant in UTC). A page ends
    before `limit`
    where it has 4 MiB; `has_more` and `next_cursor` lead on. An event that cannot be read is left out:
    `warnings` names
    it, for a stream the service's log and a metric.

    Args:
        correlation_id (str | Unset):
        event_type (str | Unset):
        event_category (str | Unset):
        event_outcome (EventOutcome | Unset):
        severity (str | Unset):
        actor_id (str | Unset):
        resource_type (str | Unset):
        resource_id (str | Unset):
        namespace (str | Unset):
        cluster_name (str | Unset):
        recorded_by (str | Unset):
        since (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        until (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        start_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`,
            `500ms`, `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        end_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        order (QueryAuditEventsOrder | Unset):  Default: 'desc'.
        limit (int | Unset):  Default: 50.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuditEventPage | Problem]
    """

    kwargs = _get_kwargs(
        correlation_id=correlation_id,
        event_type=event_type,
        event_category=event_category,
        event_outcome=event_outcome,
        severity=severity,
        actor_id=actor_id,
        resource_type=resource_type,
        resource_id=resource_id,
        namespace=namespace,
        cluster_name=cluster_name,
        recorded_by=recorded_by,
        since=since,
        until=until,
        start_time=start_time,
        end_time=end_time,
        order=order,
        limit=limit,
        offset=offset,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    correlation_id: str | Unset = UNSET,
    event_type: str | Unset = UNSET,
    event_category: str | Unset = UNSET,
    event_outcome: EventOutcome | Unset = UNSET,
    severity: str | Unset = UNSET,
    actor_id: str | Unset = UNSET,
    resource_type: str | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    namespace: str | Unset = UNSET,
    cluster_name: str | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    start_time: str | Unset = UNSET,
    end_time: str | Unset = UNSET,
    order: QueryAuditEventsOrder | Unset = "desc",
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
) -> AuditEventPage | Problem | None:
    """Events that pass all filters

     Newest first. Pages by `cursor` cost the same at any depth and show every stored event once while
    others write;
    `limit` and `offset` are there too. `Accept: application/x-ndjson` or `text/csv` streams all events
    that pass the
    filters, without a limit unless one is given. Text in CSV that a spreadsheet would take for a
    formula starts with an
    apostrophe; NDJSON is exact. `since` and `until` are inclusive and take `24h`, `7d`, `1h30m`,
    `500ms`, `1.5d` (before
    now), RFC 3339, `2025-12-01T10:00:00` (UTC) and `2025-12-01` (its first instant in UTC). A page ends
    before `limit`
    where it has 4 MiB; `has_more` and `next_cursor` lead on. An event that cannot be read is left out:
    `warnings` names
    it, for a stream the service's log and a metric.

    Args:
        correlation_id (str | Unset):
        event_type (str | Unset):
        event_category (str | Unset):
        event_outcome (EventOutcome | Unset):
        severity (str | Unset):
        actor_id (str | Unset):
        resource_type (str | Unset):
        resource_id (str | Unset):
        namespace (str | Unset):
        cluster_name (str | Unset):
        recorded_by (str | Unset):
        since (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        until (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        start_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`,
            `500ms`, `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        end_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        order (QueryAuditEventsOrder | Unset):  Default: 'desc'.
        limit (int | Unset):  Default: 50.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuditEventPage | Problem
    """

    return sync_detailed(
        client=client,
        correlation_id=correlation_id,
        event_type=event_type,
        event_category=event_category,
        event_outcome=event_outcome,
        severity=severity,
        actor_id=actor_id,
        resource_type=resource_type,
        resource_id=resource_id,
        namespace=namespace,
        cluster_name=cluster_name,
        recorded_by=recorded_by,
        since=since,
        until=until,
        start_time=start_time,
        end_time=end_time,
        order=order,
        limit=limit,
        offset=offset,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    correlation_id: str | Unset = UNSET,
    event_type: str | Unset = UNSET,
    event_category: str | Unset = UNSET,
    event_outcome: EventOutcome | Unset = UNSET,
    severity: str | Unset = UNSET,
    actor_id: str | Unset = UNSET,
    resource_type: str | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    namespace: str | Unset = UNSET,
    cluster_name: str | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    start_time: str | Unset = UNSET,
    end_time: str | Unset = UNSET,
    order: QueryAuditEventsOrder | Unset = "desc",
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
) -> Response[AuditEventPage | Problem]:
    """Events that pass all filters

     Newest first. Pages by `cursor` cost the same at any depth and show every stored event once while
    others write;
    `limit` and `offset` are there too. `Accept: application/x-ndjson` or `text/csv` streams all events
    that pass the
    filters, without a limit unless one is given. Text in CSV that a spreadsheet would take for a
    formula starts with an
    apostrophe; NDJSON is exact. `since` and `until` are inclusive and take `24h`, `7d`, `1h30m`,
    `500ms`, `1.5d` (before
    now), RFC 3339, `2025-12-01T10:00:00` (UTC) and `2025-12-01` (its first instant in UTC). A page ends
    before `limit`
    where it has 4 MiB; `has_more` and `next_cursor` lead on. An event that cannot be read is left out:
    `warnings` names
    it, for a stream the service's log and a metric.

    Args:
        correlation_id (str | Unset):
        event_type (str | Unset):
        event_category (str | Unset):
        event_outcome (EventOutcome | Unset):
        severity (str | Unset):
        actor_id (str | Unset):
        resource_type (str | Unset):
        resource_id (str | Unset):
        namespace (str | Unset):
        cluster_name (str | Unset):
        recorded_by (str | Unset):
        since (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        until (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        start_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`,
            `500ms`, `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        end_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        order (QueryAuditEventsOrder | Unset):  Default: 'desc'.
        limit (int | Unset):  Default: 50.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[AuditEventPage | Problem]
    """

    kwargs = _get_kwargs(
        correlation_id=correlation_id,
        event_type=event_type,
        event_category=event_category,
        event_outcome=event_outcome,
        severity=severity,
        actor_id=actor_id,
        resource_type=resource_type,
        resource_id=resource_id,
        namespace=namespace,
        cluster_name=cluster_name,
        recorded_by=recorded_by,
        since=since,
        until=until,
        start_time=start_time,
        end_time=end_time,
        order=order,
        limit=limit,
        offset=offset,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    correlation_id: str | Unset = UNSET,
    event_type: str | Unset = UNSET,
    event_category: str | Unset = UNSET,
    event_outcome: EventOutcome | Unset = UNSET,
    severity: str | Unset = UNSET,
    actor_id: str | Unset = UNSET,
    resource_type: str | Unset = UNSET,
    resource_id: str | Unset = UNSET,
    namespace: str | Unset = UNSET,
    cluster_name: str | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    start_time: str | Unset = UNSET,
    end_time: str | Unset = UNSET,
    order: QueryAuditEventsOrder | Unset = "desc",
    limit: int | Unset = 50,
    offset: int | Unset = 0,
    cursor: str | Unset = UNSET,
) -> AuditEventPage | Problem | None:
    """Events that pass all filters

     Newest first. Pages by `cursor` cost the same at any depth and show every stored event once while
    others write;
    `limit` and `offset` are there too. `Accept: application/x-ndjson` or `text/csv` streams all events
    that pass the
    filters, without a limit unless one is given. Text in CSV that a spreadsheet would take for a
    formula starts with an
    apostrophe; NDJSON is exact. `since` and `until` are inclusive and take `24h`, `7d`, `1h30m`,
    `500ms`, `1.5d` (before
    now), RFC 3339, `2025-12-01T10:00:00` (UTC) and `2025-12-01` (its first instant in UTC). A page ends
    before `limit`
    where it has 4 MiB; `has_more` and `next_cursor` lead on. An event that cannot be read is left out:
    `warnings` names
    it, for a stream the service's log and a metric.

    Args:
        correlation_id (str | Unset):
        event_type (str | Unset):
        event_category (str | Unset):
        event_outcome (EventOutcome | Unset):
        severity (str | Unset):
        actor_id (str | Unset):
        resource_type (str | Unset):
        resource_id (str | Unset):
        namespace (str | Unset):
        cluster_name (str | Unset):
        recorded_by (str | Unset):
        since (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        until (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        start_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`,
            `500ms`, `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        end_time (str | Unset): An instant: a duration before now (`24h`, `7d`, `1h30m`, `500ms`,
            `1.5d`; units d, h, m, s, ms, us, ns), an RFC 3339
            date-time, `YYYY-MM-DDTHH:MM:SS` (UTC) or `YYYY-MM-DD` (its first instant in UTC). The
            year is 0001 to 9999; what lies
            before is the first instant that there is, what lies behind the last.
        order (QueryAuditEventsOrder | Unset):  Default: 'desc'.
        limit (int | Unset):  Default: 50.
        offset (int | Unset):  Default: 0.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        AuditEventPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            correlation_id=correlation_id,
            event_type=event_type,
            event_category=event_category,
            event_outcome=event_outcome,
            severity=severity,
            actor_id=actor_id,
            resource_type=resource_type,
            resource_id=resource_id,
            namespace=namespace,
            cluster_name=cluster_name,
            recorded_by=recorded_by,
            since=since,
            until=until,
            start_time=start_time,
            end_time=end_time,
            order=order,
            limit=limit,
            offset=offset,
            cursor=cursor,
        )
    ).parsed
