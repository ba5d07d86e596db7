"""AsyncBufferedAuditStore: the same promises on an event loop."""

import asyncio
import threading

import httpx
import pytest

from datastorage_client.buffered import AsyncBufferedAuditStore
from datastorage_client.errors import BufferFullError, InvalidEventError, StoreClosedError
from tests.fixtures.awaiting import eventually
from tests.unit.client.doubles import FakeService, event, problem

URL = "http://service:8080"


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
