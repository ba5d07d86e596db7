"""Large bodies: checked as small ones are, in slices, one at a time."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from datastorage.edge import large_bodies as module
from datastorage.edge.contract import Contract, load_spec
from datastorage.edge.json_text import decode
from datastorage.edge.large_bodies import LargeBodies
from repository.json_measures import has_more_commas
from tests.fixtures.events import event_body
from web.problems import Problem

OPERATIONS = Contract(load_spec()[1]).operations
EVENT, BATCH = OPERATIONS["create_audit_event"].body, OPERATIONS["create_audit_events_batch"].body
assert EVENT is not None
assert BATCH is not None


def batch(*events: Any) -> bytes:
    return json.dumps(events).encode()


GOOD = event_body({"correlation_id": "c", "event_data": {"n": 1.5, "list": [1, {"a": None}]}})


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(batch(GOOD, GOOD), id="good"),
        pytest.param(batch(GOOD, {}, [], None, 7), id="not events"),
        pytest.param(batch(*[GOOD] * 3, *[{}] * 200), id="more violations than are listed"),
        pytest.param(batch(GOOD, {**GOOD, "event_type": "a\0"}), id="what cannot be stored"),
        pytest.param(batch(GOOD).replace(b"1.5", b"1e9999"), id="a number out of range"),
        pytest.param(batch(GOOD).replace(b"1.5", b"1e900"), id="a number to be written out"),
        pytest.param(batch(GOOD, {**GOOD, "event_action": "\ud800"}), id="a lone surrogate"),
        pytest.param(batch(*[GOOD] * 1001), id="too many"),
        pytest.param(b"[]", id="none"),
        pytest.param(b"[{},", id="no JSON"),
        pytest.param(b"[" + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"]", id="too deep"),
        pytest.param(b"{}", id="no array"),
    ],
)
async def test_in_slices_the_same_is_found_as_at_once(text: bytes) -> None:
    sliced = await LargeBodies(members=100).check(text, BATCH)
    whole = decode(text)
    if whole.document is None and whole.violations:
        assert [one.reason for one in sliced.violations] == [one.reason for one in whole.violations]
        return
    expected = [*whole.violations, *BATCH.violations(whole.document, "body")]
    assert {(one.pointer, one.reason) for one in sliced.violations} == {(one.pointer, one.reason) for one in expected}
    if sliced.document is not None:
        assert (sliced.document, sliced.digits) == (whole.document, whole.digits)


async def test_an_object_with_too_many_members_is_not_even_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[bytes] = []
    monkeypatch.setattr(module, "decode", lambda text: parsed.append(text) or decode(text))
    many = {**GOOD, "event_data": {"list": [1] * 200}}
    large = LargeBodies(members=100)
    (one,) = (await large.check(json.dumps(many).encode(), EVENT)).violations
    assert (one.pointer, one.reason) == ("#", "exceeds_max_members")
    (one,) = (await large.check(batch(GOOD, many, GOOD), BATCH)).violations
    assert (one.pointer, one.reason) == ("#/1", "exceeds_max_members")
    assert len(parsed) == 2, "the two good ones"


async def test_others_run_between_two_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLICE", 0.0)
    seen = 0

    async def beside() -> None:
        nonlocal seen
        while True:
            seen += 1
            await asyncio.sleep(0)

    running = asyncio.create_task(beside())
    await LargeBodies(members=100).check(batch(*[GOOD] * 50), BATCH)
    running.cancel()
    assert seen >= 50


async def test_one_goes_after_the_other_and_who_waits_too_long_may_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_SLICE", 0.0)
    large = LargeBodies(members=100)
    both = [asyncio.create_task(large.check(batch(*[GOOD] * 20), BATCH)) for _ in range(2)]
    await asyncio.sleep(0)
    monkeypatch.setattr(module, "_PATIENCE", 0.0)
    with pytest.raises(Problem) as refused:
        await large.check(batch(GOOD), BATCH)
    assert (refused.value.kind.status, refused.value.headers) == (503, {"Retry-After": "1"})
    for one in await asyncio.gather(*both):
        assert one.violations == []


@pytest.mark.parametrize(
    ("text", "commas"),
    [
        (b"[1,2,3]", 2),
        (b'["a,b","\\",,,"]', 1),
        (b'{"a,":1,"b":[1,2]}', 2),
        (b"[" + b"1," * 5000 + b"1]", 5000),
    ],
)
def test_commas_outside_of_strings_are_counted(text: bytes, commas: int) -> None:
    assert has_more_commas(text, commas - 1)
    assert not has_more_commas(text, commas)
