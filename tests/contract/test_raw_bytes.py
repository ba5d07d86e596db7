"""Bytes that are hardly HTTP against the real service: a sample of what `make fuzz-raw` sends a million times."""

from __future__ import annotations

import asyncio

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.service import StartService
from tests.fuzz.raw import fuzz

SEED, CASES = 20261121, 1500


def test_whatever_bytes_come_nothing_fails_and_nothing_is_stuck(start_service: StartService) -> None:
    service = start_service(settings={"headers_timeout": 2, "body_timeout": 2})
    report = asyncio.run(fuzz(service.url, seed=SEED, numbers=iter(range(CASES))))
    assert report.failures == []
    assert {status[0] for status in report.statuses} >= {"2", "4"}
    eventually_sync(lambda: service.client.get("/health/live").status_code == 200)
    assert "Traceback" not in service.log()
