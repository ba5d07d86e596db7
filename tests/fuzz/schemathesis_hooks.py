"""What makes Schemathesis' random requests possible ones, loaded by schemathesis.toml.

A schema cannot say that a time is near now, that a parent exists, that a hash fits its text, that a cursor came from an
answer. Requests that the schema admits are put right in these points, so that all of them must be taken; those that
break the schema keep what they have.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import AcceptedNegativeData, Failure

__all__ = ["put_right", "without_nul"]

_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([Tt])\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_HASH = re.compile(r"[0-9a-fA-F]{64}")
#: Ids of events that were stored, the newest last.
_stored: list[str] = []
#: Cursors that were given out, with the path and the query of the page that they continue.
_cursors: dict[str, tuple[str, dict[str, Any]]] = {}
#: The entity tag of each address as it was seen last.
_tags: dict[str, str] = {}

_durations = st.lists(
    st.builds("{}{}".format, st.sampled_from(["0", "1", "24", "7.", ".5", "1.25", "9999999999"]),
              st.sampled_from(["d", "h", "m", "s", "ms", "us", "µs", "ns"])),
    min_size=1, max_size=8,
).map("".join)  # fmt: skip
_days = st.dates().map(str)
_times = st.sampled_from(["", "T00:00:00", "t23:59:59.999999999999Z", "T12:00:00+14:00", "T12:00:00-23:59"])
schemathesis.openapi.format("time-or-duration", st.one_of(_durations, st.builds("{}{}".format, _days, _times)))


@schemathesis.hook
def before_call(context: HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put right what the schema cannot say."""
    bodies = case.body if isinstance(case.body, list) else [case.body]
    for body in bodies:
        if isinstance(body, dict):
            put_right(body)
    fits = case.meta is not None and case.meta.generation.mode.is_positive
    if case.query:
        _put_query_right(case, fits=fits)
    if fits and case.headers and "If-Match" in case.headers:  # a random one is out of date
        case.headers["If-Match"] = _tags.get(case.formatted_path.removesuffix("/disable"), "*")
    if fits:
        # PostgreSQL's text has no U+0000: info.description says so once for all strings of the contract.
        for part in ("body", "query", "path_parameters", "headers"):
            if "\\x00" in repr(sent := getattr(case, part)):
                setattr(case, part, without_nul(sent))
    elif len(repr(case.body)) % 2:
        (case.headers or {}).pop("Prefer", None)  # else nearly all invalid batches would be lenient


@schemathesis.hook
def after_call(context: HookContext, case: Case, response: Response) -> None:
    """Remember what later requests may name."""
    if response.status_code not in {200, 201} or "json" not in response.headers.get("content-type", [""])[0]:
        return
    answer = response.json()
    if "workflow_id" in answer and (tag := response.headers.get("etag")):
        _tags[f"/api/v1/workflows/{answer['workflow_id']}"] = tag[0]
    if case.operation.definition.raw.get("operationId") == "create_audit_event" and response.status_code == 201:
        _stored.append(answer["event_id"])
    pagination = answer.get("pagination", answer) if isinstance(answer, dict) else {}
    if cursor := pagination.get("next_cursor"):
        asked = {name: value for name, value in (case.query or {}).items() if name not in {"cursor", "offset"}}
        _cursors[cursor] = (case.formatted_path, asked)


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case, response: Response) -> bool:
    """With `Prefer: handling=lenient` an invalid event is an item of the answer, not a refusal of the request.

    And a body of null fits a schema that is nullable, whatever Schemathesis thinks of it.
    """
    if not isinstance(failure, AcceptedNegativeData):
        return True
    if case.body is None:
        return case.operation.definition.raw.get("operationId") != "disable_workflow"
    is_lenient = "lenient" in str((case.headers or {}).get("Prefer"))
    return not is_lenient or all(result["status"] != "rejected" for result in response.json()["results"])


def put_right(body: dict[str, Any]) -> None:
    """Change what no schema can say, in place: times near now, ids, hashes, reserved names."""
    now = datetime.now(UTC)
    for name, oldest in (("event_timestamp", now - timedelta(days=6)), ("sent_at", None)):
        if isinstance(text := body.get(name), str) and (match := _INSTANT.fullmatch(text)):
            body[name] = _near_now(match, now, oldest)
    if isinstance(event_id := body.get("event_id"), str) and re.fullmatch(r"[0-9a-f-]{14}7[0-9a-f-]{21}", event_id):
        body["event_id"] = f"{event_id[:14]}4{event_id[15:]}"  # a UUIDv7 of the future is refused
    if isinstance(scope := body.get("scope"), dict):
        _put_range_right(scope)
    if _is_uuid(parent := body.get("parent_event_id")) and parent not in _stored:
        body["parent_event_id"] = _stored[-1] if _stored else None
    for name in ("event_type", "actor_id"):  # the service's own names are reserved
        if str(body.get(name)).startswith("datastorage"):
            body[name] = f"x.{body[name]}"[:50]
    if isinstance(content := body.get("content"), str) and _HASH.fullmatch(str(body.get("content_hash"))):
        body["content"] = without_nul(content)
        body["content_hash"] = hashlib.sha256(body["content"].encode("utf-8", "surrogatepass")).hexdigest()


def _near_now(match: re.Match[str], now: datetime, oldest: datetime | None) -> str:
    """The time as it is if it lies between `oldest` and now, else now in its zone, written as it is written."""
    separator, fraction, zone = match.groups()
    try:
        meant = datetime.fromisoformat(match[0].upper())
        if (oldest is None or meant > oldest) and meant < now:
            return match[0]
        zoned = now.astimezone(meant.tzinfo)
    except (ValueError, OverflowError):  # no time at all: the service says so
        return match[0]
    return f"{zoned:%Y-%m-%d}{separator}{zoned:%H:%M:%S}{fraction or ''}{zone}"


def _put_range_right(scope: dict[str, Any]) -> None:
    """A legal hold's range of time does not end before it begins."""
    try:
        since, until = (datetime.fromisoformat(scope[name].upper()) for name in ("since", "until"))
        if until < since:
            scope["since"], scope["until"] = scope["until"], scope["since"]
    except (KeyError, AttributeError, TypeError, ValueError, OverflowError):  # not both, or no times: left as it is
        return


def _put_query_right(case: Case, *, fits: bool) -> None:
    """A cursor that an answer gave goes with the query of its page; any other is left to requests that are to fail."""
    dropped = {"cursor"}
    path, asked = _cursors.get(str(case.query.get("cursor")), ("", {}))
    if path == case.formatted_path:
        case.query = {**asked, "cursor": case.query["cursor"]}
        return
    for alias, name in (("start_time", "since"), ("end_time", "until")):
        if name in case.query:
            dropped.add(alias)  # which is refused where it says something else
    if str(case.query.get("data")) in {"", '""'}:
        dropped.add("data")  # `data=` is empty, not the JSON text of an empty string
    if fits and dropped & set(case.query):
        case.query = {name: value for name, value in case.query.items() if name not in dropped}


def _is_uuid(value: object) -> bool:
    try:
        return isinstance(value, str) and bool(uuid.UUID(value))
    except ValueError:
        return False


def without_nul(value: Any) -> Any:
    """`value` with another character in the place of U+0000, at all depths."""
    if isinstance(value, str):
        return value.replace("\0", "0")
    if isinstance(value, list):
        return [without_nul(item) for item in value]
    if isinstance(value, dict):
        return {without_nul(key): without_nul(item) for key, item in value.items()}
    return value
