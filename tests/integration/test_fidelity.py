"""What was sent comes back: generated JSON through the real edge, PostgreSQL and back, and through the queue's form.

DATASTORAGE_TEST_FIDELITY_EXAMPLES=10000 runs deep; docs/testing.md notes the last deep run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import msgspec
import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from pipeline.kinds import AUDIT_EVENTS
from repository.records import AuditEvent
from telemetry.clock import new_event_id
from tests.fixtures.service import Service

EXAMPLES = int(os.environ.get("DATASTORAGE_TEST_FIDELITY_EXAMPLES") or 200)
SEED = 20261121
PATH = "/api/v1/audit/events"
#: Payloads in one request: what is generated is many times what is sent.
PORTION = 10

text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
digits = st.text("0123456789", min_size=1, max_size=40)
integers = st.one_of(
    st.integers(-(2**70), 2**70).map(str),
    digits.map(lambda d: d.lstrip("0") or "0"),
    st.integers(1, 1000).map(lambda size: "9" * size),
)
decimals = st.builds(
    lambda sign, whole, fraction, exponent: f"{sign}{whole.lstrip('0') or '0'}.{fraction}{exponent}",
    st.sampled_from(["", "-"]),
    digits,
    digits,
    st.sampled_from(["", "e0", "E+5", "e-30", "e100"]),
)
scalars = st.one_of(
    integers, decimals, text.map(json.dumps), st.sampled_from(["null", "true", "false", "-0", "{}", "[]"])
)


def containers(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    members = st.lists(st.tuples(text, inner), max_size=4, unique_by=lambda pair: pair[0])
    objects = members.map(lambda pairs: "{" + ",".join(f"{json.dumps(k)}:{v}" for k, v in pairs) + "}")
    return st.one_of(objects, st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]"))


payloads = st.recursive(scalars, containers, max_leaves=12).map(lambda value: f'{{"value":{value}}}')


def exactly(document: str | bytes) -> Any:
    """The JSON value with every digit; zeros at the end of a fraction do not count, as in jsonb's equality."""
    return json.loads(document, parse_int=Decimal, parse_float=Decimal)


def event(data: str) -> str:
    document = {
        "version": "1.0",
        "event_type": "fidelity.value.sent",
        "event_category": "gateway",
        "event_action": "sent",
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": "fidelity",
        "event_data": "@",
    }
    return json.dumps(document).replace('"@"', data)


def post(service: Service, path: str, body: str | bytes) -> httpx.Response:
    return service.client.post(path, content=body, headers={"Content-Type": "application/json"})


@pytest.fixture(scope="module")
def running(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


@seed(SEED)
@settings(
    max_examples=EXAMPLES // PORTION,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(st.lists(payloads, min_size=PORTION, max_size=PORTION))
def test_every_value_comes_back_as_it_was_sent(running: Service, values: list[str]) -> None:
    answer = post(running, f"{PATH}/batch", f"[{','.join(map(event, values))}]".encode())
    assert answer.status_code == 201, answer.text[:500]
    for event_id, sent in zip(answer.json()["event_ids"], values, strict=True):
        stored = running.client.get(f"{PATH}/{event_id}")
        assert exactly(stored.content)["event_data"] == exactly(sent)


@seed(SEED)
@settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(payloads)
def test_the_queue_keeps_every_member_of_an_event(data: str) -> None:
    """The same serialisation on both paths: what is replayed is what would have been stored."""
    sent = AuditEvent(
        event_id=new_event_id(),
        event_version="1.0",
        event_timestamp=datetime.now(UTC),
        event_type="t",
        event_category="gateway",
        event_action="a",
        event_outcome="success",
        actor_type="service",
        actor_id="ä\u2028",
        resource_type="r",
        resource_id="r",
        correlation_id="c",
        event_data=msgspec.Raw(data.encode()),
        duration_ms=0,
        severity=None,
    )
    assert AUDIT_EVENTS.decode(AUDIT_EVENTS.encode(sent)) == sent


def test_of_equal_keys_the_last_one_wins(running: Service) -> None:
    answer = post(running, PATH, event('{"k": 1, "k": {"z": 1, "z": 2}}'))
    assert running.client.get(answer.headers["Location"]).json()["event_data"] == {"k": {"z": 2}}


def nested(levels: int) -> str:
    return '{"k":' * (levels - 1) + "{}" + "}" * (levels - 1)


def sized(size: int) -> str:
    return '{"k":"' + "x" * (size - 8) + '"}'


@pytest.mark.parametrize("data", [nested(32), sized(256 * 1024)], ids=["depth", "size"])
def test_what_is_as_deep_and_as_long_as_allowed_comes_back(running: Service, data: str) -> None:
    answer = post(running, PATH, event(data))
    assert answer.status_code == 201
    assert running.client.get(answer.headers["Location"]).json()["event_data"] == json.loads(data)


@pytest.mark.parametrize(
    ("data", "pointer"),
    [
        ('{"a": {"b": "\\u0000"}}', "#/event_data/a/b"),
        ('{"a": ["x", "\\ud800"]}', "#/event_data/a/1"),
        ('{"\\ud800": 1}', "#/event_data/?"),
        ('{"a": NaN}', "#"),
        ('{"a": -Infinity}', "#"),
        ('{"a": 1e131073}', "#/event_data/a"),
        ('{"a": 1e-16384}', "#/event_data/a"),
        (nested(33), "#/event_data"),
        (sized(256 * 1024 + 1), "#/event_data"),
    ],
    ids=["NUL", "surrogate", "surrogate key", "NaN", "infinity", "too large", "too small", "too deep", "too long"],
)
@pytest.mark.parametrize("batch", [False, True])
def test_what_cannot_be_kept_is_refused_where_it_stands(
    running: Service, data: str, pointer: str, *, batch: bool
) -> None:
    body = f"[{event('{}')}, {event(data)}]" if batch else event(data)
    answer = post(running, f"{PATH}/batch" if batch else PATH, body)
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["pointer"] == (pointer.replace("#/", "#/1/") if batch else pointer)
