"""What a hostile or careless client puts into the address of a read: the right answer or a clear 400, never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from repository.event_filters import EXACT_FILTERS
from tests.fixtures.reading import insert_events
from tests.fixtures.service import Service

PATH = "/api/v1/audit/events"
TIMES = ("since", "until", "start_time", "end_time")
NOW = datetime.now(UTC).replace(microsecond=0)
#: Filters whose values are free; event_outcome is an enum.
TEXTS = tuple(name for name in EXACT_FILTERS if name != "event_outcome")
#: One value fits into every column, so that one event can hold it in all of them.
HOSTILE = (
    "' OR '1'='1",
    "'; DROP TABLE x;--",
    "%",
    "_",
    "\\",
    "\\%",
    "$1",
    "%(x)s",
    "{0}",
    "NULL",
    "日本 🚀",
    "a&b=c+d",
)


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    """With three events that no hostile value means."""
    insert_events(module_database_url, ({"correlation_id": "plain"} for _ in range(3)))
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


def ask(service: Service, query: str, path: str = PATH) -> httpx.Response:
    """GET with the query string exactly as given."""
    return service.client.get(f"{path}?{query}")


def ids(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [event["event_id"] for event in answer.json()["data"]]


def refused(answer: httpx.Response, *names: str) -> dict[str, Any]:
    """The problem of a 400 that names these parameters."""
    assert answer.status_code == 400, answer.text
    problem: dict[str, Any] = answer.json()
    assert problem["type"].endswith("/validation-error")
    assert set(names) <= set(problem["field_errors"]), problem
    return problem


@pytest.mark.parametrize("value", HOSTILE)
def test_each_filter_takes_each_text_for_a_value(service: Service, module_database_url: str, value: str) -> None:
    columns = {name: value for name in TEXTS if name != "event_category"}
    (stored,) = insert_events(module_database_url, [columns])
    for name in columns:
        assert ids(ask(service, f"{name}={quote(value)}")) == [stored]
    assert ids(ask(service, f"event_category={quote(value)}")) == []
    refused(ask(service, f"event_outcome={quote(value)}"), "event_outcome")
    assert ids(ask(service, f"event_type={quote(value)}*")) == [stored], "nothing in a prefix is a wildcard"


@pytest.mark.parametrize("name", TEXTS)
def test_a_value_as_long_as_an_address_may_be_is_looked_for_and_a_longer_one_is_414(
    service: Service, name: str
) -> None:
    assert ids(ask(service, f"{name}={'x' * 8000}")) == []
    assert ids(ask(service, f"{name}={'x' * 7999}*")) == []
    assert ask(service, f"{name}={'x' * 10_000}").status_code == 414


@pytest.mark.parametrize("name", [*EXACT_FILTERS, *TIMES, "data", "order", "limit", "offset", "cursor"])
@pytest.mark.parametrize("value", ["a%00b", "%ED%A0%80", "%FF", "%C0%80", "%F4%90%80%80"])
def test_what_is_no_text_is_refused(service: Service, name: str, value: str) -> None:
    """NUL, half a surrogate pair, a byte that is no UTF-8, an overlong form, a code point that does not exist."""
    refused(ask(service, f"{name}={value}"))


@pytest.mark.parametrize("name", [*EXACT_FILTERS, *TIMES, "data", "order", "limit", "offset", "cursor"])
def test_a_parameter_that_is_repeated_is_refused_by_name(service: Service, name: str) -> None:
    assert "more than once" in refused(ask(service, f"{name}=1&{name}=1"), name)["detail"]


@pytest.mark.parametrize(
    "name", [*TEXTS, "since", "until", "start_time", "end_time", "event_outcome", "data", "order", "limit", "offset"]
)
def test_an_empty_value_asks_for_nothing(service: Service, name: str) -> None:
    everything = ids(ask(service, ""))
    assert ids(ask(service, f"{name}=")) == ids(ask(service, name)) == everything


def test_an_empty_cursor_is_refused(service: Service) -> None:
    """A client that lost its cursor would start anew for ever."""
    refused(ask(service, "cursor="), "cursor")


@pytest.mark.parametrize(
    "value",
    [
        "0",
        "-1",
        "1001",
        "1e2",
        "1.0",
        "0x10",
        "1_0",
        "\N{ARABIC-INDIC DIGIT ONE}",
        "NaN",
        "99999999999999999999",
        "9" * 4400,
        " 1",
        "true",
    ],
)
def test_a_limit_is_a_plain_number_in_its_range(service: Service, value: str) -> None:
    refused(ask(service, f"limit={quote(value)}"), "limit")


@pytest.mark.parametrize("value", ["-1", "2147483648", "9223372036854775808", "9" * 4400])
def test_an_offset_beyond_its_range_is_refused(service: Service, value: str) -> None:
    refused(ask(service, f"offset={value}"), "offset")
    assert ids(ask(service, "offset=2147483647")) == []


@pytest.mark.parametrize(
    "value",
    [
        "99999999999999999999h", "1" * 5000 + "h", "-1h", "1h-1h", "2025-12-01T10:00:60Z",
        "2016-12-31T23:59:60Z", "2025-02-29", "2025-12-01T24:00:00Z", "0000-01-01", "10000-01-01", "-0001-01-01",
        "2025-12-01T10:00:00%2B24:00", "Infinity", "now",
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["since", "end_time"])
def test_a_time_that_is_none_is_refused_with_the_forms_that_there_are(service: Service, name: str, value: str) -> None:
    detail = refused(ask(service, f"{name}={value}"), name)["field_errors"][name]
    assert detail.startswith(f"{name}: invalid time format; write 24h")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("since=0001-01-01", True), ("until=9999-12-31T23:59:59.999999Z", True), ("since=0001-01-01T00:00:00Z", True),
        ("since=99999999d", True), ("until=9999999d", False), ("since=0001-01-01T00:00:00%2B14:00", True),
        ("until=9999-12-31T23:59:59-14:00", True), ("since=9999-12-31T23:59:59-14:00", False),
        ("since=9999-12-31", False), ("until=0001-01-01", False), ("since=700000d", True), ("until=700000d", False),
        ("since=2025-12-01T10:00:00+02:00", True), ("until=2025-12-01T10:00:00+02:00", False),
        ("since=2025-12-01T10:00:00%2B02:00", True), ("since=0s", False),
    ],
)  # fmt: skip
def test_times_at_the_ends_of_the_calendar_and_with_a_bare_plus_are_right(
    service: Service, query: str, *, found: bool
) -> None:
    assert bool(ids(ask(service, f"{query}&correlation_id=plain"))) is found


def test_pages_over_the_whole_calendar_end(service: Service) -> None:
    query = "correlation_id=plain&limit=1&since=0001-01-01&until=9999-12-31T23:59:59.999999Z"
    seen, answer = [], ask(service, query)
    while "next" in answer.links:
        seen += ids(answer)
        answer = service.client.get(answer.links["next"]["url"])
    assert len({*seen, *ids(answer)}) == 3


@pytest.mark.parametrize(
    "data",
    [
        '{"a":"\\u0000"}', '{"a":"\\ud800"}', '{"a":1e400000}', '{"a":NaN}', '{"a":1,}', '{"a":1}{', "[" * 4000,
        '"x"', "null", "\ufeff{}",
    ],
)  # fmt: skip
def test_data_that_is_no_object_for_jsonb_is_refused(service: Service, data: str) -> None:
    refused(ask(service, f"data={quote(data, safe='{}[]')}"))


def test_data_may_be_large_and_its_members_may_be_anything(service: Service, module_database_url: str) -> None:
    many = {f"k{number}": number for number in range(300)}
    odd = {"": {"'": '"', "\\": [None, True, {}], "🚀": "%s"}}
    assert ids(ask(service, "data=" + quote('{"a":' * 600 + "1" + "}" * 600, safe="{}:"))) == []
    stored = insert_events(module_database_url, [{"event_data": many}, {"event_data": odd}])
    assert [ids(ask(service, f"data={quote(json.dumps(one), safe=':')}")) for one in (many, odd)] == [
        [one] for one in stored
    ]


def test_a_cursor_with_any_character_changed_or_added_is_refused(service: Service) -> None:
    query = "correlation_id=plain&limit=1"
    cursor = ask(service, query).json()["pagination"]["next_cursor"]
    assert len(ids(ask(service, f"{query}&cursor={cursor}"))) == 1
    forged = [
        cursor[:at] + chr(ord(cursor[at]) ^ bit) + cursor[at + 1 :] for at in range(len(cursor)) for bit in (1, 6)
    ]
    for one in (*forged, cursor[:-1], cursor + "=", cursor + "A", cursor * 2, "=", "-", "A" * 88, f" {cursor}"):
        answer = ask(service, f"{query}&cursor={quote(one, safe='')}")
        assert "cursor" in refused(answer, "cursor")["detail"]


def test_a_cursor_of_another_query_is_refused(service: Service) -> None:
    """Whatever differs: a filter, its value, the order, the window, the endpoint."""
    cursor = ask(service, "correlation_id=plain&limit=1").json()["pagination"]["next_cursor"]
    more_filters = ("order=asc", "since=1h", "actor_id=gateway-service", 'data={"a":1}')
    timeline = "/api/v1/audit/correlations/plain/timeline"
    others = ("correlation_id=Plain", "actor_id=plain", *(f"correlation_id=plain&{more}" for more in more_filters), "")
    for other in others:
        assert "other filters" in refused(ask(service, f"{other}&cursor={cursor}"), "cursor")["detail"]
    assert "other filters" in refused(ask(service, f"cursor={cursor}", timeline), "cursor")["detail"]
    refused(ask(service, "cursor=", timeline), "cursor")
    foreign = ask(service, "limit=1", timeline).json()["pagination"]["next_cursor"]
    assert "other filters" in refused(ask(service, f"correlation_id=plain&cursor={foreign}"), "cursor")["detail"]


def test_an_unknown_parameter_is_named_whatever_it_is(service: Service) -> None:
    for name in ("colour", "Limit", "since[]", "a%27b", "%F0%9F%9A%80", ""):
        refused(ask(service, f"{name}=1"))
    refused(ask(service, "&".join(f"p{number}=1" for number in range(300))))


@pytest.mark.parametrize(
    ("segment", "status"),
    [
        ("plain", 200), ("Plain", 404), ("%25%25", 404), ("'%20OR%20'1'='1' --", 404), ("a%00b", 400), ("%FF", 400),
        ("%ED%A0%80", 400), ("%EF%BF%BD", 404), ("x" * 255, 404), ("x" * 256, 400), ("x" * 10_000, 414),
    ],
)  # fmt: skip
def test_the_address_of_a_timeline_may_hold_anything(service: Service, segment: str, status: int) -> None:
    answer = service.client.get(f"/api/v1/audit/correlations/{segment}/timeline")
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("segment", ["x", "%00", "%FF", "0" * 32, "0" * 10_000, f"{uuid4()}%0A", f"%7B{uuid4()}%7D"])
def test_an_id_that_is_no_uuid_is_refused(service: Service, segment: str) -> None:
    assert service.client.get(f"{PATH}/{segment}").status_code == (414 if len(segment) > 8000 else 400)


def test_a_window_from_the_last_to_the_first_instant_is_empty(service: Service) -> None:
    since, until = (quote((NOW + timedelta(days=shift)).isoformat()) for shift in (1, -1))
    assert ids(ask(service, f"since={since}&until={until}")) == []
