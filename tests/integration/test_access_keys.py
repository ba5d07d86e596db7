"""API keys in PostgreSQL: what is kept of them, and their last use."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg

from access.keyring import KeyRing
from access.keys import mint
from repository.access_keys import AccessKeyTable, insert_key, list_keys
from tests.fixtures.awaiting import eventually


async def test_the_last_use_of_a_key_is_noted_and_its_secret_is_nowhere(database_url: str) -> None:
    new, passed = mint(), timedelta()
    insert_key(
        database_url,
        {
            "key_id": new.key_id, "name": "gateway", "secret_sha256": new.secret_sha256, "scopes": ["audit:write"],
            "categories": None, "namespaces": None, "clusters": None, "requests_per_second": None, "burst": 1,
            "expires_at": None,
        },
    )  # fmt: skip
    ring = KeyRing(AccessKeyTable(database_url), clock=lambda: datetime.now(UTC) + passed)
    following = asyncio.create_task(ring.run())
    try:
        assert await ring.find(new.key_id)
        assert list_keys(database_url)[0].last_used_at is None
        passed = timedelta(minutes=2)
        ring.used(new.key_id)

        async def noted() -> bool:
            return (await asyncio.to_thread(list_keys, database_url))[0].last_used_at is not None

        await eventually(noted)
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    (kept,) = list_keys(database_url)
    assert kept.last_used_at is not None
    assert kept.last_used_at > datetime.now(UTC) + timedelta(minutes=1)
    with psycopg.connect(database_url) as connection:
        dumped = str(connection.execute("SELECT to_jsonb(access_keys) FROM access_keys").fetchall())
    assert new.text.split("_", 2)[2] not in dumped
