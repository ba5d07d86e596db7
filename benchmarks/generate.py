"""Fill audit_events with synthetic events, made in PostgreSQL: `python -m benchmarks.generate URL --events 1000000`.

The rows depend on their number only: corr-<n/27>, res-<n mod 100000>, ns-<n mod 50>, cluster-<n mod 7>,
payload {"n": n, ...}.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg
from psycopg import sql
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["generate"]

_PORTION = 100_000
_MONTHS = """
SELECT to_char(m, 'YYYY_MM'), m::date, (m + interval '1 month')::date
FROM generate_series(
    date_trunc('month', %(start)s::timestamptz), %(end)s::timestamptz - interval '1 second', '1 month'
) AS m
"""
_ROWS = """
INSERT INTO audit_events (
    event_id, event_version, event_timestamp, event_date, event_type, event_category, event_action, event_outcome,
    actor_type, actor_id, resource_type, resource_id, correlation_id, namespace, cluster_name, severity, duration_ms,
    event_data
)
SELECT
    -- A UUIDv7 of the event's own time, as a service mints it.
    (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(digest, 1, 3)
     || '8' || substr(digest, 4, 15))::uuid,
    '1.0', at, at::date,
    category || (ARRAY['.signal.received', '.signal.rejected', '.storm.detected', '.error.occurred'])[1 + mod(n, 4)],
    category, 'received', CASE mod(n, 10) WHEN 8 THEN 'failure' WHEN 9 THEN 'pending' ELSE 'success' END,
    'service', category || '-service', 'signal', 'res-' || mod(n, 100000), 'corr-' || n / 27, 'ns-' || mod(n, 50),
    'cluster-' || mod(n, 7), (ARRAY['info', 'warning', 'critical'])[1 + mod(n, 3)], mod(n, 5000),
    jsonb_build_object('n', n, 'decade', mod(n, %(events)s / 10), 'alert_name', 'HighCPU',
                       'is_duplicate', mod(n, 2) = 0, 'fingerprint', digest)
FROM (
    SELECT n, md5(n::text) AS digest,
        %(start)s::timestamptz + (%(end)s::timestamptz - %(start)s::timestamptz) * (n / %(events)s::float8) AS at,
        (ARRAY['gateway', 'notification', 'analysis', 'signalprocessing', 'workflow', 'execution', 'orchestration']
        )[1 + mod(n, 7)] AS category
    FROM generate_series(%(first)s::int, %(last)s::int) AS n
) AS numbered
"""


def generate(
    url: str, *, events: int, end: datetime, months: float, report: Callable[[int], None], vacuum: bool = True
) -> None:
    """Insert `events` events spread evenly over the `months` of 30.4 days before `end`; months are attached as needed.

    report: told how many are there, after each portion. vacuum: False leaves them as they were written, not even by
    autovacuum.
    """
    span = {"start": end - timedelta(days=30.4 * months), "end": end, "events": events}
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC -c synchronous_commit=off") as connection:
        for suffix, first, after in connection.execute(_MONTHS, span).fetchall():
            table = sql.Identifier(f"audit_events_{suffix}")
            connection.execute(
                sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF audit_events FOR VALUES FROM ({}) TO ({})").format(
                    table, sql.Literal(first), sql.Literal(after)
                )
            )
            if not vacuum:
                connection.execute(sql.SQL("ALTER TABLE {} SET (autovacuum_enabled = off)").format(table))
        for first in range(0, events, _PORTION):
            last = min(first + _PORTION, events) - 1
            connection.execute(_ROWS, {**span, "first": first, "last": last})
            report(last + 1)
        connection.execute("VACUUM ANALYZE audit_events" if vacuum else "ANALYZE audit_events")


def main() -> None:
    """Generate from the command line, with a progress bar."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", help="address of a migrated database")
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--months", type=int, default=12)
    options = parser.parse_args()
    columns = (TextColumn("events"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns) as progress:
        task = progress.add_task("events", total=options.events)
        generate(
            options.url,
            events=options.events,
            end=datetime.now(UTC),
            months=options.months,
            report=lambda done: progress.update(task, completed=done),
        )


if __name__ == "__main__":
    main()
