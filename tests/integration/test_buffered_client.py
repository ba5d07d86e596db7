"""The buffered client against the real service."""

import threading
import time
from uuid import uuid4

import psycopg
import pytest

from datastorage_client.buffered import AsyncBufferedAuditStore, BufferedAuditStore
from tests.fixtures.awaiting import eventually, eventually_sync
from tests.fixtures.events import event_body

THREADS, EACH = 50, 500


def stored(database_url, correlation_id):
    statement = "SELECT event_id::text FROM audit_events WHERE correlation_id = %s"
    with psycopg.connect(database_url) as connection:
        return [row[0] for row in connection.execute(statement, [correlation_id])]


def burst(store, correlation_id):
    """25,000 events from 50 threads; their ids and the CPU seconds that each call of `store` took."""
    ids, costs = [[] for _ in range(THREADS)], [0.0] * THREADS

    def run(number):
        bodies = [event_body({"correlation_id": correlation_id, "event_data": {"n": n}}) for n in range(EACH)]
        began = time.thread_time()
        ids[number] = [store.store(body) for body in bodies]
        costs[number] = (time.thread_time() - began) / EACH

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [one for some in ids for one in some], sorted(costs)


@pytest.mark.parametrize("kind", ["memory", "spill"])
def test_25000_events_of_50_threads_arrive_complete(service, database_url, tmp_path, kind, record_property):
    correlation_id = f"burst-{uuid4()}"
    options = {"spill_dir": tmp_path} if kind == "spill" else {"buffer_size": THREADS * EACH}
    began = time.perf_counter()
    with BufferedAuditStore(service.url, timeout=60, **options) as store:
        ids, costs = burst(store, correlation_id)
        assert store.flush(100)
        took = time.perf_counter() - began
    eventually_sync(lambda: len(stored(database_url, correlation_id)) >= len(ids), timeout=60)
    found = stored(database_url, correlation_id)
    assert len(found) == len(set(found)) == THREADS * EACH
    assert set(found) == set(ids)
    record_property("seconds", round(took, 2))
    record_property("store_microseconds", round(costs[len(costs) // 2] * 1e6, 1))


def test_one_event_can_be_queried_soon(service):
    correlation_id = f"one-{uuid4()}"
    with BufferedAuditStore(service.url) as store:
        event_id = store.store(event_body({"correlation_id": correlation_id}))

        def found():
            page = service.client.get("/api/v1/audit/events", params={"correlation_id": correlation_id}).json()
            return [event["event_id"] for event in page["data"]]

        eventually_sync(lambda: found() == [event_id], timeout=30)


def test_the_service_names_the_bad_events_and_keeps_the_others(service, database_url):
    correlation_id, rejected = f"bad-{uuid4()}", []
    with BufferedAuditStore(service.url, on_rejected=lambda event, error: rejected.append((event, error))) as store:
        for n in range(20):
            old = {"event_timestamp": "2020-01-01T00:00:00Z"} if n % 5 == 0 else {}
            store.store(event_body({"correlation_id": correlation_id, "event_data": {"n": n}, **old}))
        assert store.flush(30)
    assert [event["event_data"]["n"] for event, _ in rejected] == [0, 5, 10, 15]
    assert all("too old" in error.detail for _, error in rejected)
    assert len(stored(database_url, correlation_id)) == 16


def test_an_id_with_other_content_is_reported_as_a_conflict(service):
    event_id, rejected = str(uuid4()), []
    first = event_body({"correlation_id": "conflict", "event_id": event_id})
    with BufferedAuditStore(service.url, on_rejected=lambda _, error: rejected.append(error)) as store:
        store.store(first)
        assert store.flush(30)
        receipt = f"/api/v1/audit/events/{event_id}/receipt"
        eventually_sync(lambda: service.client.get(receipt).json()["state"] == "stored", timeout=30)
        store.store({**first, "event_data": {"other": True}})
        store.store(event_body({"correlation_id": "conflict"}))
        assert store.flush(30)
        assert store.stats().written == 2
    assert [error.slug for error in rejected] == ["conflict"]


async def test_the_asyncio_store_delivers(service, database_url):
    correlation_id = f"async-{uuid4()}"
    async with AsyncBufferedAuditStore(service.url) as store:
        ids = [store.store(event_body({"correlation_id": correlation_id})) for _ in range(900)]
        assert await store.flush(60)
    await eventually(lambda: sorted(stored(database_url, correlation_id)) == sorted(ids))
