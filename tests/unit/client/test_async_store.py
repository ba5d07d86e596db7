"""AsyncBufferedAuditStore: the same promises on an event loop."""

import asyncio
import os
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from datastorage_client.buffered import AsyncBufferedAuditStore
from datastorage_client.errors import BufferFullError, InvalidEventError, StoreClosedError
from tests.fixtures.awaiting import eventually
from tests.unit.client.doubles import FakeService, event, problem

URL = "http://service:8080"
ROOT = Path(__file__).parents[3]


class AsyncService(FakeService):
    """Answers in the loop; `hold` keeps answers back."""

    def __init__(self, *answers, bad=()):
        super().__init__(*answers, bad=bad)
        self.hold = asyncio.Event()
        self.hold.set()
        answer = self._answer

        async def handle(request):
            if not self.hold.is_set():
                self.entered.set()
                await self.hold.wait()
            return answer(request)

        self.transport = httpx.MockTransport(handle)


def opened(service, **options):
    return AsyncBufferedAuditStore(URL, **{**service.options, **options})


async def test_events_arrive_once_each():
    service = AsyncService(httpx.ConnectError("refused"), httpx.Response(503))
    async with opened(service, buffer_size=5000) as store:
        ids = [store.store(event()) for _ in range(2000)]
        assert await store.flush(10)
    assert list(service.stored) == ids
    assert max(map(len, service.batches)) <= 500


async def test_the_end_of_the_block_delivers():
    service = AsyncService()
    async with opened(service, flush_interval=3600) as store:
        event_id = store.store(event())
    assert list(service.stored) == [event_id]
    with pytest.raises(StoreClosedError):
        store.store(event())
    assert await store.aclose()


async def test_a_store_that_was_not_started_says_so():
    store = opened(AsyncService())
    with pytest.raises(RuntimeError, match="not started"):
        store.store(event())


async def test_an_invalid_event_is_refused_and_not_buffered():
    async with opened(AsyncService()) as store:
        with pytest.raises(InvalidEventError):
            store.store({})
        assert store.stats().size == 0


async def test_events_come_from_any_thread():
    service = AsyncService()
    async with opened(service, flush_interval=0.01) as store:
        thread = threading.Thread(target=lambda: store.store(event()))
        thread.start()
        await eventually(lambda: len(service.stored) == 1)
        thread.join()


async def test_put_waits_for_room_and_store_does_not():
    service = AsyncService()
    service.hold.clear()
    async with opened(service, buffer_size=2, batch_size=2, when_full="block", block_timeout=30) as store:
        ids = [await store.put(event()), await store.put(event())]
        with pytest.raises(BufferFullError):
            store.store(event())
        waiting = asyncio.create_task(store.put(event()))
        await asyncio.sleep(0)
        assert not waiting.done()
        service.hold.set()
        ids.append(await waiting)
        assert await store.flush(5)
    assert list(service.stored) == ids


async def test_put_raises_when_no_room_comes():
    service = AsyncService()
    service.hold.clear()
    async with opened(service, buffer_size=1, batch_size=1, when_full="block", block_timeout=0.02) as store:
        await store.put(event())
        with pytest.raises(BufferFullError):
            await store.put(event())
        service.hold.set()


async def test_flush_gives_up_after_its_time():
    service = AsyncService()
    service.hold.clear()
    async with opened(service) as store:
        store.store(event())
        assert await store.flush(0.05) is False
        service.hold.set()
        assert await store.flush(5)


async def test_bad_events_are_reported_and_take_none_along():
    service, rejected = AsyncService(bad=["bad"]), []
    async with opened(service, on_rejected=lambda e, _: rejected.append(e["correlation_id"])) as store:
        for name in ("good", "bad", "good"):
            store.store(event(correlation_id=name))
        assert await store.flush(5)
    assert rejected == ["bad"]
    assert len(service.stored) == 2


async def test_what_could_not_be_delivered_before_the_end_is_reported():
    service, dropped = AsyncService(), []
    service.hold.clear()
    store = opened(service, on_dropped=lambda e, _: dropped.append(e["event_id"]))
    await store.start()
    event_id = store.store(event())
    assert await store.aclose(0.05) is False
    assert dropped == [event_id]


async def test_a_token_may_come_from_a_coroutine_function():
    tokens = iter(["old", "new"])

    async def token():
        await asyncio.sleep(0)
        return next(tokens)

    service = AsyncService(httpx.Response(401, json=problem(401, "unauthorized")))
    async with opened(service, token=token) as store:
        store.store(event())
        assert await store.flush(5)
    assert service.tokens == ["Bearer old", "Bearer new"]


async def test_a_spill_file_outlives_the_store(tmp_path):
    down = AsyncService()
    down.hold.clear()
    store = opened(down, spill_dir=tmp_path, spill_bytes=1 << 20)
    await store.start()
    event_id = store.store(event())
    assert await store.aclose(0.05) is False
    up = AsyncService()
    async with opened(up, spill_dir=tmp_path, spill_bytes=1 << 20) as again:
        assert await again.flush(5)
    assert list(up.stored) == [event_id]


# -- the loop ends without aclose -------------------------------------------------------------------------------


def run_without_aclose(service, *, until=None, **options):
    """A program that forgets its store: the ids that it stored, and the events that were reported."""
    ids, dropped = [], []

    async def main():
        service.hold = asyncio.Event()
        if until is None:
            service.hold.set()

        def report(one, _):
            dropped.append(one["event_id"])

        store = await opened(service, flush_interval=0.01, on_dropped=report, **options).start()
        ids.extend(store.store(event()) for _ in range(3))
        if until is not None:
            await asyncio.to_thread(service.entered.wait, 10)
            until()

    asyncio.run(main())
    return ids, dropped


def test_the_end_of_the_loop_delivers_what_is_there():
    service = AsyncService(httpx.ConnectError("refused"))
    ids, dropped = run_without_aclose(service)
    assert (list(service.stored), dropped) == (ids, [])


def test_what_is_under_way_at_the_end_of_the_loop_is_delivered_too():
    service = AsyncService()
    ids, dropped = run_without_aclose(
        service, until=lambda: asyncio.get_running_loop().call_later(0.05, service.hold.set)
    )
    assert (list(service.stored), dropped) == (ids, [])


def test_what_cannot_be_delivered_at_the_end_of_the_loop_is_reported():
    service = AsyncService()
    ids, dropped = run_without_aclose(service, until=lambda: None, close_timeout=0.05)
    assert (list(service.stored), dropped) == ([], ids)


def test_a_store_of_a_loop_that_just_stops_is_reported_at_the_end_of_the_process():
    program = """
import asyncio, sys
from tests.unit.client.test_async_store import AsyncService, event, opened
loop = asyncio.new_event_loop()
report = lambda one, why: print(why)
store = loop.run_until_complete(opened(AsyncService(), flush_interval=3600, on_dropped=report).start())
store.store(event())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([".", "clients/python/src"])}
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.stdout == "closed before it could be delivered\n", ended.stderr
