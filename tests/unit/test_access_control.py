"""What a process without authentication says about that, and when it says nothing."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from datastorage.access_control import AccessControl, remind
from datastorage.settings import load_settings


def control(**settings: object) -> AccessControl:
    return AccessControl(
        load_settings(**settings), address="", queue_address="redis://127.0.0.1:1", refused=lambda _: None
    )


async def test_an_open_service_warns_at_the_start_and_each_hour() -> None:
    slept: list[float] = []

    async def hour(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            raise asyncio.CancelledError

    with capture_logs() as lines, pytest.raises(asyncio.CancelledError):
        await remind(hour)
    assert slept == [3600, 3600, 3600]
    assert [line["log_level"] for line in lines] == ["warning"] * 3
    assert all("authentication is off" in line["event"] for line in lines)


def test_the_reminder_runs_and_readiness_warns_where_the_network_reaches_an_open_service() -> None:
    reachable = control(auth="off", host="0.0.0.0")  # noqa: S104
    assert list(reachable.loops.values()) == [remind]
    assert "authentication is off" in reachable.warnings[0]
    for quiet in (control(auth="off", host="127.0.0.1"), control()):
        assert (quiet.loops, quiet.warnings, quiet.guard) == ({}, (), None)
    guarded = control(auth="on", host="0.0.0.0")  # noqa: S104
    assert (guarded.warnings, "open access" in guarded.loops) == ((), False)
    assert guarded.guard is not None
