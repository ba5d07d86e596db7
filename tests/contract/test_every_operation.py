"""What holds for every operation of the contract, those of tomorrow included: one error shape, all of it declared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx
import pytest
import yaml

from console.metrics_app import metrics_asgi_app
from datastorage.edge import build_asgi_app, load_spec
from datastorage.edge.contract import Contract, Operation, parse_spec
from datastorage.edge.schemas import inlined
from datastorage.settings import load_settings
from handlers.dependencies import Dependencies

_, DOCUMENT = load_spec()
CONTRACT = Contract(DOCUMENT)
OPERATIONS = [pytest.param(operation, id=name) for name, operation in CONTRACT.operations.items()]
WITH_BODY = [pytest.param(operation, id=name) for name, operation in CONTRACT.operations.items() if operation.body]
REQUIRED_BODY = [
    pytest.param(operation, id=name) for name, operation in CONTRACT.operations.items() if operation.body_required
]


@asynccontextmanager
async def no_lifespan(_app: Any) -> AsyncIterator[None]:
    yield


@pytest.fixture(scope="module")
def app() -> Any:
    # Every request of this module is refused before its handler: no store is needed.
    return build_asgi_app(
        load_settings(),
        cast("Dependencies", None),
        lifespan=no_lifespan,
        apps={"get_metrics": metrics_asgi_app()},
    )


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as made:
        yield made


def address(operation: Operation) -> str:
    path = operation.path
    for parameter in operation.parameters:
        if parameter.place == "path":
            path = path.replace(f"{{{parameter.name}}}", "01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d")
    return path


def responses(operation: Operation) -> dict[str, Any]:
    declared = DOCUMENT["paths"][operation.path][operation.method.lower()]["responses"]
    found: dict[str, Any] = inlined(DOCUMENT, declared)
    return found


def expect_declared_problem(operation: Operation, response: httpx.Response, status: int) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert "application/problem+json" in responses(operation)[str(status)]["content"]
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert {"type", "title", "status", "detail", "instance", "request_id"} <= set(problem)
    assert problem["type"].startswith("https://kubernaut.ai/problems/")
    assert problem["status"] == status
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_an_unknown_query_parameter_is_refused_by_name(client: httpx.AsyncClient, operation: Operation) -> None:
    response = await client.request(operation.method, address(operation), params={"no_such_filter": "1"})
    problem = expect_declared_problem(operation, response, 400)
    assert "no_such_filter" in problem["field_errors"]


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_another_method_is_405_and_says_which_are_allowed(
    client: httpx.AsyncClient, operation: Operation
) -> None:
    response = await client.request("TRACE", address(operation))
    expect_declared_problem(operation, response, 405)
    assert operation.method in response.headers["allow"].split(", ")


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_media_type_that_is_not_offered_is_406(client: httpx.AsyncClient, operation: Operation) -> None:
    response = await client.request(operation.method, address(operation), headers={"Accept": "image/png"})
    expect_declared_problem(operation, response, 406)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_a_target_that_is_too_long_is_414(client: httpx.AsyncClient, operation: Operation) -> None:
    response = await client.request(operation.method, address(operation), params={"q": "x" * 9000})
    expect_declared_problem(operation, response, 414)


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_a_body_of_another_type_is_415(client: httpx.AsyncClient, operation: Operation) -> None:
    headers = {"Content-Type": "text/plain"}
    response = await client.request(operation.method, address(operation), content=b"{}", headers=headers)
    expect_declared_problem(operation, response, 415)


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_a_body_that_is_too_large_is_413(client: httpx.AsyncClient, operation: Operation) -> None:
    headers = {"Content-Type": "application/json", "Content-Length": str(6 * 1024 * 1024)}
    response = await client.request(operation.method, address(operation), content=b"{}", headers=headers)
    expect_declared_problem(operation, response, 413)


@pytest.mark.parametrize("operation", REQUIRED_BODY)
@pytest.mark.parametrize("content", [b"", b"{invalid json", b"17"])
async def test_a_body_that_does_not_fit_is_400(client: httpx.AsyncClient, operation: Operation, content: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.request(operation.method, address(operation), content=content, headers=headers)
    expect_declared_problem(operation, response, 400)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_declared_with_its_request_id(operation: Operation) -> None:
    declared = responses(operation)
    assert {"400", "405", "406", "414", "500"} <= set(declared)
    assert any(status.startswith("2") for status in declared)
    for response in declared.values():
        assert response["description"]
        assert "X-Request-ID" in response["headers"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_example_of_a_body_fits_its_schema(operation: Operation) -> None:
    declared = inlined(DOCUMENT, DOCUMENT["paths"][operation.path][operation.method.lower()])
    content = declared.get("requestBody", {}).get("content", {}).get("application/json", {})
    examples = [example["value"] for example in content.get("examples", {}).values()]
    examples += [content["example"]] if "example" in content else []
    assert bool(examples) is (operation.body is not None)
    for example in examples:
        assert operation.body is not None
        assert operation.body.violations(example, "body") == []


@pytest.mark.parametrize("name", ["query_audit_events", "list_notifications", "list_workflows"])
def test_an_empty_value_is_allowed_for_every_parameter_of_a_list_but_its_cursor(name: str) -> None:
    """Clients of V1.0 send `severity=` for no filter; a lost cursor must not start the list anew."""
    declared = CONTRACT.operations[name].parameters
    assert [one.name for one in declared if not one.allow_empty] == ["cursor"]


def test_every_operation_has_a_summary_and_a_known_tag() -> None:
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    for operation in CONTRACT.operations.values():
        declared = DOCUMENT["paths"][operation.path][operation.method.lower()]
        assert declared["summary"]
        assert set(declared["tags"]) <= tags


def test_a_contract_that_says_something_twice_is_refused() -> None:
    with pytest.raises(yaml.YAMLError, match="two keys are called type"):
        parse_spec(b"type: object\ntype: string\n")


def test_every_component_is_used() -> None:
    text = load_spec()[0].decode()
    named = {
        f"#/components/{kind}/{name}"
        for kind, components in DOCUMENT["components"].items()
        for name in components
        if kind != "securitySchemes"  # named by security
    }
    assert {reference for reference in named if f"'{reference}'" not in text} == set()
