"""The fixtures that the other tests stand on."""

import asyncio
import threading

import psycopg
import pytest
import redis

from tests.fixtures.awaiting import eventually, eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.database import fresh_database
from tests.fixtures.proxy import OpenProxy


def test_two_databases_share_nothing(postgres_url: str, template_database: str) -> None:
    with fresh_database(postgres_url, template_database) as first, fresh_database(postgres_url) as second:
        with psycopg.connect(first) as connection:
            connection.execute("CREATE TABLE only_here ()")
        with psycopg.connect(second) as connection:
            assert connection.execute("SELECT to_regclass('only_here')").fetchone() == (None,)


def test_a_database_goes_although_somebody_is_connected(postgres_url: str) -> None:
    with fresh_database(postgres_url) as url:
        connection = psycopg.connect(url)
    with pytest.raises(psycopg.OperationalError):
        connection.execute("SELECT 1")


def test_a_queue_starts_empty(queue_url: str, redis_url: str) -> None:
    assert queue_url != redis_url
    with redis.Redis.from_url(queue_url) as client:
        assert client.dbsize() == 0


async def test_eventually_returns_the_first_truthy_value_of_an_async_condition() -> None:
    values = iter([0, None, 7])

    async def condition() -> int | None:
        await asyncio.sleep(0)
        return next(values)

    assert await eventually(condition) == 7


async def test_eventually_reports_the_last_failure() -> None:
    def condition() -> bool:
        raise AssertionError("3 of 4 rows")

    with pytest.raises(AssertionError, match="did not come true") as caught:
        await eventually(condition, timeout=0.05)
    assert str(caught.value.__cause__) == "3 of 4 rows"


def test_a_killed_postgres_comes_back_with_what_it_committed(own_postgres: Controlled) -> None:
    with psycopg.connect(own_postgres.url, autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        own_postgres.kill()
        with pytest.raises(psycopg.OperationalError):  # sessions notice by themselves, a little later
            eventually_sync(lambda: connection.execute("SELECT 1") is None)
    own_postgres.start()
    with psycopg.connect(own_postgres.url) as connection:
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_a_paused_postgres_answers_nobody_until_resumed(own_postgres: Controlled) -> None:
    answers: list[object] = []
    with psycopg.connect(own_postgres.url) as connection:
        own_postgres.pause()
        asking = threading.Thread(target=lambda: answers.append(connection.execute("SELECT 1").fetchone()))
        asking.start()
        asking.join(0.2)
        assert answers == []
        own_postgres.resume()
        asking.join(5)
    assert answers == [(1,)]


def test_a_killed_valkey_comes_back_with_what_it_acknowledged(own_valkey: Controlled) -> None:
    with redis.Redis.from_url(own_valkey.url) as client:
        entry = client.xadd("stream", {"k": "v"})
        own_valkey.kill()
        own_valkey.start()
    with redis.Redis.from_url(own_valkey.url) as client:
        assert client.xrange("stream") == [(entry, {b"k": b"v"})]


def test_a_proxy_passes_cuts_and_passes_again(postgres_url: str, open_proxy: OpenProxy) -> None:
    proxy = open_proxy(postgres_url)
    with psycopg.connect(proxy.url(postgres_url)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
        proxy.refuse()
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(proxy.url(postgres_url))
    proxy.accept()
    with psycopg.connect(proxy.url(postgres_url)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@pytest.mark.parametrize(("forward", "stored"), [(True, 1), (False, 0)])
def test_a_proxy_cuts_a_commit_before_or_after_the_server_sees_it(
    forward: bool, stored: int, database_url: str, open_proxy: OpenProxy
) -> None:
    with psycopg.connect(database_url, autocommit=True) as direct:
        direct.execute("CREATE TABLE written (n int)")
        proxy = open_proxy(database_url)
        with psycopg.connect(proxy.url(database_url)) as connection:
            connection.execute("INSERT INTO written VALUES (1)")
            cut = proxy.cut_at(b"COMMIT", forward=forward)
            with pytest.raises(psycopg.OperationalError):
                connection.commit()
        assert cut.is_set()
        gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        eventually_sync(lambda: direct.execute(gone).fetchone() == (1,))
        assert direct.execute("SELECT count(*) FROM written").fetchone() == (stored,)


def test_a_held_proxy_delivers_when_released(postgres_url: str, open_proxy: OpenProxy) -> None:
    proxy = open_proxy(postgres_url)
    answers: list[object] = []
    with psycopg.connect(proxy.url(postgres_url)) as connection:
        proxy.hold()
        asking = threading.Thread(target=lambda: answers.append(connection.execute("SELECT 1").fetchone()))
        asking.start()
        asking.join(0.2)
        assert answers == []
        proxy.release()
        asking.join(5)
    assert answers == [(1,)]


def test_a_half_closed_proxy_ends_the_clients_session(postgres_url: str, open_proxy: OpenProxy) -> None:
    proxy = open_proxy(postgres_url)
    with psycopg.connect(proxy.url(postgres_url)) as connection:
        proxy.half_close("client")
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
