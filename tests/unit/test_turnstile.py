"""Who waits, in which order they are let in, and what becomes of those who wait in vain."""

from __future__ import annotations

import asyncio

import pytest

from datastorage import turnstile as module
from datastorage.turnstile import Turnstile
from tests.fixtures.awaiting import eventually
from web.problems import Problem


class Guest:
    def __init__(self, name: str, told: list[str], *, is_there: bool = True) -> None:
        self._name, self._told, self._is_there = name, told, is_there

    def let_in(self) -> bool:
        self._told.append(f"{self._name} in" if self._is_there else f"{self._name} gone")
        return self._is_there

    def turn_away(self, waited: float) -> None:
        assert waited >= 0
        self._told.append(f"{self._name} away")


async def test_who_finds_no_place_waits_in_order_of_arrival() -> None:
    told: list[str] = []
    turnstile = Turnstile("writes", 1)
    for name in "abcd":
        turnstile.admit(Guest(name, told))
    assert told == ["a in"]
    turnstile.leave()
    turnstile.leave()
    assert told == ["a in", "b in", "c in"]


async def test_who_is_gone_takes_no_place() -> None:
    told: list[str] = []
    turnstile = Turnstile("writes", 1)
    turnstile.admit(Guest("a", told))
    turnstile.admit(Guest("b", told, is_there=False))
    left = Guest("c", told)
    turnstile.admit(left)
    turnstile.admit(Guest("d", told))
    turnstile.forget(left)
    turnstile.leave()
    assert told == ["a in", "b gone", "d in"]


async def test_in_an_overload_who_came_last_is_let_in_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FAIR", -1.0)
    monkeypatch.setattr(module, "_LOOK", 0.0)
    told: list[str] = []
    turnstile = Turnstile("writes", 1)
    for name in "abc":
        turnstile.admit(Guest(name, told))
    await eventually(lambda: turnstile.is_overrun)
    turnstile.leave()
    turnstile.leave()
    assert told == ["a in", "c in", "b in"]


async def test_who_waits_too_long_is_turned_away_and_the_place_is_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    monkeypatch.setattr(module, "_PATIENCE_AT_FIRST", 0.05)
    monkeypatch.setattr(module, "_LOOK", 0.0)
    told: list[str] = []
    turnstile = Turnstile("writes", 1)
    turnstile.admit(Guest("a", told))
    turnstile.admit(Guest("b", told))
    await eventually(lambda: told == ["a in", "b away"])
    with pytest.raises(Problem) as refused:
        await turnstile.enter()
    assert (refused.value.kind.status, refused.value.headers) == (503, {"Retry-After": "1"})
    turnstile.leave()
    await turnstile.enter()
    turnstile.leave()
    turnstile.admit(Guest("c", told))
    assert told == ["a in", "b away", "c in"]


@pytest.mark.parametrize("is_let_in_first", [True, False])
async def test_a_task_that_is_cancelled_holds_no_place(is_let_in_first: bool) -> None:
    told: list[str] = []
    turnstile = Turnstile("writes", 1)
    turnstile.admit(Guest("a", told))
    entering = asyncio.create_task(turnstile.enter())
    await asyncio.sleep(0)
    if is_let_in_first:
        turnstile.leave()
    entering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entering
    if not is_let_in_first:
        turnstile.leave()
    turnstile.admit(Guest("b", told))
    assert told == ["a in", "b in"]
