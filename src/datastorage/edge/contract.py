"""The contract: finding the YAML, reading it, and the compiled form that every request is checked against."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from access.scopes import Requirement
from contract.generated import CONTRACT_SHA256
from datastorage.edge.schemas import SchemaValidator, inlined, to_json_schema

__all__ = [
    "Contract",
    "Operation",
    "Parameter",
    "SpecError",
    "ValidatedDocument",
    "load_spec",
    "parse_spec",
    "validated",
]

_NAME = "data-storage-v1.yaml"
_METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # one of two classes
    """Safe, and strict: YAML takes the last of two equal keys without a word."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if twice := {name for name in names if names.count(name) > 1 and name != "<<"}:
            raise yaml.constructor.ConstructorError(
                None, None, f"two keys are called {', '.join(sorted(twice))}", node.start_mark
            )
        return super().construct_mapping(node, deep=deep)


class SpecError(Exception):
    """The contract cannot be served; the message says what is wrong with it."""


class ValidatedDocument(dict[str, Any]):
    """A contract that `make generate` has validated in full: validating it takes longer than all else at a start."""


class Parameter(NamedTuple):
    """One declared parameter. place: query, path or header. is_json: its text is a JSON document.

    is_path: it is the rest of an address, slashes included (`format: path`, as Connexion routes it).
    allow_empty: an empty value is as good as an absent parameter.
    """

    name: str
    place: str
    required: bool
    kind: str
    default: Any
    is_json: bool
    is_path: bool
    allow_empty: bool
    validator: SchemaValidator


class Operation(NamedTuple):
    """One operation, compiled. body is None where the operation takes none.

    reports_violations: the handler gets a body's violations and reports them with its own. always_answered: however
    much else is in hand (health and metrics). required: the scopes that a caller needs; None where the operation is
    open to everybody.
    """

    operation_id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    produces: tuple[str, ...]
    body: SchemaValidator | None
    body_required: bool
    reports_violations: bool
    always_answered: bool
    required: Requirement | None = None


class Contract:
    """The compiled document, validated first unless it is a ValidatedDocument.

    Raises SpecError when the document is not valid OpenAPI 3.0 or uses what the edge does not support.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        try:
            _validate(document)
            self.operations = {operation.operation_id: operation for operation in _operations(document)}
        except (SpecError, Exception) as error:
            raise SpecError(f"the contract {_NAME} cannot be used: {_one_line(error)}") from error
        whole = {
            parameter.name
            for operation in self.operations.values()
            for parameter in operation.parameters
            if parameter.is_path
        }
        self._patterns = [(_pattern(path, whole), methods) for path, methods in _methods(self.operations.values())]
        self.allowed_methods = lru_cache(maxsize=1024)(self._allowed_methods)

    def _allowed_methods(self, path: str) -> tuple[str, ...]:
        """The methods that the address `path` takes; empty for an unknown address.

        An address that the contract names is matched before templates (OpenAPI 3.0.3, Path Templating Matching).
        """
        templated = [
            (pattern.pattern.count("[^/]+"), methods) for pattern, methods in self._patterns if pattern.fullmatch(path)
        ]
        fewest = min((groups for groups, _ in templated), default=0)
        allowed = {method for groups, methods in templated if groups == fewest for method in methods}
        return tuple(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))


def _validate(document: dict[str, Any]) -> None:
    if not isinstance(document, ValidatedDocument):
        from openapi_spec_validator import OpenAPIV30SpecValidator  # takes long to import too

        OpenAPIV30SpecValidator(document).validate()


def parse_spec(text: bytes) -> Any:
    """The YAML document in `text`. Raises yaml.YAMLError, also where a mapping has a key twice."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a safe one


def load_spec() -> tuple[bytes, ValidatedDocument]:
    """The contract's text and the same parsed: the repository's file, or in an installed wheel the copy it carries.

    Raises SpecError when there is none, or another one than `make generate` has validated.
    """
    in_repository = Path(__file__).parents[3] / "openapi" / _NAME
    carried = resources.files("datastorage") / "openapi" / _NAME
    source = in_repository if in_repository.is_file() else carried
    try:
        text = source.read_bytes()
    except OSError as error:
        raise SpecError(f"the contract {_NAME} cannot be read: {_one_line(error)}") from error
    return text, validated(text)


def validated(text: bytes) -> ValidatedDocument:
    """The document in `text`. Raises SpecError unless it is, to the byte, what `make generate` has validated."""
    if hashlib.sha256(text).hexdigest() != CONTRACT_SHA256:
        raise SpecError(f"the contract {_NAME} is not the one that was validated: run `make generate`")
    return ValidatedDocument(parse_spec(text))


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:500] or type(error).__name__


def _operations(document: dict[str, Any]) -> Iterator[Operation]:
    seen: set[str] = set()
    everywhere = {"security": document["security"]} if "security" in document else {}
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method not in item:
                continue
            declared = everywhere | inlined(document, item[method])
            shared = inlined(document, item.get("parameters", []))
            if "operationId" not in declared:
                raise SpecError(f"{method.upper()} {path} has no operationId")
            if declared["operationId"] in seen:
                raise SpecError(f"operationId {declared['operationId']} is used twice")
            seen.add(declared["operationId"])
            yield _operation(path, method, declared, shared)


def _operation(path: str, method: str, declared: dict[str, Any], shared: list[dict[str, Any]]) -> Operation:
    body = declared.get("requestBody")
    if body is not None and list(body["content"]) != ["application/json"]:
        raise SpecError(f"{declared['operationId']}: a request body is application/json and nothing else")
    return Operation(
        operation_id=declared["operationId"],
        method=method.upper(),
        path=path,
        parameters=tuple(_parameter(entry) for entry in [*shared, *declared.get("parameters", [])]),
        produces=tuple(
            dict.fromkeys(
                media_type
                for status, response in declared["responses"].items()
                if status.startswith("2")
                for media_type in response.get("content", ())
            )
        ),
        body=SchemaValidator(to_json_schema(body["content"]["application/json"]["schema"])) if body else None,
        body_required=bool(body and body.get("required")),
        reports_violations=declared.get("x-violations") == "handler",
        always_answered=bool(declared.get("x-always-answered")),
        required=_requirement(declared),
    )


def _requirement(declared: Mapping[str, Any]) -> Requirement | None:
    """What `security` and `x-required-scopes` say; an operation that says nothing is an error, never open."""
    if "security" not in declared:
        raise SpecError(f"{declared['operationId']} does not say who may call it: add security and x-required-scopes")
    if not declared["security"]:
        return None
    try:
        required = Requirement.of(declared["x-required-scopes"])
    except (KeyError, ValueError) as error:
        raise SpecError(f"{declared['operationId']}: x-required-scopes: {error}") from None
    if not required.groups:
        raise SpecError(f"{declared['operationId']}: x-required-scopes names no scope")
    return required


def _parameter(declared: Mapping[str, Any]) -> Parameter:
    is_json = "content" in declared
    schema = declared["content"]["application/json"]["schema"] if is_json else declared["schema"]
    return Parameter(
        name=declared["name"],
        place=declared["in"],
        required=bool(declared.get("required")),
        kind=schema.get("type", "string"),
        default=schema.get("default"),
        is_json=is_json,
        is_path=schema.get("format") == "path",
        allow_empty=bool(declared.get("allowEmptyValue")),
        validator=SchemaValidator(to_json_schema(schema)),
    )


def _methods(operations: Any) -> list[tuple[str, tuple[str, ...]]]:
    methods: dict[str, tuple[str, ...]] = {}
    for operation in operations:
        methods[operation.path] = (*methods.get(operation.path, ()), operation.method)
    return list(methods.items())


def _pattern(path: str, whole: Collection[str]) -> re.Pattern[str]:
    """What addresses look like under `path`; the parameters in `whole` take slashes too."""
    parts = re.split(r"\{([^}]+)\}", path)
    literals = [re.escape(part) for part in parts[::2]]
    places = ["(?s:.+)" if name in whole else "[^/]+" for name in parts[1::2]]
    return re.compile("".join(chain.from_iterable(zip_longest(literals, places, fillvalue=""))))
