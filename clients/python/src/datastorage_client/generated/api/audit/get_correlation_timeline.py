from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.timeline import Timeline
from ...types import UNSET, Response, Unset


def _get_kwargs(
    correlation_id: str,
    *,
    limit: int | Unset = 500,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/audit/correlations/{correlation_id}/timeline".format(
            correlation_id=quote(str(correlation_id), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Problem | Timeline | None:
    if response.status_code == 200:
        response_200 = Timeline.from_dict(response.json())

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


def _build_response(*, client: AuthenticatedClient | Client, response: httpx.Response) -> Response[Problem | Timeline]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    correlation_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 500,
    cursor: str | Unset = UNSET,
) -> Response[Problem | Timeline]:
    """What happened under one correlation id

     In ascending order, each event with the gap to the one before and its depth below its ancestors. The
    first page
    has the summary of the whole correlation; further pages come by cursor and have none.

    Args:
        correlation_id (str):
        limit (int | Unset):  Default: 500.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Timeline]
    """

    kwargs = _get_kwargs(
        correlation_id=correlation_id,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    correlation_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 500,
    cursor: str | Unset = UNSET,
) -> Problem | Timeline | None:
    """What happened under one correlation id

     In ascending order, each event with the gap to the one before and its depth below its ancestors. The
    first page
    has the summary of the whole correlation; further pages come by cursor and have none.

    Args:
        correlation_id (str):
        limit (int | Unset):  Default: 500.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Timeline
    """

    return sync_detailed(
        correlation_id=correlation_id,
        client=client,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    correlation_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 500,
    cursor: str | Unset = UNSET,
) -> Response[Problem | Timeline]:
    """What happened under one correlation id

     In ascending order, each event with the gap to the one before and its depth below its ancestors. The
    first page
    has the summary of the whole correlation; further pages come by cursor and have none.

    Args:
        correlation_id (str):
        limit (int | Unset):  Default: 500.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | Timeline]
    """

    kwargs = _get_kwargs(
        correlation_id=correlation_id,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    correlation_id: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 500,
    cursor: str | Unset = UNSET,
) -> Problem | Timeline | None:
    """What happened under one correlation id

     In ascending order, each event with the gap to the one before and its depth below its ancestors. The
    first page
    has the summary of the whole correlation; further pages come by cursor and have none.

    Args:
        correlation_id (str):
        limit (int | Unset):  Default: 500.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | Timeline
    """

    return (
        await asyncio_detailed(
            correlation_id=correlation_id,
            client=client,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
