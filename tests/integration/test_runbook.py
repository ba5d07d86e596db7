"""The SQL of docs/runbook.md runs as it stands there, and the repair of a month that it describes works."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import psycopg
import pytest

from repository.partitions import ensure_months

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text()
QUERIES = [re.sub(r"\s+", " ", one) for one in re.findall(r"^ {4,6}(SELECT [^;]*);", RUNBOOK, re.MULTILINE)]
REPAIR = [
    re.sub(r"\s+", " ", one)
    for one in re.findall(r"^    ((?:ALTER|CREATE) TABLE [^;]*);", RUNBOOK.partition("#### A month")[2], re.MULTILINE)
]
ATTACH = re.findall(r"^    (ALTER TABLE audit_events ATTACH [^;]*);", RUNBOOK, re.MULTILINE)


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_of_the_runbook_runs(query: str, database_url: str) -> None:
    with psycopg.connect(database_url, autocommit=True) as connection:
        ensure_months(connection, [date(2026, 11, 1)])
        cursor = connection.execute(query.encode())
        assert cursor.description, "it shows something"


def test_a_month_is_detached_replaced_and_attached_as_the_runbook_says(database_url: str) -> None:
    assert len(QUERIES) >= 7
    assert len(REPAIR) == 3
    at = datetime(2026, 11, 15, tzinfo=UTC)
    with psycopg.connect(database_url, autocommit=True, options="-c timezone=UTC") as connection:
        ensure_months(connection, [date(2026, 11, 1)])
        insert = """INSERT INTO audit_events (event_id, event_version, event_timestamp, event_date, event_type,
            event_category, event_action, event_outcome, actor_type, actor_id, resource_type, resource_id,
            correlation_id, event_data) VALUES (gen_random_uuid(), '1.0', %(at)s, %(day)s, 't', 'gateway', 'a',
            'success', 'service', 'a', 'r', 'r', 'c', '{}')"""
        for _ in range(3):
            connection.execute(insert, {"at": at, "day": at.date()})
        for statement in REPAIR:
            connection.execute(statement.encode())
        connection.execute("INSERT INTO audit_events_2026_11 SELECT * FROM damaged_2026_11 LIMIT 2")
        connection.execute(ATTACH[0].encode())
        (lost,) = [one for one in QUERIES if "audit_event_ids" in one]
        assert len(connection.execute(lost.encode()).fetchall()) == 1, "what the dump lacked is known by its id"
        connection.execute(insert, {"at": at, "day": at.date()})
        assert connection.execute("SELECT count(*) FROM audit_events").fetchone() == (3,)
