from http import HTTPStatus
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.legal_hold import LegalHold
from ...models.legal_hold_release import LegalHoldRelease
from ...models.problem import Problem
from ...types import Response


def _get_kwargs(
    hold_id: UUID,
    *,
    body: LegalHoldRelease,
) -> dict[str, Any]:
    headers: dict[str, Any] = {}

    _kwargs: dict[str, Any] = {
        "method": "post",
        "url": "/api/v1/audit/holds/{hold_id}/release".format(
            hold_id=quote(str(hold_id), safe=""),
        ),
    }

    _kwargs["json"] = body.to_dict()

    headers["Content-Type"] = "application/json"

    _kwargs["headers"] = headers
    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> LegalHold | Problem | None:
    if response.status_code == 200:
        response_200 = LegalHold.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[LegalHold | Problem]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    hold_id: UUID,
    *,
    client: AuthenticatedClient | Client,
    body: LegalHoldRelease,
) -> Response[LegalHold | Problem]:
    """Release a legal hold

     For good. 409 where it was released before, and where a second person must do it and the caller
    placed the hold or
    is not known by name.

    Args:
        hold_id (UUID):
        body (LegalHoldRelease):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LegalHold | Problem]
    """

    kwargs = _get_kwargs(
        hold_id=hold_id,
        body=body,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    hold_id: UUID,
    *,
    client: AuthenticatedClient | Client,
    body: LegalHoldRelease,
) -> LegalHold | Problem | None:
    """Release a legal hold

     For good. 409 where it was released before, and where a second person must do it and the caller
    placed the hold or
    is not known by name.

    Args:
        hold_id (UUID):
        body (LegalHoldRelease):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LegalHold | Problem
    """

    return sync_detailed(
        hold_id=hold_id,
        client=client,
        body=body,
    ).parsed


async def asyncio_detailed(
    hold_id: UUID,
    *,
    client: AuthenticatedClient | Client,
    body: LegalHoldRelease,
) -> Response[LegalHold | Problem]:
    """Release a legal hold

     For good. 409 where it was released before, and where a second person must do it and the caller
    placed the hold or
    is not known by name.

    Args:
        hold_id (UUID):
        body (LegalHoldRelease):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[LegalHold | Problem]
    """

    kwargs = _get_kwargs(
        hold_id=hold_id,
        body=body,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    hold_id: UUID,
    *,
    client: AuthenticatedClient | Client,
    body: LegalHoldRelease,
) -> LegalHold | Problem | None:
    """Release a legal hold

     For good. 409 where it was released before, and where a second person must do it and the caller
    placed the hold or
    is not known by name.

    Args:
        hold_id (UUID):
        body (LegalHoldRelease):

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        LegalHold | Problem
    """

    return (
        await asyncio_detailed(
            hold_id=hold_id,
            client=client,
            body=body,
        )
    ).parsed
