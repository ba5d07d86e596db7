"""From an event to the JSON text that is sent: checked, snapshotted and with its id, at `store`."""

from __future__ import annotations

import datetime as dt
import enum
import json
import re
import uuid
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Protocol

from datastorage_client._ids import uuid7
from datastorage_client.errors import FieldError, InvalidEventError
from datastorage_client.generated.event_rules import EVENT_RULES

__all__ = ["Event", "EventModel", "encode_event", "encode_events", "event_id_of"]

#: json's fast encoder cannot write a Decimal, so its digits travel in a marked text that loses its quotes afterwards.
_MARK = f"decimal-{uuid7()}:"
_MARKED = re.compile(rf'"{_MARK}([^"]*)"')
_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
_PREFIX = '{"event_id":"'
_ID = slice(len(_PREFIX), len(_PREFIX) + 36)
_Check = Callable[[Any], str | None]


class EventModel(Protocol):
    """What generated models have."""

    def to_dict(self) -> dict[str, Any]:
        """The event as a dictionary."""
        ...


Event = Mapping[str, Any] | EventModel


def encode_event(event: Event) -> tuple[str, bytes]:
    """The event's id, minted where it brings none, and its JSON text. The text always starts with the id.

    datetime, UUID, Enum and Decimal are written as text, as text, as their value and as a number with every digit.
    Raises InvalidEventError with every violation that the contract's rules find without the service.
    """
    members = dict(event) if type(event) is dict or isinstance(event, Mapping) else event.to_dict()
    timestamp = members.get("event_timestamp")
    if isinstance(timestamp, dt.datetime):
        members["event_timestamp"] = timestamp.isoformat()
    if flaws := _flaws(members):
        raise InvalidEventError(flaws)
    event_id = str(members.pop("event_id", None) or uuid7()).lower()
    return event_id, _encoded(event_id, members)


def encode_events(events: Iterable[Event]) -> bytes:
    """The JSON array of these events. Raises InvalidEventError with pointers such as `#/3/event_type`."""
    payloads: list[bytes] = []
    flaws: list[FieldError] = []
    for index, event in enumerate(events):
        try:
            payloads.append(encode_event(event)[1])
        except InvalidEventError as error:  # noqa: PERF203 - every bad event is to be named
            flaws += [FieldError(f"#/{index}{one.pointer[1:]}", one.detail) for one in error.errors]
    if flaws:
        raise InvalidEventError(flaws)
    return b"[" + b",".join(payloads) + b"]"


def event_id_of(payload: bytes) -> str:
    """The id of an encoded event."""
    return payload[_ID].decode("ascii")


def _encoded(event_id: str, members: dict[str, Any]) -> bytes:
    try:
        text = _dumps(members)
        if _MARK in text:
            text = _MARKED.sub(r"\1", text)
        return f'{_PREFIX}{event_id}",{text[1:]}'.encode()
    except (TypeError, ValueError, RecursionError) as error:  # UnicodeEncodeError is a ValueError
        raise InvalidEventError([FieldError("#", f"the event cannot be written as JSON: {error}")]) from None


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal) and value.is_finite():
        return f"{_MARK}{value}"
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


_dumps = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"), default=_plain).encode


def _flaws(members: Mapping[str, Any]) -> list[FieldError]:
    flaws = [FieldError(f"#/{name}", f"{name} is required") for name in _REQUIRED if name not in members]
    for name, value in members.items():
        check = _CHECKS.get(name)
        if check is not None and (wrong := check(value)):
            flaws.append(FieldError(f"#/{name}", f"{name} {wrong}"))
    return flaws


def _text(rule: Mapping[str, Any]) -> _Check:
    least, most = rule.get("minLength", 0), rule.get("maxLength", 1 << 62)

    def check(value: Any) -> str | None:
        if not isinstance(value, str):
            return f"must be a string, not {type(value).__name__}"
        if least <= len(value) <= most:
            return None
        return f"has {len(value)} characters; {f'at most {most}' if value else f'at least {least}'} are allowed"

    return check


def _matching(pattern: re.Pattern[str], form: str) -> _Check:
    def check(value: Any) -> str | None:
        text = str(value) if isinstance(value, uuid.UUID) else value
        return None if isinstance(text, str) and pattern.fullmatch(text) else f"must be {form}"

    return check


def _one_of(values: frozenset[str]) -> _Check:
    listed = ", ".join(sorted(values))

    def check(value: Any) -> str | None:
        plain = value.value if isinstance(value, enum.Enum) else value
        return None if isinstance(plain, str) and plain in values else f"must be one of {listed}; got {value!r}"

    return check


def _integer(rule: Mapping[str, Any]) -> _Check:
    least, most = rule.get("minimum", -(1 << 63)), rule.get("maximum", 1 << 63)

    def check(value: Any) -> str | None:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return None
        return f"must be an integer from {least} to {most}; got {value!r}"

    return check


def _object(value: Any) -> str | None:
    return (
        None if type(value) is dict or isinstance(value, Mapping) else f"must be an object, not {type(value).__name__}"
    )


def _or_null(check: _Check) -> _Check:
    return lambda value: None if value is None else check(value)


def _check_of(rule: Mapping[str, Any]) -> _Check:
    if "enum" in rule:
        check = _one_of(frozenset(rule["enum"]))
    elif rule.get("format") == "date-time":
        check = _matching(_RFC_3339, "an RFC 3339 date-time with a time zone")
    elif rule.get("format") == "uuid":
        check = _matching(_UUID, "a UUID")
    elif "pattern" in rule:
        check = _matching(re.compile(rule["pattern"]), f"text that matches {rule['pattern']}")
    elif rule.get("type") == "integer":
        check = _integer(rule)
    elif rule.get("type") == "string":
        check = _text(rule)
    else:
        check = _object
    return _or_null(check) if rule.get("nullable") else check


_REQUIRED = tuple(name for name, rule in EVENT_RULES.items() if rule["required"])
_CHECKS = {name: _check_of(rule) for name, rule in EVENT_RULES.items()}
