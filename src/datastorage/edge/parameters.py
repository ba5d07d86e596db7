"""Query, path and header parameters: parsed once into the contract's types, all violations found at once.

Strict where silence would mislead: an unknown or repeated query parameter is refused by name, since a filter that is
ignored answers a question that nobody asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from datastorage.edge.contract import Operation, Parameter
from datastorage.edge.exchange import Exchange
from datastorage.edge.json_text import decode
from datastorage.edge.negotiation import negotiated
from web.problems import Violation, validation_problem

__all__ = ["ParameterValidator"]

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,300}(\.[0-9]{1,300})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}
_MAX_FIELDS = 200


class ParameterValidator:
    """Checks the parameters of every operation and leaves their values in the exchange.

    Connexion makes one validator for each request; ours is compiled once and shared.
    """

    def __init__(self, operations: Mapping[str, Operation]) -> None:
        self._operations = operations
        self._query = {
            operation_id: {entry.name: entry for entry in operation.parameters if entry.place == "query"}
            for operation_id, operation in operations.items()
        }

    def validate(self, scope: Any, exchange: Exchange) -> None:
        """Check the parameters and choose the answer's media type. Raises Problem: 400 or 406."""
        exchange.path_params = scope.get("path_params") or {}
        operation = self._operations[exchange.operation_id]
        exchange.media_type = negotiated(exchange.headers.get("accept", ""), operation.produces)
        violations = list(_unreadable(scope))
        raw = _parsed_query(scope["query_string"], violations) if scope["query_string"] else {}
        declared = self._query[exchange.operation_id]
        violations.extend(_unknown(raw, declared))
        for parameter in operation.parameters:
            self._take(parameter, raw, exchange, violations)
        if violations:
            raise validation_problem(violations)

    @staticmethod
    def _take(
        parameter: Parameter, query: dict[str, list[str]], exchange: Exchange, violations: list[Violation]
    ) -> None:
        if parameter.place == "query":
            texts = query.get(parameter.name, [])
            if parameter.allow_empty and texts == [""]:
                texts = []  # clients of V1.0 send `severity=` and mean no filter
        else:
            source = exchange.path_params if parameter.place == "path" else exchange.headers
            key = parameter.name.lower() if parameter.place == "header" else parameter.name
            texts = [source[key]] if key in source else []
        if not texts:
            if parameter.required:
                violations.append(_violation(parameter, "is required", "required"))
            elif parameter.place == "query" and parameter.default is not None:
                exchange.query[parameter.name] = parameter.default
            return
        found = list(_check(parameter, texts))
        violations.extend(found)
        if parameter.place == "query" and not found:
            exchange.query[parameter.name] = _value(parameter, texts)


def _unreadable(scope: Any) -> Iterator[Violation]:
    # The server puts U+FFFD where a path is no UTF-8, which would ask for another record; it may also be meant so.
    if "\N{REPLACEMENT CHARACTER}" in scope["path"]:
        try:
            unquote_to_bytes(scope.get("raw_path") or scope["path"]).decode()
        except UnicodeDecodeError:
            yield Violation("#/path", "the path is not percent-encoded UTF-8", "path", "encoding")


def _parsed_query(text: bytes, violations: list[Violation]) -> dict[str, list[str]]:
    parsed: dict[str, list[str]] = {}
    try:
        pairs = parse_qsl(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except UnicodeError:
        violations.append(Violation("#/query", "the query string is not percent-encoded UTF-8", "query", "encoding"))
        return parsed
    except ValueError:
        message = f"the query string has more than {_MAX_FIELDS} parameters"
        violations.append(Violation("#/query", message, "query", "exceeds_max_items"))
        return parsed
    for name, value in pairs:
        parsed.setdefault(name, []).append(value)
    return parsed


def _unknown(raw: Mapping[str, Any], declared: Mapping[str, Parameter]) -> Iterator[Violation]:
    for name in raw:
        if name not in declared:
            shown = name[:80].encode("unicode_escape").decode("ascii")
            known = ", ".join(declared) or "none"
            yield Violation(f"#/query/{shown}", f"unknown query parameter {shown}; known: {known}", shown, "unknown")


def _violation(parameter: Parameter, message: str, reason: str) -> Violation:
    return Violation(f"#/{parameter.place}/{parameter.name}", f"{parameter.name} {message}", parameter.name, reason)


def _check(parameter: Parameter, texts: list[str]) -> Iterator[Violation]:
    if len(texts) > 1 and parameter.kind != "array":
        yield _violation(parameter, "is given more than once", "repeated")
    elif any("\x00" in text for text in texts):
        yield _violation(parameter, "contains the character U+0000", "storable")
    elif parameter.is_json:
        decoded = decode(texts[0].encode(), parameter.name)
        root = f"#/{parameter.place}/{parameter.name}"
        yield from (violation._replace(pointer=root + violation.pointer[1:]) for violation in decoded.violations)
        if not decoded.violations:
            yield from parameter.validator.violations(decoded.document, parameter.name, root)
    elif (value := _value(parameter, texts)) is None:
        yield _violation(parameter, f"must be {_EXPECTED[parameter.kind]}", "type")
    else:
        yield from parameter.validator.violations(value, parameter.name, f"#/{parameter.place}/{parameter.name}")


_EXPECTED = {"integer": "an integer", "number": "a number", "boolean": "true or false"}


def _value(parameter: Parameter, texts: list[str]) -> Any:
    """The typed value; None where the text is not of the type. A JSON parameter stays text, with every digit."""
    text = texts[0]
    if parameter.kind == "array":
        return texts
    if parameter.kind == "integer" and not parameter.is_json:
        return int(text) if _INTEGER.fullmatch(text) else None
    if parameter.kind == "number" and not parameter.is_json:
        return float(text) if _NUMBER.fullmatch(text) else None
    if parameter.kind == "boolean" and not parameter.is_json:
        return _BOOLEANS.get(text)
    return text
