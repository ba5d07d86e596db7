"""The workflow catalog: versions, lifecycle, label search."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import msgspec

from audit.cursors import Bookmark, Cursors
from audit.query import InvalidQueryError
from catalog.errors import CatalogError
from catalog.lifecycle import require_changeable
from catalog.registry import etag_of
from catalog.scoring import MANDATORY, Question
from catalog.search import Wanted
from contract.generated import operations as op
from contract.generated import requests, responses
from handlers.dependencies import Dependencies
from repository.workflow_pages import Workflow, WorkflowPage
from repository.workflows import WorkflowFilter
from web.messages import Response, json_response, link_to_next
from web.problems import Problem, validation_problem

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


async def create_workflow(request: op.CreateWorkflow, deps: Dependencies) -> op.CreateWorkflowAnswer:
    """Create one version. Raises Problem: 400, 409."""
    try:
        (stored,) = await deps.workflows.registry.create([request.document])
    except CatalogError as error:
        error.index = None  # it was the only one
        raise
    return _answer(stored, 201, {"Location": f"{_PATH}/{stored.workflow_id}"})


async def create_workflows_bulk(request: op.CreateWorkflowsBulk, deps: Dependencies) -> op.CreateWorkflowsBulkAnswer:
    """Create many versions, all or none. Raises Problem: 400 and 409 naming the index."""
    stored = await deps.workflows.registry.create(request.document)
    results: list[responses.Result] = [
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


async def get_workflow(request: op.GetWorkflow, deps: Dependencies) -> op.GetWorkflowAnswer:
    """One version."""
    workflow_id = _id_of(request.path_params)
    found = await deps.workflows.table.get(workflow_id)
    if found is None:
        raise Problem("not-found", f"there is no workflow {workflow_id}")
    return _answer(found)


async def list_workflow_versions(request: op.ListWorkflowVersions, deps: Dependencies) -> op.ListWorkflowVersionsAnswer:
    """A page of the versions of a name, the highest first; an unknown name has none."""
    name = str(request.path_params["workflow_name"])
    cursors, question = deps.audit_reads.cursors, f"versions:{name}"
    cursor = request.query.get("cursor")
    after = cursors.open(cursor, question).position.event_id if cursor else None
    page = await deps.workflows.table.versions(name, limit=request.query.get("limit", 1000), after=after)
    following = _following(page, cursors, question)
    document: responses.WorkflowVersions = {
        "workflow_name": name,
        "versions": page.workflows,
        "total": page.total,
        "has_more": page.has_more,
        "next_cursor": following,
    }
    if warnings := _warnings(page):
        document["warnings"] = warnings
    return json_response(document, headers=link_to_next(request, following))


async def list_workflows(request: op.ListWorkflows, deps: Dependencies) -> op.ListWorkflowsAnswer:
    """A page of the versions that pass the filters, newest first."""
    query, cursors = request.query, deps.audit_reads.cursors
    where = WorkflowFilter(
        status=query.get("status"),
        name=query.get("name"),
        latest_only=query.get("latest_only", False),
        labels={name: str(value) for name, value in query.items() if name in MANDATORY},
    )
    question = f"workflows:{msgspec.json.encode(where, order='sorted').decode()}"
    limit, offset, cursor = query.get("limit", 100), query.get("offset", 0), query.get("cursor")
    if cursor and offset:
        raise InvalidQueryError([("offset", "offset cannot be combined with cursor; send one of them")])
    after = cursors.open(cursor, question).position if cursor else None
    page = await deps.workflows.table.page(where, limit=limit, offset=offset, after=after)
    following = _following(page, cursors, question)
    document: responses.WorkflowPage = {
        "workflows": page.workflows,
        "limit": limit,
        "offset": offset,
        "total": None if cursor else page.total,
        "has_more": page.has_more,
        "next_cursor": following,
    }
    if warnings := _warnings(page):
        document["warnings"] = warnings
    return json_response(document, headers=link_to_next(request, following))


def _following(page: WorkflowPage, cursors: Cursors, question: str) -> str | None:
    return cursors.seal(Bookmark(position=page.end), question) if page.has_more and page.end else None


def _warnings(page: WorkflowPage) -> list[str]:
    return [f"workflow {one} cannot be read and was left out" for one in page.left_out]


async def update_workflow(request: op.UpdateWorkflow, deps: Dependencies) -> op.UpdateWorkflowAnswer:
    """Change the lifecycle of a version. Raises Problem: 400, 404, 409, 412."""
    if isinstance(request.document, dict):
        require_changeable(request.document)
    if request.violations:
        raise validation_problem(request.violations)
    return await _changed(request, deps, request.document)


async def disable_workflow(request: op.DisableWorkflow, deps: Dependencies) -> op.DisableWorkflowAnswer:
    """Disable a version; one that is disabled stays so. Raises Problem: 404, 409, 412."""
    sent = request.document or {}
    members = {"disabled_reason": sent.get("reason"), "disabled_by": sent.get("updated_by")}
    given = {name: value for name, value in members.items() if value is not None}
    return await _changed(request, deps, {"status": "disabled", **given})


async def _changed(
    request: op.UpdateWorkflow | op.DisableWorkflow, deps: Dependencies, change: Mapping[str, Any]
) -> Response[Workflow]:
    expected = _expectation(request.headers.get("if-match", ""))
    return _answer(await deps.workflows.registry.change(_id_of(request.path_params), change, expected=expected))


async def search_workflows(request: op.SearchWorkflows, deps: Dependencies) -> op.SearchWorkflowsAnswer:
    """The workflows whose labels fit best, each with its score explained."""
    document = request.document
    filters = document["filters"]
    asked = filters.get("detected_labels") or {}
    detected = {name: value for name, value in asked.items() if name != "failed_detections"}
    failed = {*asked.get("failed_detections", ()), *filters.get("failed_detections", ())}
    statuses = set(filters.get("status") or ("active",)) | ({"disabled"} if document.get("include_disabled") else set())
    wanted = Wanted(
        question=Question(
            labels={name: str(value) for name, value in filters.items() if name in MANDATORY},
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


def _id_of(path: requests.GetWorkflowPath) -> UUID:
    return UUID(path["workflow_id"])


def _answer(workflow: Workflow, status: int = 200, headers: Mapping[str, str] | None = None) -> Response[Workflow]:
    return json_response(workflow, status, {"ETag": etag_of(workflow), **(headers or {})})


def _expectation(if_match: str) -> Callable[[str], bool]:
    """What If-Match asks for (RFC 9110, section 13.1.1); absent or `*` takes any version. Weak tags never match."""
    tags = {tag.strip() for tag in if_match.split(",") if tag.strip()}
    return lambda etag: not tags or "*" in tags or etag in tags
