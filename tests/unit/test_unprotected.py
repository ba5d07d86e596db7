"""Addresses whose way over the network is not protected, told by the addresses alone."""

from __future__ import annotations

import pytest

from addresses import postgres, queue


@pytest.mark.parametrize(
    ("address", "exposed"),
    [
        ("postgresql://u:p@127.0.0.1/d", False),
        ("postgresql://u:p@localhost/d", False),
        ("postgresql://u:p@[::1]/d", False),
        ("postgresql:///d?host=/var/run/postgresql", False),
        ("dbname=d", False),
        ("postgresql://u:p@db/d", True),
        ("postgresql://u:p@db/d?sslmode=require", True),
        ("postgresql://u:p@db/d?sslmode=verify-full", False),
        ("host=db hostaddr=127.0.0.1", False),
        ("postgresql://localhost,db/d", True),
    ],
)
def test_postgresql_off_this_machine_is_exposed_without_verify_full(address: str, exposed: bool) -> None:
    assert postgres.exposed(address) is exposed


@pytest.mark.parametrize(
    ("address", "exposed"),
    [
        ("redis://127.0.0.1:6379/0", False),
        ("redis://localhost", False),
        ("unix:///run/redis.sock", False),
        ("redis://cache:6379/0", True),
        ("rediss://cache:6379/0", False),
        ("rediss://cache:6379/0?ssl_cert_reqs=none", True),
        ("redis://10.0.0.1", True),
    ],
)
def test_redis_off_this_machine_is_exposed_without_tls_that_verifies(address: str, exposed: bool) -> None:
    assert queue.exposed(address) is exposed


@pytest.mark.parametrize(
    ("address", "completed"),
    [
        ("redis://cache:6379/0", "redis://:s%2Fec%40ret@cache:6379/0"),
        ("redis://user@cache/1", "redis://user:s%2Fec%40ret@cache/1"),
        ("redis://:own@cache/1", "redis://:own@cache/1"),
    ],
)
def test_a_password_that_comes_apart_completes_an_address_without_one(address: str, completed: str) -> None:
    assert queue.completed(address, "s/ec@ret") == completed
    assert postgres.parameters(postgres.completed("postgresql://u@db/d", "s/ec@ret"))["password"] == "s/ec@ret"
    assert postgres.parameters(postgres.completed("postgresql://u:own@db/d", "x"))["password"] == "own"
