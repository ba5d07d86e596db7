"""A short sample of the sealer's drill; `python -m tests.chaos.sealer MINUTES SEED` is the long one, with failovers."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from datastorage.embedded import embedded_postgres
from tests.chaos.sealer import SERVER, Drill, crash, open_drill
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import migrate
from tests.fixtures.servers import open_directory

pytestmark = pytest.mark.timeout(600)


@pytest.fixture
def postgres() -> Iterator[Controlled]:
    """A PostgreSQL that prepares transactions."""
    with open_directory() as home:
        server = Controlled(embedded_postgres(home, port=0, settings=SERVER))
        try:
            server.server.start_anywhere()
            server.server.create_database()  # type: ignore[attr-defined]  # it is a Postgres
            migrate(server.url)
            yield server
        finally:
            server.kill(children=True)


def sealed(drill: Drill) -> int:
    return max(drill.seen.roots, default=0)


def grows(drill: Drill) -> None:
    """Wait until more is sealed and published than now."""
    before = sealed(drill)
    eventually_sync(lambda: sealed(drill) > before, timeout=120)


def test_kills_of_the_sealer_and_of_postgresql_fork_nothing_and_pass_over_nothing(postgres: Controlled) -> None:
    with open_drill(postgres.url, random.Random(1), writers=3) as drill:
        grows(drill)
        drill.kill_a_sealer()
        grows(drill)
        crash(postgres)
        grows(drill)
        drill.kill_a_sealer()
        drill.settle()
        assert drill.seen.failures == []
        assert drill.sealed >= len(drill.seen.committed) > 0
