"""The workflow catalog: versions and their differences, the lifecycle, and how a search scores."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import Blueprint, g, redirect, render_template, request, url_for

from catalog.lifecycle import STATUSES, next_statuses
from catalog.scoring import MANDATORY, PROFILES
from console.api import ApiError, path_of
from console.pages.overview import services

__all__ = ["blueprint"]

blueprint = Blueprint("workflows", __name__)

_WORKFLOWS = "/api/v1/workflows"
_PAGE, _CHOICES, _FOUND = 50, 1000, 10
_COMPARED = (
    "status",
    "name",
    "description",
    "owner",
    "execution_engine",
    "labels",
    "detected_labels",
    "custom_labels",
    "container_image",
    "expected_success_rate",
    "expected_duration_seconds",
    "version_notes",
    "change_summary",
)
_FLAGS = ("gitOpsManaged", "pdbProtected", "networkIsolated", "helmManaged", "stateful", "hpaEnabled")
_VALUES = ("gitOpsTool", "serviceMesh")
_VERBS = {"active": "Activate", "disabled": "Disable", "deprecated": "Deprecate", "archived": "Archive"}


@blueprint.get("/workflows")
def page() -> str:
    """The latest version of each workflow."""
    filters = {name: request.args.get(name, "") for name in ("status", "name")}
    answer = g.ask.look(_WORKFLOWS, **filters, latest_only=True, limit=_PAGE, cursor=request.args.get("cursor", ""))
    document = answer.problem
    template = "parts/workflow_rows.html" if request.args.get("cursor") else "workflows.html"
    return render_template(
        template,
        answer=answer,
        workflows=document.get("workflows", []),
        total=document.get("total"),
        following=document.get("next_cursor"),
        filters=filters,
        statuses=STATUSES,
    )


@blueprint.get("/workflows/<uuid:workflow_id>")
def workflow(workflow_id: UUID) -> str:
    """One version beside another of the same name."""
    shown = g.ask.get(f"{_WORKFLOWS}/{workflow_id}").problem
    versions = g.ask.get(path_of(_WORKFLOWS + "/by-name/{}/versions", shown["workflow_name"])).problem["versions"]
    other = _other(versions, shown, request.args.get("with", ""))
    return render_template(
        "workflow.html",
        shown=shown,
        versions=versions,
        other=other,
        fields=_fields(shown, other),
        diff=_diff(other, shown) if other else [],
        steps=[(status, _VERBS[status]) for status in next_statuses(shown["status"])],
    )


@blueprint.post("/workflows/<uuid:workflow_id>/status")
def change(workflow_id: UUID) -> Any:
    """Take a step of the lifecycle."""
    status, reason = request.form.get("status", ""), request.form.get("reason", "").strip()
    body: dict[str, str] = {"status": status}
    if reason:
        body[
            "disabled_reason"
            if status == "disabled"
            else "deprecation_notice"
            if status == "deprecated"
            else "status_reason"
        ] = reason
    answer = g.ask.send("PATCH", f"{_WORKFLOWS}/{workflow_id}", body=body)
    if not answer.ok:
        raise ApiError(answer)
    return redirect(url_for("workflows.workflow", workflow_id=workflow_id, changed=status), 303)


@blueprint.get("/workflows/explore")
def explore() -> str:
    """The search explorer; with htmx only what was found."""
    catalog = g.ask.look(_WORKFLOWS, latest_only=True, limit=_CHOICES)
    if not catalog.ok:
        raise ApiError(catalog)
    if not catalog.problem["workflows"]:
        return render_template("explore_empty.html")
    choices = _choices(catalog.problem["workflows"])
    labels = {name: request.args.get(name) or _first(choices[name]) for name in MANDATORY}
    detected = _detected(request.args)
    filters = {**labels, "detected_labels": detected} if detected else dict(labels)
    answer = g.ask.send(
        "POST", _WORKFLOWS + "/search", body={"filters": filters, "top_k": _FOUND, "remediation_id": "console"}
    )
    whole = "HX-Request" not in request.headers
    return render_template(
        "explore.html" if whole else "parts/found.html",
        choices=choices,
        labels=labels,
        detected=detected,
        flags=_FLAGS,
        values={name: _values_of(catalog.problem["workflows"], name) for name in _VALUES},
        answer=answer,
        found=answer.problem.get("workflows", []),
        total=answer.problem.get("total_results", 0),
        weights=answer.problem.get("weights", ""),
        points=_points(services().settings().get("search_profile", "v1")),
    )


def _points(profile: str) -> float:
    """Points that the longest bar stands for: a mandatory label that fits exactly."""
    weights = PROFILES.get(str(profile)) or PROFILES["v1"]
    return weights.mandatory.exact / 1000


def _choices(workflows: Sequence[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The values of each mandatory label in the catalog, the most frequent first."""
    found: dict[str, list[str]] = {}
    for name in MANDATORY:
        counts = Counter(str(one["labels"][name]) for one in workflows if one["labels"][name] != "*")
        found[name] = [value for value, _ in counts.most_common()]
    return found


def _first(values: Sequence[str]) -> str:
    return values[0] if values else "*"


def _values_of(workflows: Sequence[Mapping[str, Any]], name: str) -> list[str]:
    values = {str(one["detected_labels"][name]) for one in workflows if one["detected_labels"].get(name)}
    return sorted(values - {"*"})


def _detected(arguments: Mapping[str, str]) -> dict[str, Any]:
    flags: dict[str, Any] = {name: True for name in _FLAGS if arguments.get(name) == "true"}
    return flags | {name: arguments[name] for name in _VALUES if arguments.get(name)}


def _other(versions: Sequence[Mapping[str, Any]], shown: Mapping[str, Any], wanted: str) -> Mapping[str, Any] | None:
    """The version to compare with: the one that was asked for, else the next lower one."""
    for one in versions:
        if one["workflow_id"] == wanted:
            return one
    ids = [one["workflow_id"] for one in versions]
    place = ids.index(shown["workflow_id"])
    return versions[place + 1] if place + 1 < len(versions) else None


def _fields(shown: Mapping[str, Any], other: Mapping[str, Any] | None) -> list[tuple[str, str, str, bool]]:
    """(member, in the other version, in this one, whether they differ)."""
    found = []
    for name in _COMPARED:
        ours, theirs = _words(shown.get(name)), _words(other.get(name)) if other else ""
        if ours or theirs:
            found.append((name, theirs, ours, bool(other) and ours != theirs))
    return found


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}={_words(part)}" for name, part in sorted(value.items()))
    if isinstance(value, list):
        return "|".join(map(str, value))
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The lines of both contents: (`same`, `old` or `new`, line), a few unchanged ones around each change."""
    marks = {" ": "same", "-": "old", "+": "new", "@": "place"}
    lines = difflib.unified_diff(old["content"].splitlines(), new["content"].splitlines(), lineterm="", n=3)
    return [(marks.get(text[:1], "same"), text if text[:1] == "@" else text[1:]) for text in list(lines)[2:]]
