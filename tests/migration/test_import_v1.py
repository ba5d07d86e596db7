"""From Data Storage V1.0: its database is refused with what to do, and its contents are brought over, once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import psycopg
import pytest
from click.testing import CliRunner, Result

from datastorage.cli.import_v1 import import_v1
from datastorage.cli.migrate import migrate
from repository import migrations
from repository.v1_import import V1Target
from tests.fixtures.v1_database import insert_v1

EVENTS = """
INSERT INTO audit_events (event_timestamp, event_type, event_category, event_action, event_outcome, actor_type,
                          actor_id, resource_type, resource_id, correlation_id, event_data, trace_id, retention_days)
SELECT timestamptz '2025-10-30 00:30:00Z' + n * interval '31 minutes', 'gateway.signal.received', 'gateway', 'received',
       'success', 'service', 'gateway-service', 'Signal', 'fp-' || n, 'rr-' || n % 7,
       '{"exact": 0.1000000000000000055511151231257827, "big": 18446744073709551617}',
       CASE WHEN n = 5 THEN repeat('x', 40) END, CASE WHEN n = 6 THEN NULL ELSE 2555 END
  FROM generate_series(1, 2500) AS n
"""
NOTIFICATIONS = """
INSERT INTO notification_audit (remediation_id, notification_id, recipient, channel, message_summary, status, sent_at,
                                created_at)
SELECT 'rr-1', 'n-' || n, 'ops@example.com', 'email', 'done', 'sent', '2025-11-01Z', '2025-11-01 12:00Z'
  FROM generate_series(1, 30) AS n
"""
WORKFLOWS = """
INSERT INTO remediation_workflow_catalog (workflow_name, version, name, description, content, content_hash, labels,
                                          status, is_latest_version, total_executions, created_at)
VALUES ('pod-oom', 'v1.9.0', 'Pod OOM', 'text', 'a: 1', repeat('0', 64),
        '{"signal_type": "OOMKilled", "severity": "critical", "component": "pod", "environment": "production",
          "priority": "P1"}', 'active', true, 7, '2025-11-02Z'),
       ('pod-oom', 'v1.10.0', 'Pod OOM', 'text', 'a: 2', repeat('0', 64),
        '{"signal_type": "OOMKilled", "severity": "critical", "component": "pod", "environment": "production",
          "priority": "P1"}', 'active', false, 0, '2025-11-03Z')
"""
COLUMNS = (
    "event_id, event_version, event_timestamp, event_type, event_category, event_action, event_outcome, actor_type,"
    " actor_id, actor_ip, resource_type, resource_id, resource_name, correlation_id, parent_event_id, span_id,"
    " namespace, cluster_name, event_data::text, severity, duration_ms, error_code, error_message, is_sensitive"
)


@pytest.fixture
def v1(v1_url: str) -> str:
    """A V1.0 database with some of everything, written in another zone."""
    insert_v1(v1_url, EVENTS, options="-c timezone=America/New_York")
    insert_v1(v1_url, NOTIFICATIONS)
    insert_v1(v1_url, WORKFLOWS)
    return v1_url


def rows(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return connection.execute(statement).fetchall()  # type: ignore[arg-type]


def run(source: str, target: str, tmp_path: Path) -> Result:
    arguments = ["--from", source, "--rejected", str(tmp_path / "rejected")]
    return CliRunner().invoke(import_v1, arguments, env={"DATABASE_URL": target})


def test_migrate_refuses_a_database_of_v1_and_says_what_to_do(v1: str) -> None:
    before = rows(v1, "SELECT count(*) FROM pg_class")
    for arguments in ([], ["--check"]):
        refused = CliRunner().invoke(migrate, arguments, env={"DATABASE_URL": v1})
        assert refused.exit_code == 2
        assert "V1.0" in refused.output
        assert "import-v1 --from" in refused.output
    assert rows(v1, "SELECT count(*) FROM pg_class") == before, "nothing was touched"


def test_everything_is_brought_over_with_its_times_and_digits(v1: str, database_url: str, tmp_path: Path) -> None:
    done = run(v1, database_url, tmp_path)
    assert done.exit_code == 0, done.output
    assert "audit_events: 2500 in V1.0, 2500 new here" in done.output
    asked = f"SELECT {COLUMNS} FROM audit_events ORDER BY event_id"
    assert rows(database_url, asked) == rows(v1, asked)
    assert rows(database_url, "SELECT count(*) FROM audit_event_ids") == [(2500,)]
    wrong_day = "SELECT count(*) FROM audit_events WHERE event_date <> (event_timestamp AT TIME ZONE 'UTC')::date"
    assert rows(database_url, wrong_day) == [(0,)]
    metadata = "SELECT event_metadata->>'v1_trace_id' FROM audit_events WHERE event_metadata IS NOT NULL"
    assert rows(database_url, metadata) == [("x" * 40,)]
    told = "SELECT notification_id, status, created_at FROM notification_audit ORDER BY 1"
    assert rows(database_url, told) == rows(v1, told)
    catalog = (
        "SELECT version, is_latest_version, total_executions FROM remediation_workflow_catalog ORDER BY created_at"
    )
    assert rows(database_url, catalog) == [("v1.9.0", False, 7), ("v1.10.0", True, 0)]
    ids = "SELECT workflow_id FROM remediation_workflow_catalog ORDER BY 1"
    assert rows(database_url, ids) == rows(v1, ids)


def test_it_goes_on_where_it_was_interrupted_and_doubles_nothing(
    v1: str, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []
    add = V1Target.add_events

    def dying(self: V1Target, lines: list[str]) -> int:
        calls.append(len(lines))
        if len(calls) == 3:
            raise KeyboardInterrupt
        return add(self, lines)

    with monkeypatch.context() as context:
        context.setattr(V1Target, "add_events", dying)
        assert run(v1, database_url, tmp_path).exit_code != 0
    assert 0 < rows(database_url, "SELECT count(*) FROM audit_events")[0][0] < 2500
    assert run(v1, database_url, tmp_path).exit_code == 0
    again = run(v1, database_url, tmp_path)
    assert "2500 in V1.0, 0 new here" in again.output
    assert rows(database_url, "SELECT count(*), count(DISTINCT event_id) FROM audit_events") == [(2500, 2500)]


def test_rows_that_this_release_does_not_take_are_named_and_hold_up_nothing(
    v1: str, database_url: str, tmp_path: Path
) -> None:
    insert_v1(v1, "UPDATE audit_events SET event_category = 'signal' WHERE resource_id = 'fp-1234'")
    insert_v1(v1, "UPDATE notification_audit SET message_summary = repeat('x', 1001) WHERE notification_id = 'n-7'")
    done = run(v1, database_url, tmp_path)
    assert done.exit_code == 1
    assert rows(database_url, "SELECT count(*) FROM audit_events") == [(2499,)]
    assert rows(database_url, "SELECT count(*) FROM notification_audit") == [(29,)]
    refused = [json.loads(line) for line in (tmp_path / "rejected").read_text().splitlines()]
    assert {(one["table"], one["key"] or "") for one in refused} >= {("notification_audit", "n-7")}
    assert any("event_category_check" in one["reason"] for one in refused)


def test_a_database_that_is_not_of_v1_is_no_source(database_url: str, tmp_path: Path) -> None:
    refused = run(database_url, database_url, tmp_path)
    assert (refused.exit_code, "no database of Data Storage V1.0" in refused.output) == (2, True)


def test_the_target_must_be_migrated(v1: str, empty_database_url: str, tmp_path: Path) -> None:
    refused = run(v1, empty_database_url, tmp_path)
    assert (refused.exit_code, "migrate" in refused.output) == (2, True)
    assert migrations.pending(empty_database_url)
