"""The edge around a small contract of its own: routing, validation, one shape for every error."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import Any, cast

import httpx
import pytest
import yaml

from datastorage.edge import SpecError, build_asgi_app
from datastorage.edge.contract import Contract
from datastorage.settings import load_settings
from handlers.dependencies import Dependencies
from repository.errors import DatabaseUnavailableError, QueryTimeoutError
from telemetry.metrics import VALIDATION_FAILURES
from web.messages import Request, Response, json_response

SPEC = """
openapi: 3.0.3
info: {title: t, version: '1'}
security: []
paths:
  /things:
    get:
      operationId: list_things
      parameters:
        - {name: limit, in: query, allowEmptyValue: true, schema: {type: integer, minimum: 1, maximum: 10, default: 5}}
        - {name: offset, in: query, schema: {type: integer, minimum: 0}}
        - {name: name, in: query, schema: {type: string, maxLength: 4}}
        - {name: exact, in: query, schema: {type: boolean}}
        - {name: data, in: query, allowEmptyValue: true, content: {application/json: {schema: {type: object}}}}
        - {name: X-Key, in: header, schema: {type: string, pattern: '^[a-z]+$'}}
      responses:
        '200': {description: ok, content: {application/json: {schema: {}}, text/csv: {schema: {}}}}
    post:
      operationId: create_thing
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              required: [name, at]
              properties:
                name: {type: string, minLength: 1, maxLength: 4}
                at: {type: string, format: date-time}
                size: {type: integer, minimum: 0, exclusiveMaximum: true, maximum: 3, nullable: true}
                kind: {type: string, enum: [a, b], nullable: true}
                data: {type: object}
      responses:
        '200': {description: ok, content: {application/json: {schema: {}}}}
  /things/{thing_id}:
    get:
      operationId: get_thing
      parameters: [{name: thing_id, in: path, required: true, schema: {type: string, format: uuid}}]
      responses:
        '200': {description: ok, content: {application/json: {schema: {}}}}
"""
AT = "2025-12-01T10:00:00Z"


async def list_things(request: Request, _deps: Dependencies) -> Response:
    if request.query.get("name") == "boom":
        raise RuntimeError("secret SQL text")
    if request.query.get("name") == "db":
        raise DatabaseUnavailableError
    if request.query.get("name") == "slow":
        raise QueryTimeoutError
    return json_response({"query": request.query, "media_type": request.media_type, "request_id": request.request_id})


async def create_thing(request: Request, _deps: Dependencies) -> Response:
    return Response(status=200, body=request.body)


async def get_thing(request: Request, _deps: Dependencies) -> Response:
    return json_response(request.path_params)


FOUND = {function.__name__: function for function in (list_things, create_thing, get_thing)}


@asynccontextmanager
async def no_lifespan(_app: Any) -> AsyncIterator[None]:
    yield


def make_app(found: Any = None, spec: str = SPEC, **settings: Any) -> Any:
    return build_asgi_app(
        load_settings(**settings),
        cast("Dependencies", None),
        lifespan=no_lifespan,
        apps={},
        spec=(spec.encode(), yaml.safe_load(spec)),
        found=FOUND if found is None else found,
    )


@pytest.fixture(scope="module")
def app() -> Any:
    return make_app(body_max_bytes=6000, url_max_bytes=300)


@pytest.fixture
async def client(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://edge") as made:
        yield made


def expect_problem(response: httpx.Response, status: int, slug: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = response.json()
    assert problem["type"] == f"https://kubernaut.ai/problems/{slug}"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"]
    assert problem["instance"] == response.request.url.path
    assert problem["request_id"] == response.headers["x-request-id"]
    return problem


async def test_parameters_get_their_types_and_defaults(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/things?offset=2&exact=true&name=%C3%A9")).json()
    assert answer["query"] == {"limit": 5, "offset": 2, "exact": True, "name": "é"}


async def test_an_empty_value_is_none_where_the_contract_allows_it(client: httpx.AsyncClient) -> None:
    answer = (await client.get("/things?limit=&data=&name=")).json()
    assert answer["query"] == {"limit": 5, "name": ""}


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("limit=0", "limit", "must be at least 1"),
        ("limit=11", "limit", "must be at most 10"),
        ("limit=1.5", "limit", "must be an integer"),
        ("limit=99999999999999999999", "limit", "must be an integer"),
        ("offset=-1", "offset", "must be at least 0"),
        ("name=abcde", "name", "maximum string length is 4, actual is 5"),
        ("offset=", "offset", "must be an integer"),
        ("limit=&limit=", "limit", "more than once"),
        ("name=%00", "name", "U+0000"),
        ("name=a&name=b", "name", "more than once"),
        ("exact=maybe", "exact", "must be true or false"),
        ("data=[1]", "data", "must be an object"),
        ("data=%7Bx", "data", "not valid JSON"),
        ("colour=red", "colour", "unknown query parameter colour"),
        ("name=%FF", "query", "percent-encoded UTF-8"),
    ],
)
async def test_a_bad_parameter_is_named_with_its_rule(
    client: httpx.AsyncClient, query: str, field: str, message: str
) -> None:
    problem = expect_problem(await client.get(f"/things?{query}"), 400, "validation-error")
    assert field in problem["detail"]
    assert message in problem["field_errors"][field]


async def test_all_bad_parameters_are_reported_at_once(client: httpx.AsyncClient) -> None:
    response = await client.get("/things?limit=0&offset=-1&colour=red", headers={"X-Key": "9"})
    problem = expect_problem(response, 400, "validation-error")
    assert [error["pointer"] for error in problem["errors"]] == [
        "#/query/colour",
        "#/query/limit",
        "#/query/offset",
        "#/header/X-Key",
    ]


async def test_a_malformed_path_parameter_is_a_validation_error(client: httpx.AsyncClient) -> None:
    problem = expect_problem(await client.get("/things/17"), 400, "validation-error")
    assert problem["errors"][0]["pointer"] == "#/path/thing_id"


async def test_all_violations_of_a_body_are_reported_at_once(client: httpx.AsyncClient) -> None:
    response = await client.post("/things", json={"at": "2025-12-01", "size": 3, "kind": "c", "data": "text"})
    problem = expect_problem(response, 400, "validation-error")
    assert {error["pointer"] for error in problem["errors"]} == {"#/name", "#/at", "#/size", "#/kind", "#/data"}
    assert problem["field_errors"]["name"] == "name is required"
    assert problem["field_errors"]["kind"] == 'kind must be one of a, b, null; got "c"'
    assert problem["field_errors"]["size"] == "size must be less than 3"
    assert "RFC 3339" in problem["field_errors"]["at"]


@pytest.mark.parametrize(
    "at", ["2025-12-01T10:00:00", "2025-12-01T23:59:60Z", "2025-02-30T00:00:00Z", "0001-01-01T00:00:00Z"]
)
async def test_an_instant_that_the_stores_cannot_hold_is_refused(client: httpx.AsyncClient, at: str) -> None:
    expect_problem(await client.post("/things", json={"name": "a", "at": at}), 400, "validation-error")


async def test_null_is_taken_where_the_contract_says_nullable(client: httpx.AsyncClient) -> None:
    response = await client.post("/things", json={"name": "a", "at": AT, "size": None, "kind": None})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{invalid json", "not valid JSON"),
        (b"", "body is required"),
        (b'{"name": NaN}', "NaN is not a JSON number"),
        (b'{"name": "\xff"}', "not valid UTF-8 at byte 10"),
        (b"[" * 1900, "nested too deep"),
        (b"[]", "body must be an object"),
    ],
)
async def test_a_body_that_is_not_the_expected_json_is_refused(
    client: httpx.AsyncClient, content: bytes, message: str
) -> None:
    response = await client.post("/things", content=content, headers={"Content-Type": "application/json"})
    assert message in expect_problem(response, 400, "validation-error")["detail"]


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        (r'{"x": ["\u0000"]}', "#/data/x/0"),
        (r'{"a/b": {"~": "\ud800"}}', "#/data/a~1b/~0"),
        (r'{"\udc00": 1}', "#/data/?"),
        ('{"n": 1e1000}', "#/data/n"),
        ('{"n": -12e999}', "#/data/n"),
        ('{"n": 1e-1000}', "#/data/n"),
        (f'{{"n": {"9" * 1001}}}', "#/data/n"),
        (f'{{"n": 0.{"9" * 1000}}}', "#/data/n"),
        (f'{{"n": {"9" * 4400}}}', "#/data/n"),
        ('{"n": 1e99999999999999999999}', "#/data/n"),
    ],
)
async def test_what_postgresql_cannot_store_is_refused_with_a_pointer(
    client: httpx.AsyncClient, data: str, pointer: str
) -> None:
    body = f'{{"name": "a", "at": "{AT}", "data": {data}}}'
    response = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    problem = expect_problem(response, 400, "validation-error")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


async def test_numbers_of_a_thousand_digits_are_taken(client: httpx.AsyncClient) -> None:
    numbers = "[1e999, 1e-999, 18446744073709551617, -1.2e29, 0.1000000000000000055511151231257827]"
    body = f'{{"name": "a", "at": "{AT}", "data": {{"n": {numbers}}}}}'
    response = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    assert response.status_code == 200
    assert json.loads(response.text, parse_float=Decimal)["data"]["n"][2:4] == [2**64 + 1, Decimal("-1.2e29")]


async def test_a_body_counts_as_its_numbers_are_written_out(client: httpx.AsyncClient) -> None:
    numbers = ",".join(["1e990"] * 7)
    body = f'{{"name": "a", "at": "{AT}", "data": {{"n": [{numbers}]}}}}'
    response = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    assert "written out" in expect_problem(response, 413, "payload-too-large")["detail"]


async def test_a_hundred_violations_are_listed_and_more_are_told(client: httpx.AsyncClient) -> None:
    key = "k" * 1500
    body = f'{{"name": "a", "at": "{AT}", "data": {{"{key}": [{",".join([json.dumps(chr(0))] * 400)}]}}}}'
    response = await client.post("/things", content=body, headers={"Content-Type": "application/json"})
    problem = expect_problem(response, 400, "validation-error")
    assert len(problem["errors"]) == 100
    assert problem["errors_truncated"] is True
    assert len(response.content) < 150_000


async def test_a_chunked_body_is_read(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"name": "a",'
        yield b'"at": "2025-12-01T10:00:00Z"}'

    response = await client.post("/things", content=chunks(), headers={"Content-Type": "Application/JSON"})
    assert response.json()["name"] == "a"


async def test_a_chunked_body_is_counted_while_it_arrives(client: httpx.AsyncClient) -> None:
    sent = 0

    async def chunks() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 100
            yield b" " * 100

    response = await client.post("/things", content=chunks(), headers={"Content-Type": "application/json"})
    expect_problem(response, 413, "payload-too-large")
    assert sent <= 6200


@pytest.mark.parametrize(("size", "status"), [(5999, 200), (6000, 200), (6001, 413)])
async def test_the_body_limit_is_exact(client: httpx.AsyncClient, size: int, status: int) -> None:
    body = f'{{"name": "a", "at": "{AT}"}}'.ljust(size).encode()
    for content in (body, gzip.compress(body)):
        encoding = {"Content-Encoding": "gzip"} if content is not body else {}
        response = await client.post(
            "/things", content=content, headers={"Content-Type": "application/json", **encoding}
        )
        assert response.status_code == status


async def test_a_gzip_bomb_is_stopped_at_the_limit(client: httpx.AsyncClient) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    response = await client.post("/things", content=gzip.compress(b" " * 1_000_000), headers=headers)
    expect_problem(response, 413, "payload-too-large")


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"{}")[:-4], gzip.compress(b"{}") + b"tail"])
async def test_broken_gzip_is_a_validation_error(client: httpx.AsyncClient, content: bytes) -> None:
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    expect_problem(await client.post("/things", content=content, headers=headers), 400, "validation-error")


@pytest.mark.parametrize("headers", [{"Content-Type": "text/plain"}, {"Content-Encoding": "br"}])
async def test_other_content_types_and_codings_are_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    response = await client.post("/things", content=b"{}", headers={"Content-Type": "application/json", **headers})
    expect_problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    ("method", "path", "status", "slug"),
    [
        ("GET", "/nowhere", 404, "not-found"),
        ("GET", "/things/", 404, "not-found"),
        ("PUT", "/things", 405, "method-not-allowed"),
        ("POST", "/openapi.json", 405, "method-not-allowed"),
        ("GET", "/things?name=" + "x" * 300, 414, "uri-too-long"),
    ],
)
async def test_errors_of_routing_have_the_shape_of_all(
    client: httpx.AsyncClient, method: str, path: str, status: int, slug: str
) -> None:
    expect_problem(await client.request(method, path), status, slug)


async def test_allow_lists_every_method_of_the_address(client: httpx.AsyncClient) -> None:
    assert (await client.delete("/things")).headers["allow"] == "GET, HEAD, POST"


async def test_the_accept_header_chooses_the_media_type(client: httpx.AsyncClient) -> None:
    async def chosen(accept: str) -> str:
        return str((await client.get("/things", headers={"Accept": accept})).json().get("media_type"))

    assert await chosen("text/csv;q=0.9, application/json;q=0.1") == "text/csv"
    assert await chosen("text/*, application/json;q=0.5") == "text/csv"
    assert await chosen("*/*") == "application/json"
    refused = await client.get("/things", headers={"Accept": "image/png, application/json;q=0"})
    assert "text/csv" in expect_problem(refused, 406, "not-acceptable")["detail"]


async def test_a_request_id_is_taken_over_when_it_is_visible_ascii(client: httpx.AsyncClient) -> None:
    for sent, taken in (("abc-1", True), ("x" * 128, True), ("x" * 129, False), ("a b", False)):
        answered = (await client.get("/things", headers={"X-Request-ID": sent})).headers["x-request-id"]
        assert (answered == sent) is taken


async def test_a_defect_says_nothing_about_itself(client: httpx.AsyncClient) -> None:
    response = await client.get("/things?name=boom")
    expect_problem(response, 500, "internal-error")
    assert "secret" not in response.text


@pytest.mark.parametrize(("name", "slug"), [("db", "service-unavailable"), ("slow", "query-timeout")])
async def test_failures_of_the_stores_become_503(client: httpx.AsyncClient, name: str, slug: str) -> None:
    response = await client.get(f"/things?name={name}")
    expect_problem(response, 503, slug)
    assert response.headers["retry-after"] == "1"


async def test_the_contract_the_ui_and_the_problem_pages_are_served(client: httpx.AsyncClient) -> None:
    assert (await client.get("/openapi.yaml")).text == SPEC
    assert (await client.get("/openapi.json")).json() == yaml.safe_load(SPEC)
    assert (await client.get("/problems/validation-error")).headers["content-type"].startswith("text/html")
    page = await client.get("/ui", follow_redirects=True)
    assert "swagger-ui-bundle.js" in page.text
    assert "http" not in page.text.replace("https://kubernaut", "")
    assert len((await client.get("/ui/swagger-ui-bundle.js")).content) > 100_000


async def test_a_stream_is_closed_when_the_client_leaves() -> None:
    closed = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"line\n"
                await asyncio.sleep(0)
        finally:
            closed.set()

    async def streaming(_request: Request, _deps: Dependencies) -> Response:
        return Response(status=200, body=endless())

    app = make_app({**FOUND, "list_things": streaming})
    received = 0
    enough = asyncio.Event()

    async def receive() -> Any:
        await enough.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal received
        received += len(message.get("body", b""))
        if received > 1000:
            enough.set()

    scope = {"type": "http", "method": "GET", "path": "/things", "query_string": b"", "headers": []}
    await asyncio.wait_for(app(scope, receive, send), 5)
    assert closed.is_set()


def test_an_operation_without_a_handler_stops_the_start() -> None:
    with pytest.raises(SpecError, match="without a handler: get_thing"):
        make_app({name: FOUND[name] for name in ("list_things", "create_thing")})


def test_a_handler_without_an_operation_stops_the_start() -> None:
    with pytest.raises(SpecError, match="without an operation in the contract: spare"):
        make_app({**FOUND, "spare": list_things})


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (SPEC.replace("operationId: get_thing", "x-y: z"), "has no operationId"),
        (SPEC.replace("security: []\n", ""), "list_things does not say who may call it"),
        (SPEC.replace("security: []\n", "security: [{Key: []}]\n"), "list_things: x-required-scopes"),
        (SPEC.replace("operationId: get_thing", "operationId: list_things"), "list_things"),
        (SPEC.replace("pattern: '^[a-z]+$'", "pattern: '('"), "cannot be used"),
        (SPEC.replace("responses:", "answers:"), "cannot be used"),
    ],
)
def test_a_broken_contract_stops_the_start(broken: str, reason: str) -> None:
    with pytest.raises(SpecError, match=reason):
        make_app(spec=broken)


def test_a_payload_schema_applies_to_its_event_type_only() -> None:
    schema = """
openapi: 3.0.3
info: {title: t, version: '1'}
security: []
paths:
  /e:
    post:
      operationId: e
      requestBody:
        content:
          application/json:
            schema:
              oneOf:
                - oneOf:
                    - type: object
                      properties:
                        event_type: {type: string, enum: [t]}
                        event_data: {type: object, properties: {n: {type: integer}}}
                  discriminator: {propertyName: event_type}
                - type: object
                  properties:
                    event_type: {type: string, not: {enum: [t]}}
                    event_data: {type: object}
      responses: {'200': {description: ok}}
"""
    body = Contract(yaml.safe_load(schema)).operations["e"].body
    assert body is not None
    assert body.violations({"event_type": "other", "event_data": {"n": "x"}}, "body") == []
    assert body.violations({"event_type": "t", "event_data": {"n": 1, "more": "x"}}, "body") == []
    (violation,) = body.violations({"event_type": "t", "event_data": {"n": "x"}}, "body")
    assert (violation.pointer, violation.detail) == ("#/event_data/n", "n must be an integer")
    (violation,) = body.violations({"event_type": "t", "event_data": "x"}, "body")
    assert violation.pointer == "#/event_data"


async def test_names_that_clients_invent_do_not_become_series(client: httpx.AsyncClient) -> None:
    other = VALIDATION_FAILURES.labels("other", "unknown")
    before = other._value.get()
    await client.get("/things?invented_by_a_client=1")
    assert other._value.get() == before + 1
    assert ("invented_by_a_client", "unknown") not in VALIDATION_FAILURES._metrics
