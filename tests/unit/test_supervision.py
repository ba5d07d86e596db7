"""What fails in the background is started again, and everybody can see it."""

from __future__ import annotations

import asyncio

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from telemetry import supervision
from telemetry.supervision import supervised


def restarts() -> float:
    return REGISTRY.get_sample_value("datastorage_background_restarts_total", {"loop": "test loop"}) or 0


@pytest.mark.parametrize("fails", [True, False], ids=["fails", "returns"])
async def test_a_loop_that_ends_is_started_again_with_a_metric_and_a_log_line(
    monkeypatch: pytest.MonkeyPatch, *, fails: bool
) -> None:
    monkeypatch.setattr(supervision, "_FIRST", 0.001)
    runs = 0
    lasting = asyncio.Event()

    async def loop() -> None:
        nonlocal runs
        runs += 1
        if runs < 4:
            if fails:
                raise RuntimeError("surprise")
            return
        lasting.set()
        await asyncio.Event().wait()

    before = restarts()
    with capture_logs() as logs:
        task = supervised("test loop", loop)
        await asyncio.wait_for(lasting.wait(), 5)
    assert restarts() == before + 3
    pauses = [line["pause_seconds"] for line in logs if line["event"] == "background loop is started again"]
    assert pauses == sorted(pauses)
    assert len(set(pauses)) == 3, "each pause is longer than the one before"
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
