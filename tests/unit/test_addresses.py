"""Addresses of the stores: every form that libpq and redis-py take, and no word of a password in a refusal."""

from __future__ import annotations

import subprocess
import sys

import psycopg
import pytest

from addresses import postgres as databases
from addresses import queue as queues
from datastorage.settings import SettingsError, load_settings, redacted

TWO_HOSTS = "postgresql://app:hunter2@db1:5432,db2:5433/audit?target_session_attrs=read-write"


@pytest.mark.parametrize(
    ("address", "places", "name"),
    [
        ("postgresql://app:hunter2@db/audit", "db:5432", "audit"),
        ("postgres://db:6000/audit", "db:6000", "audit"),
        (TWO_HOSTS, "db1:5432, db2:5433", "audit"),
        ("host=db1,db2,db3 port=6000 dbname=audit password='hunter2 x'", "db1:6000, db2:6000, db3:6000", "audit"),
        ("postgresql://app@db1,db2/audit", "db1:5432, db2:5432", "audit"),
        ("postgresql://%2Frun%2Fpostgresql/audit", "/run/postgresql:5432", "audit"),
        ("host=/run/postgresql dbname=audit", "/run/postgresql:5432", "audit"),
        ("postgresql:///audit", "libpq's default host", "audit"),
        ("service=audit", "service audit", ""),
        ("postgresql://[::1]:6000/audit", "[::1]:6000", "audit"),
        ("hostaddr=127.0.0.1 dbname=a%2fb", "127.0.0.1:5432", "a%2fb"),
    ],
)
def test_an_address_of_postgres_is_read_as_libpq_reads_it(address: str, places: str, name: str) -> None:
    databases.check(address)
    assert (databases.places(address), databases.database_name(address)) == (places, name)
    assert "hunter2" not in databases.redacted(address)
    shown = psycopg.conninfo.conninfo_to_dict(databases.redacted(address))
    assert shown == {
        **psycopg.conninfo.conninfo_to_dict(address),
        **({"password": "********"} if "hunter2" in address else {}),
    }


@pytest.mark.parametrize(
    "address",
    [
        "mysql://hunter2@db/audit",
        "hunter2",
        "postgresql://app:hunter2 x@db/audit",
        "postgresql://app:hun@ter2@db/audit",
        "postgresql://app:hunter2@db:many/audit",
        "host=db1,db2 port=1,2,3 password=hunter2",
    ],
)
def test_what_libpq_cannot_use_is_refused_without_a_word_of_it(address: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^database_url \(DATABASE_URL\): .*postgresql://user:password@host"
    ) as caught:
        load_settings(database_url=address)
    assert "ter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "place", "shown"),
    [
        ("redis://cache", "cache:6379", "redis://cache:6379/0"),
        ("redis://cache:7000/3", "cache:7000", "redis://cache:7000/3"),
        ("rediss://app:hunter2@cache/1", "cache:6379", "rediss://app:********@cache:6379/1"),
        ("redis://:hunter2@[::1]:7000", "[::1]:7000", "redis://:********@[::1]:7000/0"),
        ("redis://cache/0?password=hunter2", "cache:6379", "redis://:********@cache:6379/0"),
        (
            "redis+sentinel://app:hunter2@s1,s2:26380/2?service=audit&sentinel_password=hunter2",
            "audit by s1:26379, s2:26380",
            "redis+sentinel://app:********@s1:26379,s2:26380/2?service=audit&sentinel_password=********",
        ),
        (
            "rediss+sentinel://s1",
            "mymaster by s1:26379",
            "rediss+sentinel://s1:26379/0?service=mymaster",
        ),
        ("unix:///run/redis.sock?db=2", "/run/redis.sock", "unix:///run/redis.sock?db=2"),
        (
            "rediss://cache?ssl_ca_certs=/ca.pem&ssl_password=hunter2",
            "cache:6379",
            "rediss://cache:6379/0?ssl_ca_certs=/ca.pem&ssl_password=********",
        ),
    ],
)
def test_an_address_of_redis_is_read_as_redis_py_reads_it(address: str, place: str, shown: str) -> None:
    queues.check(address)
    assert (queues.place(address), queues.redacted(address)) == (place, shown)


@pytest.mark.parametrize(
    "address",
    [
        "http://hunter2",
        "redis://:hunter2@cache:many",
        "redis://:hunter2@cache?colour=red",
        "redis://c1:1,hunter2:2/0",
        "http+sentinel://hunter2",
        "redis+sentinel://hunter2:x",
    ],
)
def test_what_redis_py_cannot_use_is_refused_without_a_word_of_it(address: str) -> None:
    with pytest.raises(
        SettingsError, match=r"^redis_url \(REDIS_URL\): not an address of Redis; expected is"
    ) as caught:
        load_settings(redis_url=address)
    assert "hunter2" not in str(caught.value)


def test_of_several_hosts_the_one_that_takes_writes_is_asked_for_unless_the_address_says_which() -> None:
    asked = {
        address: psycopg.conninfo.conninfo_to_dict(str(redacted(load_settings(database_url=address))["database_url"]))
        for address in ("host=db1,db2", "host=db1,db2 target_session_attrs=primary", "host=db1")
    }
    assert [one.get("target_session_attrs") for one in asked.values()] == ["read-write", "primary", None]


def test_reading_the_settings_loads_no_metrics() -> None:
    """prometheus_client chooses its storage when it is imported; `serve` says which after it has read the settings."""
    program = """
import sys
from datastorage.settings import load_settings
load_settings(database_url="host=db", redis_url="redis://cache")
sys.exit("prometheus_client" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False, timeout=30).returncode == 0
