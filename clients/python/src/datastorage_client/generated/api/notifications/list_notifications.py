from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.notification_channel import (
    NotificationChannel,
)
from ...models.notification_page import NotificationPage
from ...models.notification_status import NotificationStatus
from ...models.problem import Problem
from ...types import UNSET, Response, Unset


def _get_kwargs(
    *,
    remediation_id: str | Unset = UNSET,
    channel: NotificationChannel | Unset = UNSET,
    status: NotificationStatus | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["remediation_id"] = remediation_id

    json_channel: str | Unset = UNSET
    if not isinstance(channel, Unset):
        json_channel = channel

    params["channel"] = json_channel

    json_status: str | Unset = UNSET
    if not isinstance(status, Unset):
        json_status = status

    params["status"] = json_status

    params["recorded_by"] = recorded_by

    params["since"] = since

    params["until"] = until

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/notifications",
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> NotificationPage | Problem | None:
    if response.status_code == 200:
        response_200 = NotificationPage.from_dict(response.json())

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
) -> Response[NotificationPage | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    remediation_id: str | Unset = UNSET,
    channel: NotificationChannel | Unset = UNSET,
    status: NotificationStatus | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[NotificationPage | Problem]:
    """Notifications that pass all filters

     Newest first by sent_at. Pages by `cursor` cost the same at any depth.

    Args:
        remediation_id (str | Unset):
        channel (NotificationChannel | Unset):
        status (NotificationStatus | Unset):
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
        limit (int | Unset):  Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NotificationPage | Problem]
    """

    kwargs = _get_kwargs(
        remediation_id=remediation_id,
        channel=channel,
        status=status,
        recorded_by=recorded_by,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    remediation_id: str | Unset = UNSET,
    channel: NotificationChannel | Unset = UNSET,
    status: NotificationStatus | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> NotificationPage | Problem | None:
    """Notifications that pass all filters

     Newest first by sent_at. Pages by `cursor` cost the same at any depth.

    Args:
        remediation_id (str | Unset):
        channel (NotificationChannel | Unset):
        status (NotificationStatus | Unset):
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
        limit (int | Unset):  Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NotificationPage | Problem
    """

    return sync_detailed(
        client=client,
        remediation_id=remediation_id,
        channel=channel,
        status=status,
        recorded_by=recorded_by,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    remediation_id: str | Unset = UNSET,
    channel: NotificationChannel | Unset = UNSET,
    status: NotificationStatus | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> Response[NotificationPage | Problem]:
    """Notifications that pass all filters

     Newest first by sent_at. Pages by `cursor` cost the same at any depth.

    Args:
        remediation_id (str | Unset):
        channel (NotificationChannel | Unset):
        status (NotificationStatus | Unset):
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
        limit (int | Unset):  Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[NotificationPage | Problem]
    """

    kwargs = _get_kwargs(
        remediation_id=remediation_id,
        channel=channel,
        status=status,
        recorded_by=recorded_by,
        since=since,
        until=until,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    remediation_id: str | Unset = UNSET,
    channel: NotificationChannel | Unset = UNSET,
    status: NotificationStatus | Unset = UNSET,
    recorded_by: str | Unset = UNSET,
    since: str | Unset = UNSET,
    until: str | Unset = UNSET,
    limit: int | Unset = 50,
    cursor: str | Unset = UNSET,
) -> NotificationPage | Problem | None:
    """Notifications that pass all filters

     Newest first by sent_at. Pages by `cursor` cost the same at any depth.

    Args:
        remediation_id (str | Unset):
        channel (NotificationChannel | Unset):
        status (NotificationStatus | Unset):
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
        limit (int | Unset):  Default: 50.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        NotificationPage | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            remediation_id=remediation_id,
            channel=channel,
            status=status,
            recorded_by=recorded_by,
            since=since,
            until=until,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
