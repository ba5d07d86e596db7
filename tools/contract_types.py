"""Make src/contract/generated from openapi/data-storage-v1.yaml; with --check, say whether it is stale.

    python tools/contract_types.py [--check]

The contract is validated in full first, and its hash written down: a start takes that for the validation.
requests.py and responses.py are the work of datamodel-code-generator; operations.py is the table that joins them.
Exit code 1 where --check finds a difference, or the contract is not valid. The same contract makes the same bytes.
"""

from __future__ import annotations

import copy
import filecmp
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
CONTRACT = ROOT / "openapi" / "data-storage-v1.yaml"
GENERATED = ROOT / "src" / "contract" / "generated"
#: Schemas that records of lower floors stand for; tests/unit/test_contract_types.py compares the two.
RECORDS = {
    "AuditEvent": "repository.stored_events.StoredEvent",
    "Receipt": "audit.receipts.Receipt",
    "DeadLetter": "audit.dead_letters.Letter",
    "ReplayResult": "audit.dead_letters.Replayed",
    "Workflow": "repository.workflows.Workflow",
    "WorkflowSearchResult": "catalog.search.Found",
    "Notification": "repository.notifications.StoredNotification",
    "Timeline/summary": "audit.timeline.Summary",
    "Timeline/events/items": "audit.timeline.TimelineEntry",
    "Partitions/partitions/items": "audit.partition_watch.MonthState",
}
#: Answers hold values; the encoder writes them as the contract's text.
_FORMATS = {"uuid": "uuid.UUID", "date-time": "datetime.datetime", "date": "datetime.date"}
_METHODS = ("get", "put", "post", "delete", "patch")
_MODELS = (
    "--input-file-type=openapi", "--output-model-type=typing.TypedDict", "--target-python-version=3.11",
    "--strict-nullable", "--use-standard-collections", "--use-generic-container-types", "--use-schema-description",
    "--disable-timestamp", "--disable-warnings", "--formatters=builtin", "--use-title-as-name", "--keep-model-order",
    "--enum-field-as-literal=all", "--ignore-pyproject", "--no-use-closed-typed-dict",
)  # fmt: skip
_STYLE = ("--isolated", "--quiet", "--no-cache", "--target-version", "py311")
_HEAD = "# Made from openapi/data-storage-v1.yaml by `make generate`: change that, not this.\n"
_PACKAGE = (
    _HEAD
    + '''"""Types of the contract."""

#: Of the contract that was validated in full, and that these types were made of.
CONTRACT_SHA256 = "{digest}"
'''
)
_OPERATIONS = '''"""Each operation of the contract: address, scopes, and the types of what is asked and answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from contract.generated import requests, responses
from web.messages import Request, Response


class Operation(NamedTuple):
    """One operation. scopes: what a caller needs, of each group one; empty where it is open to everybody.

    request and answer: the types that its handler is annotated with.
    """

    method: str
    path: str
    tag: str
    scopes: tuple[tuple[str, ...], ...]
    request: Any
    answer: Any


'''


def main(arguments: list[str]) -> int:
    """Generate, or check. Raises SystemExit where the generator fails."""
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__)
    text = CONTRACT.read_bytes()
    document = yaml.safe_load(text)
    if wrong := _wrong_with(document):
        print(f"{CONTRACT.name} is not valid: {wrong}")  # noqa: T201
        return 1
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder, "generated")
        made.mkdir()
        _generate(document, made)
        (made / "__init__.py").write_text(_PACKAGE.format(digest=hashlib.sha256(text).hexdigest()), encoding="utf-8")
        names = {path.name for path in made.iterdir()}
        there = {path.name for path in GENERATED.glob("*") if path.is_file()}
        stale = sorted(
            name
            for name in names | there
            if name not in names & there or not filecmp.cmp(made / name, GENERATED / name, shallow=False)
        )
        if arguments and stale:
            print(f"src/contract/generated is stale ({', '.join(stale)}): run `make generate` and commit the result")  # noqa: T201
            return 1
        if stale:
            shutil.rmtree(GENERATED, ignore_errors=True)
            shutil.copytree(made, GENERATED)
    return 0


def _wrong_with(document: Mapping[str, Any]) -> str:
    """What OpenAPI 3.0 or Connexion, which checks defaults too, does not take; "" for nothing."""
    from connexion.spec import Specification
    from openapi_spec_validator import OpenAPIV30SpecValidator

    try:
        OpenAPIV30SpecValidator(document).validate()
        Specification.load(copy.deepcopy(document))
    except Exception as error:  # noqa: BLE001 - their errors have no base of their own
        return " ".join(str(error).split())[:500] or type(error).__name__
    return ""


def _generate(document: Mapping[str, Any], folder: Path) -> None:
    operations = list(_operations(document))
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    asked = {name: _asked(schema) for name, schema in schemas.items()}
    asked |= {
        name: _asked(schema) if name.endswith("Body") else schema
        for one in operations
        for name, schema in one["asked"].items()
    }
    answered = {name: _answered(schema, name) for name, schema in schemas.items()}
    answered |= {name: _answered(schema, name) for one in operations for name, schema in one["answered"].items()}
    _models(asked, [name for one in operations for name in one["asked"]], folder / "requests.py")
    _models(answered, [name for one in operations for name in one["answered"]], folder / "responses.py")
    (folder / "operations.py").write_text(_HEAD + _OPERATIONS + "".join(_table(operations)), encoding="utf-8")
    _run("ruff", "check", *_STYLE, "--fix", "--exit-zero", "--select", "I,F401,UP", str(folder))
    _run("ruff", "format", *_STYLE, "--line-length", "120", str(folder))


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _operation(document, path, method, item)


def _operation(document: Mapping[str, Any], path: str, method: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """What there is to know of an operation; asked and answered: schemas by their names in Python."""
    declared = item[method]
    name = "".join(word.capitalize() for word in declared["operationId"].split("_"))
    parameters = [
        _resolved(document, entry) for entry in (*item.get("parameters", ()), *declared.get("parameters", ()))
    ]
    body = declared.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    asked = {
        f"{name}{place.capitalize()}": _members([entry for entry in parameters if entry["in"] == place])
        for place in ("query", "path")
        if any(entry["in"] == place for entry in parameters)
    }
    bodies = _answers(document, declared["responses"])
    return {
        "id": declared["operationId"],
        "name": name,
        "method": method.upper(),
        "path": path,
        "tag": declared["tags"][0],
        "scopes": tuple(
            tuple([group] if isinstance(group, str) else group) for group in declared.get("x-required-scopes", ())
        ),
        "asked": asked | ({f"{name}Body": body} if body else {}),
        "optional": bool(body) and not declared["requestBody"].get("required"),
        "answered": {f"{name}Result": {"anyOf": bodies} if len(bodies) > 1 else bodies[0]} if bodies else {},
    }


def _answers(document: Mapping[str, Any], responses: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The JSON schemas of all answers but problems, each once."""
    found = []
    for response in responses.values():
        schema = _resolved(document, response).get("content", {}).get("application/json", {}).get("schema")
        if schema and schema not in found:
            found.append(schema)
    return found


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Any = node
    while "$ref" in found:
        place, found = found["$ref"], document
        for part in place.removeprefix("#/").split("/"):
            found = found[part]
    return found


def _members(parameters: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The parameters as an object; one with a default is always there, and one that is JSON stays text."""
    schemas = {entry["name"]: entry.get("schema", {"type": "string"}) for entry in parameters}
    always = [entry["name"] for entry in parameters if entry.get("required") or "default" in entry.get("schema", ())]
    kept = {name: {key: schema[key] for key in schema if key in _TYPE} for name, schema in schemas.items()}
    return {"type": "object", "properties": kept, "required": always}


_TYPE = ("type", "enum", "items", "$ref")


def _asked(schema: Any) -> Any:
    """What the edge makes of JSON text: formats stay text, and any number may be a Decimal (1.0 is an integer)."""
    if isinstance(schema, list):
        return [_asked(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if schema.get("type") in {"integer", "number"} and "enum" not in schema:
        nullable = {"nullable": True} if schema.get("nullable") else {}
        return {"anyOf": [{"type": "integer"}, {"customTypePath": "decimal.Decimal"}], **nullable}
    return {
        key: {name: _asked(member) for name, member in value.items()} if key == "properties" else _asked(value)
        for key, value in schema.items()
        if key not in {"format", "example", "default"}
    }


def _answered(schema: Any, place: str) -> Any:
    """What handlers hand to the encoder: values of their types, and records where a record stands for the schema."""
    if isinstance(schema, list):
        return [_answered(one, place) for one in schema]
    if not isinstance(schema, dict):
        return schema
    nullable = {"nullable": True} if schema.get("nullable") else {}
    if place in RECORDS:
        return {"customTypePath": RECORDS[place], **nullable}
    if (reference := schema.get("$ref", "").rpartition("/")[2]) in RECORDS:
        return {"customTypePath": RECORDS[reference]}
    if (known := _FORMATS.get(str(schema.get("format")))) and schema.get("type") == "string":
        return {"customTypePath": known, **nullable}
    return {
        key: {name: _answered(member, f"{place}/{name}") for name, member in value.items()}
        if key == "properties"
        else _answered(value, f"{place}/{key}")
        for key, value in schema.items()
    }


def _models(schemas: Mapping[str, Any], wanted: list[str], target: Path) -> None:
    """TypedDicts of the wanted schemas and of all that they refer to."""
    kept: dict[str, Any] = {}
    waiting = list(wanted)
    while waiting:
        if (name := waiting.pop()) not in kept:
            kept[name] = schemas[name]
            waiting.extend(_references(schemas[name]))
    document = {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {name: kept[name] for name in schemas if name in kept}},
    }
    source = target.with_suffix(".json")
    source.write_text(json.dumps(document), encoding="utf-8")
    _run("datamodel-codegen", f"--input={source}", f"--output={target}", f"--custom-file-header={_HEAD}", *_MODELS)
    source.unlink()


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for one in node:
            yield from _references(one)
    elif isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].rpartition("/")[2]
        for value in node.values():
            yield from _references(value)


def _table(operations: list[dict[str, Any]]) -> Iterator[str]:
    for one in operations:
        name = one["name"]
        places = [f"requests.{name}{part}" if f"{name}{part}" in one["asked"] else "None" for part in _PARTS]
        places[0] += " | None" if one["optional"] else ""
        yield f"{name}: TypeAlias = Request[{', '.join(places)}]\n"
        yield f"{name}Answer: TypeAlias = Response[{f'responses.{name}Result' if one['answered'] else 'None'}]\n"
    yield "\n#: By operationId.\nOPERATIONS: Mapping[str, Operation] = {\n"
    for one in operations:
        facts = ", ".join(repr(one[fact]) for fact in ("method", "path", "tag", "scopes"))
        yield f"    {one['id']!r}: Operation({facts}, {one['name']}, {one['name']}Answer),\n"
    yield "}\n"


_PARTS = ("Body", "Query", "Path")


def _run(*command: str) -> None:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    ended = subprocess.run(command, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False)  # noqa: S603
    if ended.returncode:
        sys.exit(f"{' '.join(command[:3])} failed:\n{ended.stdout}{ended.stderr}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
