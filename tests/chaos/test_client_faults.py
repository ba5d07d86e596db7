"""What the buffered client took is stored once, whatever is killed: the client itself, the network, the service."""

import random
from collections.abc import Iterator

import pytest

from tests.chaos.client_arena import CLIENT_FAULTS, ClientArena, open_client_arena, run_client_round

SEED = 20261121


@pytest.fixture(scope="module")
def arena() -> Iterator[ClientArena]:
    with open_client_arena(SEED) as opened:
        yield opened


@pytest.mark.parametrize("first", range(0, len(CLIENT_FAULTS), 3))
def test_nothing_that_store_took_is_lost_or_doubled(arena: ClientArena, first: int) -> None:
    faults = list(CLIENT_FAULTS)[first : first + 3]
    found = run_client_round(arena, faults, random.Random(f"{SEED}-{first}"))
    assert found.clean, found
