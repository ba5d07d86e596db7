from http import HTTPStatus
from typing import Any

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.notification import Notification
from ...models.notification_queued import NotificationQueued
from ...models.notification_request import NotificationRequest
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    *,
    body: NotificationRequest,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/audit/notifications",
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Notification | NotificationQueued | Problem | None:
    if response.status_code == 201:
        response_201 = Notification.from_dict(response.json())

        return response_201

    if response.status_code == 202:
        response_202 = NotificationQueued.from_dict(response.json())

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
) -> Response[Notification | NotificationQueued | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: NotificationRequest,
) -> Response[Notification | NotificationQueued | Problem]:
    """Record one notification

     Stores that a notification was sent, failed or is on its way. notification_id is unique: a second
    record with it is
    409, whatever it says. While PostgreSQL is away the record is queued (202) and stored later, exactly
    once.

    Args:
        body (NotificationRequest): One notification. Other members are ignored; empty
            delivery_status and error_message are as good as absent.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Notification | NotificationQueued | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    *,
    client: AuthenticatedClient | Client,
    body: NotificationRequest,
) -> Notification | NotificationQueued | Problem | None:
    """Record one notification

     Stores that a notification was sent, failed or is on its way. notification_id is unique: a second
    record with it is
    409, whatever it says. While PostgreSQL is away the record is queued (202) and stored later, exactly
    once.

    Args:
        body (NotificationRequest): One notification. Other members are ignored; empty
            delivery_status and error_message are as good as absent.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Notification | NotificationQueued | Problem
    """

    return sync_detailed(
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    *,
    client: AuthenticatedClient | Client,
    body: NotificationRequest,
) -> Response[Notification | NotificationQueued | Problem]:
    """Record one notification

     Stores that a notification was sent, failed or is on its way. notification_id is unique: a second
    record with it is
    409, whatever it says. While PostgreSQL is away the record is queued (202) and stored later, exactly
    once.

    Args:
        body (NotificationRequest): One notification. Other members are ignored; empty
            delivery_status and error_message are as good as absent.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Notification | NotificationQueued | Problem]
    """

    kwargs = _get_kwargs(
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    *,
    client: AuthenticatedClient | Client,
    body: NotificationRequest,
) -> Notification | NotificationQueued | Problem | None:
    """Record one notification

     Stores that a notification was sent, failed or is on its way. notification_id is unique: a second
    record with it is
    409, whatever it says. While PostgreSQL is away the record is queued (202) and stored later, exactly
    once.

    Args:
        body (NotificationRequest): One notification. Other members are ignored; empty
            delivery_status and error_message are as good as absent.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Notification | NotificationQueued | Problem
    """

    return (
        await asyncio_detailed(
            client=client,
            body=body,
        )
    ).parsed
