"""The contract breaks no program that was written against the last release of its major version."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from semver import Version

from datastorage.edge import load_spec
from tests.fixtures.breaking_changes import breaking_changes

RELEASED = Path(__file__).parents[2] / "openapi" / "released"
_, DOCUMENT = load_spec()
EVENTS = "/api/v1/audit/events"
SCHEMAS = "components.schemas"


def releases() -> dict[Version, Path]:
    return {Version.parse(path.stem): path for path in RELEASED.glob("[0-9]*.yaml")}


def accepted() -> dict[str, str]:
    """The breaking changes that were decided for, with their reasons."""
    entries = yaml.safe_load((RELEASED / "accepted.yaml").read_text()) or []
    return {entry["change"]: entry["reason"] for entry in entries}


def found_since_the_last_release() -> list[str]:
    current = Version.parse(DOCUMENT["info"]["version"])
    of_this_major = [version for version in releases() if version.major == current.major]
    if not of_this_major:
        return []
    return breaking_changes(yaml.safe_load(releases()[max(of_this_major)].read_text()), DOCUMENT)


def test_nothing_breaks_a_program_of_the_last_release_without_a_reason() -> None:
    unexplained = [change for change in found_since_the_last_release() if change not in accepted()]
    assert unexplained == [], (
        "The contract breaks programs of the last release. Take the change back, raise the major version, or write "
        "each line with a reason into openapi/released/accepted.yaml (see openapi/released/README.md)."
    )


def test_every_accepted_change_is_one_and_has_a_reason() -> None:
    assert [change for change in accepted() if change not in found_since_the_last_release()] == []
    assert [change for change, reason in accepted().items() if len(reason.split()) < 4] == []


def test_what_was_released_is_never_changed() -> None:
    sums = dict(reversed(line.split()) for line in (RELEASED / "SHA256SUMS").read_text().splitlines())
    assert sums == {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in releases().values()}


def test_the_version_never_goes_back() -> None:
    assert Version.parse(DOCUMENT["info"]["version"]) >= max(releases())


def at(document: Any, path: str) -> Any:
    for part in path.split("."):
        document = document[int(part) if part.isdigit() else part]
    return document


def parameter(document: Any, path: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in document["paths"][path]["get"]["parameters"] if one.get("name") == name)
    return found


def schema(name: str, member: str = "") -> Callable[[Any], Any]:
    return lambda document: at(document, f"{SCHEMAS}.{name}" + (f".properties.{member}" if member else ""))


REQUEST, EVENT = schema("AuditEventMembers"), schema("AuditEvent")


def own(document: Any) -> Any:
    """What an event of a type without a payload schema has beside the common members."""
    return at(document, f"{SCHEMAS}.AuditEventRequest.allOf.1")


BREAKING: dict[str, Callable[[Any], Any]] = {
    "path removed": lambda d: d["paths"].pop(EVENTS),
    "operation removed": lambda d: d["paths"][EVENTS].pop("post"),
    "operation renamed": lambda d: d["paths"][EVENTS]["post"].update(operationId="other"),
    "member of a request removed": lambda d: REQUEST(d)["properties"].pop("severity"),
    "member of a request required": lambda d: REQUEST(d)["required"].append("severity"),
    "new required member": lambda d: (
        REQUEST(d)["properties"].update(colour={"type": "string"}),
        REQUEST(d)["required"].append("colour"),
    ),
    "member of an answer removed": lambda d: EVENT(d)["properties"].pop("severity"),
    "member of an answer optional": lambda d: EVENT(d)["required"].remove("event_id"),
    "member of an answer nullable": lambda d: EVENT(d)["properties"]["event_id"].update(nullable=True),
    "member of an answer retyped": lambda d: EVENT(d)["properties"].update(event_id={"type": "integer"}),
    "enum value removed": lambda d: schema("EventCategory")(d)["enum"].remove("gateway"),
    "enum value added to an answer": lambda d: schema("EventOutcome")(d)["enum"].append("unknown"),
    "enum where there was none": lambda d: REQUEST(d)["properties"]["version"].update(enum=["1.0"]),
    "maxLength lowered": lambda d: own(d)["properties"]["event_type"].update(maxLength=99),
    "maxLength where there was none": lambda d: schema("WorkflowRequest", "content")(d).update(maxLength=10),
    "minLength raised": lambda d: own(d)["properties"]["event_type"].update(minLength=2),
    "maximum lowered": lambda d: REQUEST(d)["properties"]["duration_ms"].update(maximum=5),
    "minimum raised": lambda d: REQUEST(d)["properties"]["duration_ms"].update(minimum=5),
    "maxItems lowered": lambda d: at(
        d["paths"][f"{EVENTS}/batch"], "post.requestBody.content.application/json.schema"
    ).update(maxItems=999),
    "pattern added": lambda d: REQUEST(d)["properties"]["version"].update(pattern="^1"),
    "format added": lambda d: REQUEST(d)["properties"]["version"].update(format="semver"),
    "type of a request changed": lambda d: REQUEST(d)["properties"]["version"].update(type="number"),
    "null not taken": lambda d: REQUEST(d)["properties"]["severity"].pop("nullable"),
    "other members not taken": lambda d: REQUEST(d).update(additionalProperties=False),
    "items narrowed": lambda d: schema("CustomLabels")(d)["additionalProperties"].update(maxItems=1),
    "alternatives changed": lambda d: schema("WorkflowRequest", "parameters")(d)["anyOf"].pop(),
    "type of event removed": lambda d: schema("TypedAuditEvent")(d)["oneOf"].pop(),
    "type of event taken from the free ones": lambda d: own(d)["properties"]["event_type"]["not"]["enum"].append("a.b"),
    "payload narrowed": lambda d: schema("PayloadNotificationSent", "channel")(d).update(type="integer"),
    "payload's member required": lambda d: schema("PayloadNotificationSent")(d).update(required=["channel"]),
    "union where there was none": lambda d: schema("WorkflowLabels")(d).update(
        oneOf=[{"type": "object", "maxProperties": 5}]
    ),
    "parameter removed": lambda d: d["paths"][EVENTS]["get"]["parameters"].remove(parameter(d, EVENTS, "severity")),
    "parameter required": lambda d: parameter(d, EVENTS, "severity").update(required=True),
    "parameter narrowed": lambda d: parameter(d, EVENTS, "limit")["schema"].update(maximum=500),
    "empty value not taken": lambda d: parameter(d, EVENTS, "severity").pop("allowEmptyValue"),
    "new required parameter": lambda d: d["paths"][EVENTS]["get"]["parameters"].append(
        {"name": "tenant", "in": "query", "required": True, "schema": {"type": "string"}}
    ),
    "answer removed": lambda d: d["paths"][EVENTS]["post"]["responses"].pop("200"),
    "media type removed": lambda d: d["paths"][EVENTS]["get"]["responses"]["200"]["content"].pop("text/csv"),
    "header removed": lambda d: d["paths"][EVENTS]["get"]["responses"]["200"]["headers"].pop("Link"),
    "body required": lambda d: at(d["paths"]["/api/v1/workflows/{workflow_id}/disable"], "patch.requestBody").update(
        required=True
    ),
}

HARMLESS: dict[str, Callable[[Any], Any]] = {
    "operation added": lambda d: d["paths"].update({"/new": {"get": {"operationId": "new", "responses": {}}}}),
    "optional member added": lambda d: REQUEST(d)["properties"].update(colour={"type": "string"}),
    "member of an answer added": lambda d: (
        EVENT(d)["properties"].update(colour={"type": "string"}),
        EVENT(d)["required"].append("colour"),
    ),
    "optional parameter added": lambda d: d["paths"][EVENTS]["get"]["parameters"].append(
        {"name": "tenant", "in": "query", "schema": {"type": "string"}}
    ),
    "limit loosened": lambda d: own(d)["properties"]["event_type"].update(maxLength=101, minLength=0),
    "pattern dropped": lambda d: REQUEST(d)["properties"]["trace_id"].pop("pattern"),
    "member not required any more": lambda d: REQUEST(d)["required"].remove("version"),
    "null taken": lambda d: REQUEST(d)["properties"]["actor_id"].update(nullable=True),
    "answer never null": lambda d: EVENT(d)["properties"]["severity"].pop("nullable"),
    "answer added": lambda d: d["paths"][EVENTS]["post"]["responses"].update({"418": {"description": "teapot"}}),
    "member of a payload added": lambda d: schema("PayloadNotificationSent")(d)["properties"].update(
        more={"type": "string"}
    ),
    "alternative added": lambda d: schema("WorkflowRequest", "parameters")(d)["anyOf"].append({"type": "string"}),
    "other words": lambda d: REQUEST(d).update(description="Said better."),
}


@pytest.mark.parametrize("name", BREAKING)
def test_what_breaks_programs_is_found(name: str) -> None:
    changed = copy.deepcopy(DOCUMENT)
    BREAKING[name](changed)
    assert breaking_changes(DOCUMENT, changed) != []


@pytest.mark.parametrize("name", HARMLESS)
def test_what_breaks_nobody_is_not(name: str) -> None:
    changed = copy.deepcopy(DOCUMENT)
    HARMLESS[name](changed)
    assert breaking_changes(DOCUMENT, changed) == []
