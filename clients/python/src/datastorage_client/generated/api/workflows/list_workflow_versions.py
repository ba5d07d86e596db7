from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx

from ... import errors
from ...client import AuthenticatedClient, Client
from ...models.problem import Problem
from ...models.workflow_versions import WorkflowVersions
from ...types import UNSET, Response, Unset


def _get_kwargs(
    workflow_name: str,
    *,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
) -> dict[str, Any]:

    params: dict[str, Any] = {}

    params["limit"] = limit

    params["cursor"] = cursor

    params = {k: v for k, v in params.items() if v is not UNSET and v is not None}

    _kwargs: dict[str, Any] = {
        "method": "get",
        "url": "/api/v1/workflows/by-name/{workflow_name}/versions".format(
            workflow_name=quote(str(workflow_name), safe=""),
        ),
        "params": params,
    }

    return _kwargs


def _parse_response(
    *, client: AuthenticatedClient | Client, response: httpx.Response
) -> Problem | WorkflowVersions | None:
    if response.status_code == 200:
        response_200 = WorkflowVersions.from_dict(response.json())

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
) -> Response[Problem | WorkflowVersions]:
    return Response(
        status_code=HTTPStatus(response.status_code),
        content=response.content,
        headers=response.headers,
        parsed=_parse_response(client=client, response=response),
    )


def sync_detailed(
    workflow_name: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
) -> Response[Problem | WorkflowVersions]:
    """All versions of a name, the highest first

     A page ends before `limit` where it has 4 MiB; `next_cursor` leads on.

    Args:
        workflow_name (str):
        limit (int | Unset):  Default: 1000.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkflowVersions]
    """

    kwargs = _get_kwargs(
        workflow_name=workflow_name,
        limit=limit,
        cursor=cursor,
    )

    response = client.get_httpx_client().request(
        **kwargs,
    )

    return _build_response(client=client, response=response)


def sync(
    workflow_name: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
) -> Problem | WorkflowVersions | None:
    """All versions of a name, the highest first

     A page ends before `limit` where it has 4 MiB; `next_cursor` leads on.

    Args:
        workflow_name (str):
        limit (int | Unset):  Default: 1000.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkflowVersions
    """

    return sync_detailed(
        workflow_name=workflow_name,
        client=client,
        limit=limit,
        cursor=cursor,
    ).parsed


async def asyncio_detailed(
    workflow_name: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
) -> Response[Problem | WorkflowVersions]:
    """All versions of a name, the highest first

     A page ends before `limit` where it has 4 MiB; `next_cursor` leads on.

    Args:
        workflow_name (str):
        limit (int | Unset):  Default: 1000.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Response[Problem | WorkflowVersions]
    """

    kwargs = _get_kwargs(
        workflow_name=workflow_name,
        limit=limit,
        cursor=cursor,
    )

    response = await client.get_async_httpx_client().request(**kwargs)

    return _build_response(client=client, response=response)


async def asyncio(
    workflow_name: str,
    *,
    client: AuthenticatedClient | Client,
    limit: int | Unset = 1000,
    cursor: str | Unset = UNSET,
) -> Problem | WorkflowVersions | None:
    """All versions of a name, the highest first

     A page ends before `limit` where it has 4 MiB; `next_cursor` leads on.

    Args:
        workflow_name (str):
        limit (int | Unset):  Default: 1000.
        cursor (str | Unset): `next_cursor` of the page before, unaltered; anything else is 400.

    Raises:
        errors.UnexpectedStatus: If the server returns an undocumented status code and Client.raise_on_unexpected_status is True.
        httpx.TimeoutException: If the request takes longer than Client.timeout.

    Returns:
        Problem | WorkflowVersions
    """

    return (
        await asyncio_detailed(
            workflow_name=workflow_name,
            client=client,
            limit=limit,
            cursor=cursor,
        )
    ).parsed
