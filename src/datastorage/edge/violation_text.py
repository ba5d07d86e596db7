"""Violations of a JSON Schema in words: a short sentence each, which quotes at most 80 characters of what was sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import jsonschema_rs

from audit.instants import FORMS

__all__ = ["message_of", "reason_of"]

#: Characters of a value or a name that a message quotes.
_SHOWN = 80
#: Unknown members that a message names.
_NAMED = 10
#: Reasons as metrics name them, where they are not the keyword itself. A date-time breaks its pattern and its format.
_REASONS = {
    "pattern": "format",
    "maxLength": "exceeds_max_length",
    "maxItems": "exceeds_max_items",
    "maxProperties": "exceeds_max_properties",
    "maximum": "exceeds_maximum",
    "exclusiveMaximum": "exceeds_maximum",
    "minLength": "below_min_length",
    "minItems": "below_min_items",
    "minProperties": "below_min_properties",
    "minimum": "below_minimum",
    "exclusiveMinimum": "below_minimum",
    "multipleOf": "not_a_multiple",
    "uniqueItems": "repeated",
    "additionalProperties": "unknown",
    "anyOf": "type",
    "oneOf": "type",
}
_TYPES = {
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "object": "an object",
    "array": "an array",
    "null": "null",
}
_FORMATS = {
    "date-time": " must be an RFC 3339 date-time with a time zone, such as 2025-12-01T10:00:00Z",
    "date": " must be a date, such as 2025-12-01",
    "uuid": " must be a UUID, such as 01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d",
    "email": " must be an e-mail address",
    "time-or-duration": f": invalid time format; write {FORMS}",
    "cursor": " is not valid; pass next_cursor on as it came",
    "not-blank": " is required and must not be blank",
}


def _expected(owner: Mapping[str, Any]) -> str:
    kinds = owner["type"] if isinstance(owner["type"], list) else [owner["type"]]
    return " or ".join(_TYPES[kind] for kind in kinds)


def _options(owner: Mapping[str, Any], instance: Any) -> str:
    listed = ", ".join("null" if option is None else str(option) for option in owner["enum"])
    return f" must be one of {listed}; got {_shown(instance)}"


def _spelled(value: Any) -> str:
    return _TYPES["object" if isinstance(value, dict) else "array"] if isinstance(value, (dict, list)) else str(value)


def _shown(value: Any) -> str:
    text = f'"{value}"' if isinstance(value, str) else re.sub(r"\s+", " ", _spelled(value))
    return _cut("".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text[: _SHOWN + 1]))


def _cut(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _format(owner: Mapping[str, Any]) -> str:
    if "format" in owner:
        return _FORMATS.get(owner["format"], f" must be a valid {owner['format']}")
    return f" must match the pattern {owner['pattern']}"


_MESSAGES: Mapping[str, Callable[[Mapping[str, Any], Any], str]] = {
    "required": lambda _owner, _instance: " is required",
    "type": lambda owner, _instance: f" must be {_expected(owner)}",
    "enum": _options,
    "format": lambda owner, _instance: _format(owner),
    "pattern": lambda owner, _instance: _format(owner),
    "minimum": lambda owner, _instance: f" must be at least {owner['minimum']}",
    "maximum": lambda owner, _instance: f" must be at most {owner['maximum']}",
    "exclusiveMinimum": lambda owner, _instance: f" must be more than {owner['exclusiveMinimum']}",
    "exclusiveMaximum": lambda owner, _instance: f" must be less than {owner['exclusiveMaximum']}",
    "multipleOf": lambda owner, _instance: f" must be a multiple of {owner['multipleOf']}",
    "minLength": lambda owner, instance: (
        f"{'' if instance else ' is required'}: minimum string length is {owner['minLength']}"
        f", actual is {len(instance)}"
    ),
    "maxLength": lambda owner, instance: f": maximum string length is {owner['maxLength']}, actual is {len(instance)}",
    "minItems": lambda owner, instance: (
        f" must not be empty: at least {owner['minItems']} item is needed"
        if not instance
        else f" must have at least {owner['minItems']} items; got {len(instance)}"
    ),
    "maxItems": lambda owner, instance: f" must have at most {owner['maxItems']} items; got {len(instance)}",
    "uniqueItems": lambda _owner, _instance: " must not repeat an item",
    "minProperties": lambda owner, instance: (
        f" must have at least {owner['minProperties']} members; got {len(instance)}"
    ),
    "maxProperties": lambda owner, instance: (
        f" must have at most {owner['maxProperties']} members; got {len(instance)}"
    ),
}


def reason_of(keyword: str, instance: Any, owner: Mapping[str, Any]) -> str:
    """The reason that metrics count for an `instance` that breaks `keyword` of the schema `owner`."""
    is_blank = owner.get("format") == "not-blank" or instance == ""
    return "required" if keyword in {"minLength", "pattern"} and is_blank else _REASONS.get(keyword, keyword)


def message_of(keyword: str, error: jsonschema_rs.ValidationError, owner: Mapping[str, Any]) -> str:
    """What follows the field's name in a violation's detail. owner: the schema that holds the keyword."""
    if keyword == "additionalProperties":
        unexpected = error.kind.as_dict()["unexpected"]
        more = f" and {len(unexpected) - _NAMED} more" if len(unexpected) > _NAMED else ""
        return f" has unknown members: {', '.join(_cut(str(name)) for name in unexpected[:_NAMED])}{more}"
    if keyword in {"anyOf", "oneOf"} and all("type" in part for part in owner[keyword]):
        return " must be " + " or ".join(_expected(part) for part in owner[keyword])
    if keyword in _MESSAGES:
        return _MESSAGES[keyword](owner, error.instance)
    return f" does not fit the contract ({keyword})"
