"""BufferedAuditStore against a service in memory: what `store` took is delivered once or reported."""

import logging
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from datastorage_client.buffered import BufferedAuditStore, StoreSettings
from datastorage_client.errors import BufferFullError, InvalidEventError, SpillError, StoreClosedError
from tests.fixtures.awaiting import eventually_sync
from tests.unit.client.doubles import FakeService, event, problem

URL = "http://service:8080"


@pytest.fixture
def opened():
    """Makes stores, and closes them whatever the test did."""
    stores = []

    def make(service, **options):
        store = BufferedAuditStore(URL, **{**service.options, **options})
        stores.append((service, store))
        return store

    yield make
    for service, store in stores:
        service.gate.set()
        store.close(5)


# -- N1, N2, N19: settings --------------------------------------------------------------------------------------


def test_a_store_needs_an_address():
    with pytest.raises(TypeError, match="base_url"):
        BufferedAuditStore()


@pytest.mark.parametrize("url", ["", "service:8080", "ftp://service", "http://"])
def test_an_address_that_cannot_be_one_is_refused(url):
    with pytest.raises(ValueError, match="base_url"):
        BufferedAuditStore(url)


@pytest.mark.parametrize("zero", [0, None])
def test_no_timeout_means_five_seconds(zero):
    assert StoreSettings(timeout=zero).timeout == 5.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"buffer_size": 0},
        {"batch_size": -1},
        {"batch_size": 501, "buffer_size": 500},
        {"batch_size": 1001, "buffer_size": 2000},
        {"flush_interval": 0},
        {"timeout": -1},
        {"block_timeout": -1},
        {"retry_initial": 2, "retry_max": 1},
        {"batch_max_bytes": 6 << 20},
        {"spill_bytes": 10},
        {"when_full": "explode"},
        {"when_full": "spill"},
    ],
    ids=str,
)
def test_a_wrong_setting_is_named(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        BufferedAuditStore(URL, **wrong)


# -- taking events ----------------------------------------------------------------------------------------------


def test_an_invalid_event_is_refused_and_not_buffered(opened):
    store = opened(FakeService())
    with pytest.raises(InvalidEventError):
        store.store({"event_type": "x"})
    assert store.stats().size == store.stats().buffered == 0


def test_a_full_batch_is_sent_without_waiting_for_the_timer(opened):
    service = FakeService()
    store = opened(service, batch_size=5, buffer_size=100, flush_interval=3600)
    for _ in range(5):
        store.store(event())
    eventually_sync(lambda: len(service.stored) == 5)
    assert [len(batch) for batch in service.batches] == [5]


def test_an_event_does_not_wait_longer_than_the_interval(opened):
    service = FakeService()
    store = opened(service, flush_interval=0.05)
    store.store(event())
    eventually_sync(lambda: len(service.stored) == 1)


def test_flush_sends_what_is_there_now(opened):
    service = FakeService()
    store = opened(service, flush_interval=3600)
    ids = [store.store(event()) for _ in range(3)]
    assert store.flush(5)
    assert list(service.stored) == ids


def test_flush_gives_up_after_its_time(opened):
    service = FakeService()
    service.gate.clear()
    store = opened(service, flush_interval=3600)
    store.store(event())
    assert store.flush(0.05) is False
    service.gate.set()
    assert store.flush(5)


def test_flush_of_nothing_returns_at_once(opened):
    assert opened(FakeService()).flush(0)


def test_events_of_many_threads_arrive_once_each(opened):
    service = FakeService()
    store = opened(service, when_full="block", block_timeout=30)
    with ThreadPoolExecutor(20) as pool:
        ids = list(pool.map(lambda n: store.store(event(correlation_id=str(n))), range(5000)))
    assert store.flush(30)
    assert set(service.stored) == set(ids)
    assert max(map(len, service.batches)) <= 500
    assert store.stats().written == 5000


def test_a_batch_is_bounded_in_bytes(opened):
    service = FakeService()
    store = opened(service, batch_max_bytes=10_000, flush_interval=3600)
    for _ in range(10):
        store.store(event(event_data={"text": "x" * 3000}))
    assert store.flush(5)
    assert [len(batch) for batch in service.batches] == [3, 3, 3, 1]
    with pytest.raises(InvalidEventError, match="at most 10000"):
        store.store(event(event_data={"text": "x" * 10_000}))


def test_bodies_are_compressed_unless_told_otherwise(opened):
    for compress, encoding in ((True, "gzip"), (False, None)):
        service = FakeService()
        store = opened(service, compress=compress)
        for _ in range(20):
            store.store(event())
        store.flush(5)
        assert service.requests[0].headers.get("content-encoding") == encoding
        assert len(service.stored) == 20


# -- N7: a full buffer ------------------------------------------------------------------------------------------


def full(opened, service, **options):
    """A store of five whose events are all under way or waiting."""
    service.gate.clear()
    store = opened(service, buffer_size=5, batch_size=2, flush_interval=3600, **options)
    ids = [store.store(event(correlation_id=str(n))) for n in range(2)]
    assert service.entered.wait(5)
    return store, ids + [store.store(event(correlation_id=str(n))) for n in range(2, 5)]


def test_a_full_buffer_raises_and_counts(opened):
    service = FakeService()
    store, ids = full(opened, service)
    for _ in range(15):
        with pytest.raises(BufferFullError, match="5 audit events wait"):
            store.store(event())
    assert store.stats().dropped == 15
    service.gate.set()
    assert store.flush(5)
    assert list(service.stored) == ids


def test_drop_newest_returns_none_and_reports(opened):
    service, dropped = FakeService(), []
    store, ids = full(opened, service, when_full="drop_newest", on_dropped=lambda e, why: dropped.append((e, why)))
    assert store.store(event(correlation_id="new")) is None
    service.gate.set()
    assert store.flush(5)
    assert list(service.stored) == ids
    eventually_sync(lambda: [(e["correlation_id"], why) for e, why in dropped] == [("new", "buffer full")])
    assert store.stats().dropped == 1


def test_drop_oldest_makes_room_but_never_drops_what_is_under_way(opened):
    service, dropped = FakeService(), []
    store, ids = full(opened, service, when_full="drop_oldest", on_dropped=lambda e, _: dropped.append(e["event_id"]))
    more = [store.store(event()) for _ in range(2)]
    service.gate.set()
    assert store.flush(5)
    assert list(service.stored) == [*ids[:2], ids[4], *more]
    eventually_sync(lambda: dropped == ids[2:4])
    assert store.stats().dropped == 2


def test_block_waits_for_room(opened):
    service = FakeService()
    store, ids = full(opened, service, when_full="block", block_timeout=30)
    late = []
    thread = threading.Thread(target=lambda: late.append(store.store(event())))
    thread.start()
    assert late == []
    service.gate.set()
    thread.join(10)
    assert store.flush(5)
    assert list(service.stored) == ids + late


def test_block_raises_when_no_room_comes(opened):
    store, _ = full(opened, FakeService(), when_full="block", block_timeout=0.02)
    with pytest.raises(BufferFullError):
        store.store(event())
    assert store.stats().dropped == 1


def test_a_callback_that_stores_does_not_wait_for_itself(opened):
    service, seen = FakeService(bad=["bad"]), []
    service.gate.clear()

    def again(_event, _problem):
        try:
            store.store(event(correlation_id="again"))
        except BufferFullError as error:
            seen.append(error)

    store = opened(
        service,
        buffer_size=2,
        batch_size=2,
        when_full="block",
        block_timeout=3600,
        on_rejected=again,
        flush_interval=60,
    )
    store.store(event(correlation_id="bad"))
    store.store(event(correlation_id="good"))
    service.gate.set()
    assert store.flush(5)
    assert len(seen) == 1


# -- N10, N13: failures -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "failure",
    [
        httpx.Response(500),
        httpx.Response(502, text="<html>bad gateway</html>"),
        httpx.Response(503, json=problem(503, "service-unavailable")),
        httpx.Response(503, json=problem(503, "outcome-unknown")),
        httpx.Response(504),
        httpx.Response(408),
        httpx.Response(429),
        httpx.Response(404, json=problem(404, "not-found")),
        httpx.Response(405, json=problem(405, "method-not-allowed")),
        httpx.Response(400, text="a proxy's own idea"),
        httpx.Response(302, headers={"location": "/login"}),
        httpx.Response(200, text="<html>hotel wifi</html>"),
        httpx.Response(201, json={"results": []}),
        httpx.Response(201, json={"results": [{"index": 0, "event_id": "another", "status": "created"}] * 2}),
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        RuntimeError("what nobody thought of"),
    ],
    ids=repr,
)
def test_a_failed_batch_is_sent_again_with_the_same_ids(opened, failure):
    service = FakeService(failure)
    store = opened(service)
    ids = [store.store(event()) for _ in range(2)]
    assert store.flush(5)
    assert [[one["event_id"] for one in batch] for batch in service.batches] == [ids, ids]
    assert list(service.stored) == ids
    stats = store.stats()
    assert (stats.written, stats.batches_failed, stats.rejected, stats.dropped) == (2, 1, 0, 0)


def test_a_lost_answer_doubles_nothing(opened):
    service = FakeService()
    service.answers = [service.record_then_fail]
    store = opened(service)
    ids = [store.store(event()) for _ in range(3)]
    assert store.flush(5)
    assert list(service.stored) == ids
    assert len(service.batches) == 2


def test_retry_after_is_heeded(opened):
    service = FakeService(httpx.Response(429, headers={"retry-after": "1"}))
    store = opened(service)
    store.store(event())
    began = time.monotonic()
    assert store.flush(10)
    assert time.monotonic() - began >= 0.9


def test_an_outage_is_said_once_and_its_end_too(opened, caplog):
    caplog.set_level(logging.INFO, "datastorage_client")
    store = opened(FakeService(*[httpx.ConnectError("refused")] * 5))
    store.store(event())
    assert store.flush(5)
    eventually_sync(lambda: "delivered again" in caplog.text)
    said = [record.getMessage() for record in caplog.records if record.name == "datastorage_client"]
    assert len(said) == 2
    assert "cannot be delivered" in said[0]
    assert "refused" in said[0]


# -- bad events -------------------------------------------------------------------------------------------------


def test_bad_events_are_reported_one_by_one_and_take_none_along(opened):
    service, rejected = FakeService(bad=["bad-1", "bad-2"]), []
    store = opened(
        service, on_rejected=lambda e, error: rejected.append((e["correlation_id"], error)), flush_interval=60
    )
    names = ["ok-1", "bad-1", "ok-2", "bad-2", "ok-3"]
    for name in names:
        store.store(event(correlation_id=name))
    assert store.flush(5)
    assert [one["correlation_id"] for one in service.stored.values()] == ["ok-1", "ok-2", "ok-3"]
    assert [name for name, _ in rejected] == ["bad-1", "bad-2"]
    assert all(error.slug == "validation-error" and error.errors[0].detail == "bad" for _, error in rejected)
    assert (store.stats().written, store.stats().rejected) == (3, 2)
    assert [request.headers.get("prefer") for request in service.requests] == [None, "handling=lenient"]


@pytest.mark.parametrize("status", [400, 409, 413])
def test_a_batch_that_is_refused_whole_is_halved_down_to_the_bad_event(opened, status):
    slug = {400: "validation-error", 409: "conflict", 413: "payload-too-large"}[status]
    service, rejected = FakeService(), []

    def answer(events):
        if any(one["correlation_id"] == "bad" for one in events):
            return httpx.Response(status, json=problem(status, slug))
        return service._record(events)

    service.answers = [answer] * 100
    store = opened(service, on_rejected=lambda e, _: rejected.append(e["correlation_id"]), flush_interval=60)
    for n in range(50):
        store.store(event(correlation_id="bad" if n == 33 else str(n)))
    assert store.flush(10)
    assert rejected == ["bad"]
    assert len(service.stored) == 49


def test_a_proxy_with_a_lower_limit_costs_only_the_event_that_is_too_large(opened):
    service, rejected = FakeService(), []

    def proxy(events):
        large = sum(len(one["event_data"]["text"]) for one in events) > 1000
        return httpx.Response(413, text="nginx") if large else service._record(events)

    service.answers = [proxy] * 100
    store = opened(service, on_rejected=lambda _, error: rejected.append(error.slug), flush_interval=60)
    for size in (400, 400, 400, 2000, 400):
        store.store(event(event_data={"text": "x" * size}))
    assert store.flush(5)
    assert rejected == ["payload-too-large"]
    assert len(service.stored) == 4


def test_an_event_that_cannot_be_taken_now_is_sent_again_alone(opened):
    service = FakeService(bad=["bad"])
    store = opened(service, flush_interval=60)

    def half(events):
        first, _ = events
        late = {"index": 1, "status": "rejected", "problem": problem(503, "service-unavailable")}
        service.stored[first["event_id"]] = first
        return httpx.Response(
            201, json={"results": [{"index": 0, "event_id": first["event_id"], "status": "created"}, late]}
        )

    service.answers = [half]
    ids = [store.store(event()), store.store(event())]
    assert store.flush(5)
    assert list(service.stored) == ids
    assert [len(batch) for batch in service.batches] == [2, 1]
    assert store.stats().rejected == 0


def test_a_callback_that_raises_harms_nobody(opened, caplog):
    service = FakeService(bad=["bad"])
    store = opened(service, on_rejected=lambda *_: 1 / 0)
    for name in ("bad", "good"):
        store.store(event(correlation_id=name))
    assert store.flush(5)
    assert len(service.stored) == 1
    assert "callback" in caplog.text


def test_a_rejection_without_a_callback_is_logged(opened, caplog):
    store = opened(FakeService(bad=["bad"]))
    event_id = store.store(event(correlation_id="bad"))
    assert store.flush(5)
    assert f"audit event {event_id} was refused: 400" in caplog.text


# -- tokens -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_token_is_asked_for_anew_and_the_batch_kept(opened, status):
    tokens = iter(["old", "new", "newer"])
    service = FakeService(httpx.Response(status, json=problem(status, "unauthorized")))
    store = opened(service, token=lambda: next(tokens))
    event_id = store.store(event())
    assert store.flush(5)
    assert service.tokens == ["Bearer old", "Bearer new"]
    assert list(service.stored) == [event_id]
    assert store.stats().batches_failed == 0


def test_a_fixed_token_that_is_refused_keeps_the_events(opened):
    service = FakeService(*[httpx.Response(401, json=problem(401, "unauthorized"))] * 3)
    store = opened(service, token="fixed")
    store.store(event())
    assert store.flush(5)
    assert len(service.stored) == 1
    assert store.stats().batches_failed == 3


def test_a_token_function_that_fails_is_a_failure_like_any_other(opened):
    answers = iter([OSError("no file"), "token"])

    def token():
        found = next(answers)
        if isinstance(found, Exception):
            raise found
        return found

    service = FakeService()
    store = opened(service, token=token)
    store.store(event())
    assert store.flush(5)
    assert len(service.stored) == 1


# -- N16, N17: the end ------------------------------------------------------------------------------------------


def test_close_delivers_what_is_there(opened):
    service = FakeService()
    store = opened(service, flush_interval=3600)
    for _ in range(700):
        store.store(event())
    assert store.close()
    assert len(service.stored) == 700
    with pytest.raises(StoreClosedError):
        store.store(event())
    assert store.close()


def test_the_end_of_a_with_block_delivers():
    service = FakeService()
    with BufferedAuditStore(URL, flush_interval=3600, **service.options) as store:
        store.store(event())
    assert len(service.stored) == 1


def test_close_of_an_empty_store_sends_nothing(opened):
    service = FakeService()
    assert opened(service, close_timeout=3600).close()
    assert service.requests == []


def test_close_tries_at_once_although_a_pause_is_on(opened):
    service = FakeService(httpx.ConnectError("refused"))
    store = opened(service, retry_initial=3600, retry_max=3600, flush_interval=0.001)
    store.store(event())
    eventually_sync(lambda: store.stats().batches_failed == 1)
    assert store.close(10)
    assert len(service.stored) == 1


def test_what_could_not_be_delivered_before_the_end_is_reported(opened):
    service, dropped = FakeService(*[httpx.ConnectError("refused")] * 10_000), []
    store = opened(service, on_dropped=lambda e, why: dropped.append((e["event_id"], why)))
    ids = [store.store(event()) for _ in range(3)]
    assert store.close(0.05) is False
    assert sorted(event_id for event_id, _ in dropped) == sorted(ids)
    assert all("closed" in why for _, why in dropped)
    assert store.stats().dropped == 3


# -- spill ------------------------------------------------------------------------------------------------------


def test_what_a_closed_store_left_in_its_file_is_delivered_by_the_next(opened, tmp_path):
    down = FakeService(*[httpx.ConnectError("refused")] * 10_000)
    first = opened(down, spill_dir=tmp_path, spill_bytes=1 << 20)
    ids = [first.store(event()) for _ in range(5)]
    assert first.close(0.05) is False
    up = FakeService()
    second = opened(up, spill_dir=tmp_path, spill_bytes=1 << 20)
    assert second.flush(5)
    assert list(up.stored) == ids
    assert second.close()
    assert list(tmp_path.iterdir()) == []


def test_a_spill_file_holds_more_than_the_buffer_and_is_bounded(opened, tmp_path):
    service = FakeService()
    service.gate.clear()
    store = opened(service, spill_dir=tmp_path, spill_bytes=1 << 20, buffer_size=10, batch_size=10)
    ids = []
    with pytest.raises(BufferFullError):  # noqa: PT012 - how many fit is not the point
        while len(ids) < 10_000:
            ids.append(store.store(event()))
    assert len(ids) > 1000
    assert 0.99 < store.stats().utilization <= 1
    service.gate.set()
    assert store.flush(30)
    assert list(service.stored) == ids


def test_a_spill_directory_that_cannot_be_used_is_an_error_at_once(tmp_path):
    (tmp_path / "x").touch()
    with pytest.raises(SpillError):
        BufferedAuditStore(URL, spill_dir=tmp_path / "x")


# -- forks ------------------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("spill", [False, True])
def test_a_forked_child_starts_empty_and_delivers_its_own(opened, tmp_path, spill):
    service = FakeService()
    service.gate.clear()
    options = {"spill_dir": tmp_path, "spill_bytes": 1 << 20} if spill else {}
    store = opened(service, flush_interval=3600, **options)
    mine = store.store(event(correlation_id="parent"))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            service.gate.set()
            own = store.store(event(correlation_id="child"))
            store.close(10)
            os.write(write, b"ok" if list(service.stored) == [own] else repr(service.stored).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as said:
        assert said.read() == "ok"
    os.waitpid(child, 0)
    service.gate.set()
    assert store.flush(5)
    assert list(service.stored) == [mine]


# -- metrics ----------------------------------------------------------------------------------------------------


def test_the_metrics_have_the_names_that_dashboards_know(opened):
    from prometheus_client import REGISTRY

    service = FakeService(httpx.Response(500), bad=["bad"])
    store = opened(service, name="metrics-test", buffer_size=1000)
    for name in ("bad", "good", "good"):
        store.store(event(correlation_id=name))
    assert store.flush(5)

    def value(name):
        return REGISTRY.get_sample_value(name, {"store": "metrics-test"})

    assert value("audit_events_buffered_total") == 3
    assert value("audit_events_written_total") == 2
    assert value("audit_events_rejected_total") == 1
    assert value("audit_events_dropped_total") == 0
    assert value("audit_batches_failed_total") == 1
    assert value("audit_buffer_size") == 0
    assert value("audit_buffer_capacity") == 1000
    assert value("audit_buffer_utilization_ratio") == 0
    assert value("audit_write_duration_seconds_count") == 3
