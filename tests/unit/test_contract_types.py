"""src/contract/generated is what the contract makes of it, and what handlers and records agree with."""

import copy
import importlib
import inspect
import subprocess
import sys
import typing
from datetime import date, datetime
from pathlib import Path
from types import NoneType, UnionType
from uuid import UUID

import msgspec
import pytest

from contract.generated.operations import OPERATIONS
from datastorage.edge.app import find_handlers
from datastorage.edge.contract import Contract, SpecError, load_spec, validated

ROOT = Path(__file__).parents[2]
DOCUMENT = load_spec()[1]
CONTRACT = Contract(DOCUMENT)
TOOL = importlib.util.spec_from_file_location("contract_types", ROOT / "tools" / "contract_types.py")
generator = importlib.util.module_from_spec(TOOL)
TOOL.loader.exec_module(generator)

JSON_TYPES = {
    str: "string",
    UUID: "string",
    datetime: "string",
    date: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    list: "array",
    tuple: "array",
    dict: "object",
    NoneType: "null",
}
FORMATS = {UUID: "uuid", datetime: "date-time", date: "date"}


def test_the_generated_types_are_not_stale():
    command = [sys.executable, "tools/contract_types.py", "--check"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_the_table_has_every_operation_of_the_contract_as_the_edge_compiles_it():
    compiled = {
        name: (
            one.method,
            one.path,
            tuple(tuple(sorted(group)) for group in one.required.groups) if one.required else (),
        )
        for name, one in CONTRACT.operations.items()
    }
    table = {
        name: (one.method, one.path, tuple(tuple(sorted(group)) for group in one.scopes))
        for name, one in OPERATIONS.items()
    }
    assert table == compiled


@pytest.mark.parametrize("name", sorted(find_handlers()))
def test_a_handler_takes_and_answers_the_types_of_its_operation(name):
    signature = inspect.signature(find_handlers()[name], eval_str=True)
    request = next(iter(signature.parameters.values())).annotation
    assert (request, signature.return_annotation) == (OPERATIONS[name].request, OPERATIONS[name].answer)


@pytest.mark.parametrize("place", sorted(generator.RECORDS))
def test_a_record_has_the_members_of_the_schema_that_it_stands_for(place):
    module, _, name = generator.RECORDS[place].rpartition(".")
    record = getattr(importlib.import_module(module), name)
    schema = _schema(place)
    described = msgspec.inspect.type_info(record)
    members = {field.encode_name: field for field in described.fields}

    assert set(members) == set(schema["properties"])
    left_out = {one for one, field in members.items() if record.__struct_config__.omit_defaults and not field.required}
    assert left_out.isdisjoint(schema.get("required", ()))
    hints = typing.get_type_hints(record)
    wrong = {
        one: (hints[one], member)
        for one, member in schema["properties"].items()
        if not _fits(hints[one], member, omitted=one in left_out)
    }
    assert wrong == {}


def test_a_record_that_differs_from_its_schema_is_found():
    assert not _fits(int, {"type": "string"}, omitted=False)
    assert not _fits(str | None, {"type": "string"}, omitted=False)
    assert not _fits(str, {"type": "string", "format": "uuid"}, omitted=False)
    assert _fits(str | None, {"type": "string"}, omitted=True)


def _schema(place):
    name, *steps = place.split("/")
    schema = _resolved(DOCUMENT["components"]["schemas"][name])
    for step in steps:
        schema = schema["items"] if step == "items" else schema["properties"][step]
    return schema


def _resolved(schema):
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    if "allOf" in schema:
        parts = [_resolved(part) for part in schema["allOf"]]
        return {
            "properties": {name: member for part in parts for name, member in part["properties"].items()},
            "required": [name for part in parts for name in part.get("required", ())],
        }
    return schema


def _fits(hint, schema, *, omitted):
    """Whether values of the type `hint` are what the schema says; omitted: its default is not written."""
    schema = _resolved(schema)
    kinds = set(typing.get_args(hint)) if typing.get_origin(hint) in {typing.Union, UnionType} else {hint}
    if omitted:
        kinds.discard(NoneType)
    if msgspec.Raw in kinds:  # JSON text as it is in the table
        return NoneType not in kinds or schema.get("nullable", False)
    if (NoneType in kinds) != schema.get("nullable", False):
        return False
    return all(_is_kind(kind, schema) for kind in kinds - {NoneType})


def _is_kind(kind, schema):
    if typing.get_origin(kind) is typing.Literal:
        return set(typing.get_args(kind)) <= set(schema["enum"])
    origin = typing.get_origin(kind) or kind
    if isinstance(origin, type) and issubclass(origin, msgspec.Struct):
        return schema.get("type") == "object"
    if origin.__module__ == "collections.abc":
        return schema.get("type") == {"Mapping": "object", "Sequence": "array"}[origin.__name__]
    if FORMATS.get(origin, "") != (schema.get("format", "") if schema.get("format") in FORMATS.values() else ""):
        return False
    return JSON_TYPES[origin] == schema.get("type")


def test_a_contract_edited_by_hand_stops_the_start():
    text = load_spec()[0]
    with pytest.raises(SpecError, match="is not the one that was validated: run `make generate`"):
        validated(text + b"\n")


@pytest.mark.parametrize(
    "edit",
    [
        lambda document: document["paths"]["/health"]["get"].pop("responses"),
        lambda document: document["components"]["schemas"]["EventCategory"].update(default="nonsense"),
    ],
)
def test_generating_refuses_a_contract_that_is_not_valid(edit):
    document = copy.deepcopy(dict(DOCUMENT))
    assert generator._wrong_with(document) == ""
    edit(document)
    assert generator._wrong_with(document) != ""
