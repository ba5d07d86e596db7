from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.dead_letter_change import DeadLetterChange
from ...models.problem import Problem
from ...types import UNSET, Response


def _get_kwargs(
    dead_letter_id: str,
    *,
    reason: str,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["reason"] = reason

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "delete",
        "url": "/api/v1/dlq/dead-letters/{dead_letter_id}".format(
            dead_letter_id=quote(str(dead_letter_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> DeadLetterChange | Problem | None:
    if response.status_code == 200:
        response_200 = DeadLetterChange.from_dict(response.json())

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

    if response.status_code == 404:
        response_404 = Problem.from_dict(response.json())

        return response_404

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
) -> Response[DeadLetterChange | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    dead_letter_id: str,
    *,
    client: AuthenticatedClient | Client,
    reason: str,
) -> Response[DeadLetterChange | Problem]:
    """Delete a dead letter for good

     The record is lost. Who deleted what and why is an audit event.

    Args:
        dead_letter_id (str):
        reason (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeadLetterChange | Problem]
    """

    kwargs = _get_kwargs(
        dead_letter_id=dead_letter_id,
        reason=reason,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    dead_letter_id: str,
    *,
    client: AuthenticatedClient | Client,
    reason: str,
) -> DeadLetterChange | Problem | None:
    """Delete a dead letter for good

     The record is lost. Who deleted what and why is an audit event.

    Args:
        dead_letter_id (str):
        reason (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeadLetterChange | Problem
    """

    return sync_detailed(
        dead_letter_id=dead_letter_id,
        client=client,
        reason=reason,
    ).parsed


async def asyncio_detailed(
    dead_letter_id: str,
    *,
    client: AuthenticatedClient | Client,
    reason: str,
) -> Response[DeadLetterChange | Problem]:
    """Delete a dead letter for good

     The record is lost. Who deleted what and why is an audit event.

    Args:
        dead_letter_id (str):
        reason (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[DeadLetterChange | Problem]
    """

    kwargs = _get_kwargs(
        dead_letter_id=dead_letter_id,
        reason=reason,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    dead_letter_id: str,
    *,
    client: AuthenticatedClient | Client,
    reason: str,
) -> DeadLetterChange | Problem | None:
    """Delete a dead letter for good

     The record is lost. Who deleted what and why is an audit event.

    Args:
        dead_letter_id (str):
        reason (str):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        DeadLetterChange | Problem
    """

    return (
        await asyncio_detailed(
            dead_letter_id=dead_letter_id,
            client=client,
            reason=reason,
        )
    ).parsed
