"""An instance never has more connections to PostgreSQL than pool_max_size, whatever it consists of."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import httpx
import psycopg
import pytest

from access.keys import mint
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import StartService

PATH = "/api/v1/audit/events"
COUNT = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
"""
PATIENT = {"slow_write": 10, "write_deadline": 10, "write_pool_timeout": 20, "pool_timeout": 20, "connect_timeout": 20}


@pytest.mark.parametrize(("workers", "auth"), [(12, "off"), (6, "on")])
def test_workers_listeners_and_the_sealer_stay_within_the_setting_under_load(
    start_service: StartService, database_url: str, workers: int, auth: str
) -> None:
    key = mint().text
    service = start_service(
        workers=workers,
        environment={"DATASTORAGE_AUTH": auth} | ({"DATASTORAGE_BOOTSTRAP_KEY": key} if auth == "on" else {}),
        settings={"pool_max_size": 25, **PATIENT},
    )
    eventually_sync(lambda: service.log().count('"worker ready"') == workers, timeout=60)

    def use(number: int) -> set[int]:
        with httpx.Client(base_url=service.url, timeout=60, headers={"Authorization": f"Bearer {key}"}) as client:
            written = client.post(PATH, json=event_body({"correlation_id": "counted"}))
            read = client.get(PATH, params={"correlation_id": "counted", "limit": number % 9 + 1})
        return {written.status_code, read.status_code}

    seen = []
    with psycopg.connect(database_url, autocommit=True) as connection, ThreadPoolExecutor(24) as pool:
        running = [pool.submit(use, number) for number in range(600)]
        while not all(one.done() for one in running):
            seen.append(connection.execute(COUNT).fetchone()[0])  # type: ignore[index]  # an aggregate has a row
    assert {status for one in running for status in one.result()} == {200, 201}
    assert max(seen) <= 25
    assert max(seen) >= 2 * workers, "all of it was in use"
