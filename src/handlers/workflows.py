"""The workflow catalog: versions, lifecycle, label search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from audit.cursors import Bookmark
from audit.query import InvalidQueryError
from catalog.registry import etag_of
from catalog.scoring import MANDATORY, Question
from catalog.search import Wanted
from handlers.dependencies import Dependencies
from repository.workflows import Workflow, WorkflowFilter
from web.messages import Request, Response, json_response, link_to_next
from web.problems import Problem

__all__ = [
    "create_workflow",
    "create_workflows_bulk",
    "disable_workflow",
    "get_workflow",
    "list_workflow_versions",
    "list_workflows",
    "search_workflows",
    "update_workflow",
]

_PATH = "/api/v1/workflows"


async def create_workflow(request: Request, deps: Dependencies) -> Response:
    """Create one version. Raises Problem: 400, 409."""
    (stored,) = await deps.workflows.registry.create([request.document])
    return _answer(stored, 201, {"Location": f"{_PATH}/{stored.workflow_id}"})


async def create_workflows_bulk(request: Request, deps: Dependencies) -> Response:
    """Create many versions, all or none. Raises Problem: 400 and 409 naming the index."""
    stored = await deps.workflows.registry.create(request.document)
    results = [
        {
            "index": index,
            "workflow_id": one.workflow_id,
            "workflow_name": one.workflow_name,
            "version": one.version,
            "status": "created",
        }
        for index, one in enumerate(stored)
    ]
    return json_response({"created": len(stored), "results": results}, 201)


async def get_workflow(request: Request, deps: Dependencies) -> Response:
    """One version."""
    workflow_id = _id_of(request)
    found = await deps.workflows.table.get(workflow_id)
    if found is None:
        raise Problem("not-found", f"there is no workflow {workflow_id}")
    return _answer(found)


async def list_workflow_versions(request: Request, deps: Dependencies) -> Response:
    """All versions of a name, the highest first; an unknown name has none."""
    name = str(request.path_params["workflow_name"])
    versions = await deps.workflows.table.versions(name)
    return json_response({"workflow_name": name, "versions": versions, "total": len(versions)})


async def list_workflows(request: Request, deps: Dependencies) -> Response:
    """A page of the versions that pass the filters, newest first."""
    query, cursors = request.query, deps.audit_reads.cursors
    where = WorkflowFilter(
        status=query.get("status"),
        name=query.get("name"),
        latest_only=query.get("latest_only", False),
        labels={name: query[name] for name in MANDATORY if name in query},
    )
    question = f"workflows:{msgspec.json.encode(where, order='sorted').decode()}"
    limit, offset, cursor = query.get("limit", 100), query.get("offset", 0), query.get("cursor")
    if cursor and offset:
        raise InvalidQueryError([("offset", "offset cannot be combined with cursor; send one of them")])
    after = cursors.open(cursor, question).position if cursor else None
    page = await deps.workflows.table.page(where, limit=limit, offset=offset, after=after)
    following = cursors.seal(Bookmark(position=page.workflows[-1].position), question) if page.has_more else None
    document = {
        "workflows": page.workflows,
        "limit": limit,
        "offset": offset,
        "total": None if cursor else page.total,
        "has_more": page.has_more,
        "next_cursor": following,
    }
    return json_response(document, headers=link_to_next(request, following))


async def update_workflow(request: Request, deps: Dependencies) -> Response:
    """Change the lifecycle of a version. Raises Problem: 400, 404, 409, 412."""
    return await _changed(request, deps, request.document)


async def disable_workflow(request: Request, deps: Dependencies) -> Response:
    """Disable a version; one that is disabled stays so. Raises Problem: 404, 409, 412."""
    sent = request.document or {}
    names = {"reason": "disabled_reason", "updated_by": "disabled_by"}
    members = {names[name]: sent[name] for name in names if sent.get(name) is not None}
    return await _changed(request, deps, {"status": "disabled", **members})


async def _changed(request: Request, deps: Dependencies, change: Mapping[str, Any]) -> Response:
    expected = _expectation(request.headers.get("if-match", ""))
    return _answer(await deps.workflows.registry.change(_id_of(request), change, expected=expected))


async def search_workflows(request: Request, deps: Dependencies) -> Response:
    """The workflows whose labels fit best, each with its score explained."""
    document = request.document
    filters = document["filters"]
    detected = dict(filters.get("detected_labels") or {})
    failed = {*detected.pop("failed_detections", ()), *filters.get("failed_detections", ())}
    statuses = set(filters.get("status") or ("active",)) | ({"disabled"} if document.get("include_disabled") else set())
    wanted = Wanted(
        question=Question(
            labels={name: filters[name] for name in MANDATORY},
            detected=detected,
            custom=filters.get("custom_labels") or {},
            failed=frozenset(failed),
        ),
        statuses=frozenset(statuses),
        top_k=int(document.get("top_k", 10)),
        min_score=float(document.get("min_score", 0)),
        remediation_id=document.get("remediation_id") or "",
        filters=filters,
    )
    return json_response(await deps.workflows.search.run(wanted))


def _id_of(request: Request) -> UUID:
    return UUID(str(request.path_params["workflow_id"]))


def _answer(workflow: Workflow, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return json_response(workflow, status, {"ETag": etag_of(workflow), **(headers or {})})


def _expectation(if_match: str) -> Callable[[str], bool]:
    """What If-Match asks for (RFC 9110, section 13.1.1); absent or `*` takes any version. Weak tags never match."""
    tags = {tag.strip() for tag in if_match.split(",") if tag.strip()}
    return lambda etag: not tags or "*" in tags or etag in tags
