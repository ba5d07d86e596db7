"""Trees of parents in a timeline: of any shape, right, and read in bounded time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest

from repository.audit_queries import _ANCESTORS
from tests.fixtures.reading import OPTIONS, insert_events
from tests.fixtures.service import Service

START = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1)


@pytest.fixture(scope="module")
def service(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


@pytest.fixture
def store(module_database_url: str) -> Any:
    """Stores events of one correlation, given as (id, seconds after START, parent or None); the parents' dates fit."""

    def insert(correlation_id: str, events: list[tuple[UUID, int, UUID | None]], **more: Any) -> None:
        times = {event_id: START + timedelta(seconds=at) for event_id, at, _ in events}
        rows: list[Mapping[str, Any]] = [
            {
                "event_id": event_id,
                "event_timestamp": times[event_id],
                "correlation_id": correlation_id,
                "parent_event_id": parent,
                "parent_event_date": times.get(parent, START).date() if parent else None,
                **more,
            }
            for event_id, _, parent in events
        ]
        insert_events(module_database_url, rows)

    return insert


def timeline(service: Service, correlation_id: str, **params: int) -> list[tuple[UUID, int]]:
    """(event, depth) over all pages."""
    address = f"/api/v1/audit/correlations/{correlation_id}/timeline"
    answer = service.client.get(address, params=params)
    found = []
    while True:
        assert answer.status_code == 200, answer.text
        found += [(UUID(one["event"]["event_id"]), one["depth"]) for one in answer.json()["events"]]
        if "next" not in answer.links:
            return found
        answer = service.client.get(answer.links["next"]["url"])


def test_a_parent_of_another_correlation_counts_and_one_that_is_gone_does_not(service: Service, store: Any) -> None:
    """Months that are detached take parents with them."""
    elsewhere, root, child, orphan, grandchild = (uuid4() for _ in range(5))
    store("elsewhere", [(elsewhere, 0, None), (root, 1, elsewhere)])
    store("family", [(child, 2, root), (orphan, 3, uuid4()), (grandchild, 4, orphan)])
    assert timeline(service, "family") == [(child, 2), (orphan, 0), (grandchild, 1)]
    assert timeline(service, "family", limit=1) == [(child, 2), (orphan, 0), (grandchild, 1)]


def test_children_may_have_happened_before_their_parents(service: Service, store: Any) -> None:
    """Clocks differ: the order is that of time, the tree that of the links."""
    ids = [uuid4() for _ in range(6)]
    store("skewed", [(ids[n], n, ids[n + 1] if n < 5 else None) for n in range(6)])
    expected = [(ids[n], 5 - n) for n in range(6)]
    for limit in (1, 4, 500):
        assert timeline(service, "skewed", limit=limit) == expected


@pytest.mark.parametrize("backwards", [False, True])
def test_a_chain_beyond_the_bound_of_depth_is_counted_up_to_it(
    service: Service, store: Any, *, backwards: bool
) -> None:
    ids = [uuid4() for _ in range(1500)]
    at = [1500 - n if backwards else n for n in range(1500)]
    name = f"chain-{backwards}"
    store(name, [(ids[n], at[n], ids[n - 1] if n else None) for n in range(1500)])
    expected = [(ids[n], min(n, 1000)) for n in range(1500)]
    assert timeline(service, name) == (expected[::-1] if backwards else expected)


def test_links_that_jump_between_pages_are_read_once_each(service: Service, store: Any) -> None:
    """Every event of a page has its parent on the other one: a walk from each of them would take a million steps."""
    ids = [uuid4() for _ in range(1000)]
    at = [n // 2 + 500 * (n % 2) for n in range(1000)]
    store("interleaved", [(ids[n], at[n], ids[n - 1] if n else None) for n in range(1000)])
    expected = sorted((at[n], ids[n], n) for n in range(1000))
    found = timeline(service, "interleaved", limit=500)
    assert found == [(event_id, depth) for _, event_id, depth in expected]


CHAIN = """
    INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type, event_category,
        event_action, event_outcome, actor_type, actor_id, resource_type, resource_id, correlation_id, event_data,
        parent_event_id, parent_event_date)
    SELECT md5(n::text)::uuid, '1.0', %(at)s::timestamptz + n * interval '1 microsecond', %(at)s::date, 't', 'gateway',
        'a', 'success', 'service', 's', 'r', 'r', 'endless', '{}', md5((n + 1)::text)::uuid, %(at)s::date
    FROM generate_series(1, 30000) AS n
"""


def test_a_walk_to_ancestors_without_end_is_bounded(service: Service, module_database_url: str) -> None:
    """Each parent happened later, so that the depths of the first page depend on all 29,000 other events."""
    at = START.replace(hour=0, minute=0)
    with psycopg.connect(module_database_url, options="-c timezone=UTC") as connection:
        connection.execute(CHAIN, {"at": at})
    answer = service.client.get("/api/v1/audit/correlations/endless/timeline", params={"limit": 1000})
    assert answer.status_code == 200, answer.text
    assert {one["depth"] for one in answer.json()["events"]} == {1000}


def test_ancestors_are_looked_up_by_primary_key_even_where_the_plan_was_made_for_no_events(database_url: str) -> None:
    """A kept plan with a join over all events would run it again for each link once there are millions."""
    statement = (
        _ANCESTORS.format(max_ancestors=20_000, within="true").replace("%(ids)s", "$1").replace("%(dates)s", "$2")
    )
    with psycopg.connect(database_url, options=OPTIONS) as connection:
        plan = "\n".join(line for (line,) in connection.execute(f"EXPLAIN (GENERIC_PLAN) {statement}".encode()))
    assert set(re.findall(r"using audit_events_\d{4}_\d{2}_(\w+)", plan)) == {"pkey"}
    assert plan.count("Index Cond: ((event_id = ") == plan.count("using audit_events_"), plan
    assert "Seq Scan" not in plan
