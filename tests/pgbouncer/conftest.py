"""PgBouncer in transaction mode (Debian's package pgbouncer) before a PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fixtures.controlled import Controlled
from tests.fixtures.pgbouncer import PgBouncer
from tests.fixtures.servers import Servers


@pytest.fixture(scope="module")
def pooler(servers: Servers) -> Iterator[PgBouncer]:
    """Before the PostgreSQL that all tests share."""
    with PgBouncer(servers.postgres_url) as running:
        yield running


@pytest.fixture
def own_pooler(own_postgres: Controlled) -> Iterator[PgBouncer]:
    """Before a PostgreSQL of the test's own."""
    with PgBouncer(own_postgres.url) as running:
        yield running
