"""OpenAPI 3.0 schema objects as JSON Schema, compiled, with violations that a person understands.

OpenAPI 3.0 is a dialect: `nullable`, boolean `exclusiveMinimum` and annotations have no meaning for a JSON Schema
validator, so each schema is converted once at the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from datastorage.edge.violation_text import message_of, reason_of
from web.problems import MAX_VIOLATIONS, Violation

__all__ = ["SchemaValidator", "inlined", "merged", "to_json_schema"]

#: Keywords with a meaning for validation; everything else (example, description, xml, x-…) is dropped.
_KEPT = frozenset(
    "type enum format pattern required multipleOf minimum maximum minLength maxLength "  # noqa: SIM905 - a word list
    "minItems maxItems uniqueItems minProperties maxProperties".split()
)
_NESTED = ("items", "not")
_LISTS = ("allOf", "anyOf", "oneOf")
#: RFC 3339 without leap seconds, and in years that can be moved to any time zone: what the stores can hold.
_DATE_TIME = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9]"
#: Values that a document may have for all its violations to be listed, and not only the first.
_LISTED_VALUES = 500
#: Where an item stands: its indexes in the arrays around it.
_At = tuple[int, ...]


def inlined(document: Mapping[str, Any], node: Any) -> Any:
    """`node` with every `$ref` into `document` replaced by what it names; what is named twice is one object.

    Raises ValueError for a recursive or dangling reference.
    """
    return _inlined(document, node, (), {})


def _inlined(document: Mapping[str, Any], node: Any, path: tuple[str, ...], known: dict[str, Any]) -> Any:
    if isinstance(node, list):
        return [_inlined(document, item, path, known) for item in node]
    if not isinstance(node, dict):
        return node
    reference = node.get("$ref")
    if reference is None:
        return {key: _inlined(document, value, path, known) for key, value in node.items()}
    if reference in path:
        raise ValueError(f"{reference} refers to itself")
    if reference not in known:
        known[reference] = _inlined(document, _target(document, reference), (*path, reference), known)
    return known[reference]


def _target(document: Mapping[str, Any], reference: str) -> Any:
    target: Any = document
    for part in reference.removeprefix("#/").split("/"):
        if part not in target:
            raise ValueError(f"{reference} names nothing")
        target = target[part]
    return target


def to_json_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON Schema (2020-12) that accepts what the inlined OpenAPI 3.0 `schema` accepts."""
    if any("discriminator" in part for part in schema.get("oneOf", ())):
        return _convert_tagged(schema["oneOf"])
    converted = {key: value for key, value in schema.items() if key in _KEPT}
    for key in _NESTED:
        if key in schema:
            converted[key] = to_json_schema(schema[key])
    for key in _LISTS:
        if key in schema:
            converted[key] = [to_json_schema(part) for part in schema[key]]
    if "properties" in schema:
        converted["properties"] = {name: to_json_schema(part) for name, part in schema["properties"].items()}
    if isinstance(extra := schema.get("additionalProperties"), Mapping):
        converted["additionalProperties"] = to_json_schema(extra)
    elif extra is False:
        converted["additionalProperties"] = False
    _convert_bounds(schema, converted)
    if converted.get("format") == "date-time":
        converted["pattern"] = converted.get("pattern", _DATE_TIME)
    _convert_nullable(schema, converted)
    return converted


def merged(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An inlined object schema with the members and required names of its allOf's parts as its own."""
    own = {key: value for key, value in schema.items() if key != "allOf"}
    for part in map(merged, schema.get("allOf", ())):
        own = {
            **part,
            **own,
            "properties": {**part.get("properties", {}), **own.get("properties", {})},
            "required": [*part.get("required", ()), *own.get("required", ())],
        }
    return own


def _convert_tagged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A union of objects told apart by a tag, and of one for all other tags: that one, with a condition for each tag.

    It accepts what the alternatives accept. A validator that tries all of them takes longer, and its messages are about
    alternatives that nobody meant.
    """
    (union,) = (part for part in parts if "discriminator" in part)
    (others,) = (part for part in parts if "discriminator" not in part)
    tag = union["discriminator"]["propertyName"]
    common = merged(others)
    common["properties"] = {
        **common["properties"],
        tag: {key: value for key, value in common["properties"][tag].items() if key != "not"},
    }
    converted = to_json_schema(common)
    converted["allOf"] = [_for_one_tag(tag, merged(variant), common) for variant in union["oneOf"]]
    return converted


def _for_one_tag(tag: str, variant: Mapping[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """What `variant` asks for beyond `common`."""
    members = variant["properties"]
    own = {name: to_json_schema(part) for name, part in members.items() if part != common["properties"].get(name)}
    (value,) = own.pop(tag)["enum"]
    for member in own.values():
        member.pop("type", None)  # the common schema says it already; twice would be two violations
    return {
        "if": {"properties": {tag: {"const": value}}, "required": [tag]},
        "then": {"properties": own},
    }


def _convert_bounds(schema: Mapping[str, Any], converted: dict[str, Any]) -> None:
    for bound, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if schema.get(exclusive) is True:
            converted[exclusive] = converted.pop(bound)


def _convert_nullable(schema: Mapping[str, Any], converted: dict[str, Any]) -> None:
    if not schema.get("nullable"):
        return
    if "type" in converted:
        converted["type"] = [converted["type"], "null"]
    if "enum" in converted and None not in converted["enum"]:
        converted["enum"] = [*converted["enum"], None]
    for key in ("anyOf", "oneOf"):
        if key in converted:
            converted[key] = [*converted[key], {"type": "null"}]


class SchemaValidator:
    """A compiled JSON Schema. Numbers may be Decimals and integers of any size."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._schema = schema
        self._compiled = jsonschema_rs.Draft202012Validator(schema, validate_formats=True)
        self.is_valid = self._compiled.is_valid
        is_array = schema.get("type") == "array" and "items" in schema
        self._item = SchemaValidator(schema["items"]) if is_array else None
        self._array = SchemaValidator({k: v for k, v in schema.items() if k != "items"}) if is_array else None

    def violations(self, document: Any, name: str, root: str = "#") -> list[Violation]:
        """What is wrong with `document`, in the order of the schema; empty when nothing is.

        name: what messages call the document as a whole. root: the pointer that stands for it. An array with too many
        items is told nothing else. Its items have at least one violation each where they have any, however many others
        have: who leaves out those at fault must know them all.
        """
        return [] if self.is_valid(document) else self.listed(document, name, root, (), MAX_VIOLATIONS + 1)

    @property
    def is_array(self) -> bool:
        """Whether it is for an array, which can be checked item by item."""
        return self._item is not None

    def of_array(self, items: Sequence[Any], name: str) -> list[Violation]:
        """What is wrong with an array, whatever its items are; for schemas of arrays only."""
        assert self._array is not None  # noqa: S101 - is_array was asked
        return self._array.violations([None] * len(items), name)

    def of_item(self, item: Any, index: int, name: str, most: int) -> list[Violation]:
        """What is wrong with one item of an array, at most so much of it; for schemas of arrays only."""
        assert self._item is not None  # noqa: S101 - is_array was asked
        return [] if self._item.is_valid(item) else self._item.listed(item, name, "#", (index,), most)

    def listed(self, document: Any, name: str, root: str, at: _At, most: int) -> list[Violation]:
        """What is wrong with a `document` that is not valid; at: where it stands itself."""
        if self._item is None or self._array is None or not isinstance(document, list):
            return self.listed_at_once(document, name, root, at, most)
        if not self._array.is_valid(document):
            return self._array.listed_at_once(document, name, root, at, most)
        found: list[Violation] = []
        for index, item in enumerate(document):
            if not self._item.is_valid(item):
                room = max(1, most - len(found))
                found.extend(self._item.listed(item, name, root, (*at, index), room))
        return found

    def listed_at_once(self, document: Any, name: str, root: str, at: _At, most: int) -> list[Violation]:
        """The same, without a look at the items one by one."""
        # iter_errors finds all errors before it hands out the first, at 50 us each: too many for a large document.
        few = most > 1 and _has_at_most(_LISTED_VALUES, document)
        found: dict[tuple[str, str], Violation] = {}
        for error in self._compiled.iter_errors(document) if few else self._first_error(document):
            violation = self._violation(error, name, root, at)
            found.setdefault((violation.pointer, violation.reason), violation._replace(alone=not few))
            if len(found) == most:
                break
        return list(found.values())

    def _first_error(self, document: Any) -> Iterator[jsonschema_rs.ValidationError]:
        try:
            self._compiled.validate(document)
        except jsonschema_rs.ValidationError as error:
            yield error

    def _violation(self, error: jsonschema_rs.ValidationError, name: str, root: str, at: _At) -> Violation:
        keyword = error.kind.name
        where = [*at, *error.instance_path]
        if keyword == "required":
            where.append(error.kind.as_dict()["property"])
        field = str(where[-1]) if where else name
        owner = self._owner(error)
        # Clients of V1.0 look for these words; they stand before whatever is wrong with a time.
        prefix = "invalid timestamp: " if owner.get("format") == "date-time" else ""
        detail = f"{prefix}{field}{message_of(keyword, error, owner)}"
        return Violation(_pointer(root, where), detail, _field(where, name), reason_of(keyword, error.instance, owner))

    def _owner(self, error: jsonschema_rs.ValidationError) -> Mapping[str, Any]:
        """The schema that holds the keyword which failed."""
        node: Any = self._schema
        for part in list(error.schema_path)[:-1]:
            node = node[part]
        return node if isinstance(node, Mapping) else {}


def _has_at_most(most: int, document: Any) -> bool:
    """Whether `document` has no more values than that, at all depths; looks at no more of them."""
    pending, seen = [document], 0
    while pending and seen <= most:
        value = pending.pop()
        seen += 1
        if isinstance(value, (dict, list)):
            if len(value) > most:
                return False
            pending.extend(value.values() if isinstance(value, dict) else value)
    return seen + len(pending) <= most


def _field(where: Sequence[str | int], name: str) -> str:
    """Dotted name of a member; a batch's index is not part of it."""
    members = [str(part) for part in where if not isinstance(part, int)]
    return ".".join(members) or name


def _pointer(root: str, where: Sequence[str | int]) -> str:
    return root + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where)
