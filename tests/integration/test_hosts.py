"""Several hosts in one address: a silent one delays nobody, and what became read-only is left."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from addresses.postgres import parameters
from datastorage.embedded import free_port
from repository.deadline import Server
from repository.errors import DatabaseUnavailableError
from repository.hosts import Hosts
from repository.measured_pool import Connection, MeasuredPool
from repository.pool import probe_writable
from tests.fixtures.awaiting import eventually

#: Seconds that a connection to a host may take; far more than a test should.
PATIENCE = 60


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A host that accepts connections and never says a word, as a frozen primary does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def two_hosts(first_port: int, address: str) -> str:
    known = parameters(address)
    return make_conninfo(
        **{**known, "host": f"127.0.0.1,{known['host']}", "port": f"{first_port},{known['port']}"},
        target_session_attrs="read-write",
    )


async def test_a_silent_host_delays_neither_a_probe_nor_later_connections(silent_port: int, database_url: str) -> None:
    hosts = Hosts(two_hosts(silent_port, database_url))
    began = time.monotonic()
    connection = await hosts.connect(connect_timeout=PATIENCE)
    await connection.close()
    assert time.monotonic() - began < PATIENCE / 2
    good = parameters(database_url)["port"]
    assert conninfo_to_dict(hosts.address())["port"] == f"{good},{silent_port}"
    again = await psycopg.AsyncConnection.connect(hosts.address(), connect_timeout=PATIENCE)
    assert again.info.port == int(good)
    await again.close()


async def test_where_no_host_answers_the_last_error_is_raised() -> None:
    hosts = Hosts(f"host=127.0.0.1,127.0.0.1 port={free_port()},{free_port()}")
    with pytest.raises(psycopg.OperationalError):
        await hosts.connect(connect_timeout=2)


async def test_an_address_of_one_host_is_used_as_it_is(database_url: str) -> None:
    hosts = Hosts(database_url)
    assert hosts.address() == database_url
    await probe_writable(hosts)


class _Watched:
    """The health of a server that is up, and how often a probe was asked for."""

    is_down = False
    asked = 0

    def request_probe(self) -> None:
        self.asked += 1

    def on_down(self, act: object) -> object:
        return lambda: None


async def test_connections_to_a_server_that_became_read_only_are_replaced(database_url: str) -> None:
    """A demoted primary that goes on serving: its sessions stay read-only for ever."""
    name = parameters(database_url)["dbname"]
    admin = await psycopg.AsyncConnection.connect(database_url, autocommit=True)

    async def write(connection: Connection) -> None:
        await connection.execute("CREATE TABLE IF NOT EXISTS written (n int)")

    async with admin, MeasuredPool(database_url, name="tested", min_size=1, max_size=1, open=False) as pool:
        health = _Watched()
        server = Server(pool, health, wait=PATIENCE, slow=PATIENCE)  # type: ignore[arg-type]
        await admin.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        await pool.drain()
        await asyncio.sleep(0)
        with pytest.raises(DatabaseUnavailableError):
            await server.run(write, deadline=PATIENCE)
        await admin.execute("SET default_transaction_read_only = off")
        await admin.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")

        async def written() -> bool:
            try:
                await server.run(write, deadline=PATIENCE)
            except DatabaseUnavailableError:  # replaced too early, by a session that is read-only too
                return False
            return True

        await eventually(written)
        assert health.asked
