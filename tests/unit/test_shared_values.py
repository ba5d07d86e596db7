"""Metrics of several processes: each adds in files of its own, and a reader adds the processes up."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import os
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from telemetry.metrics import AUDIT_TRACES, DB_OPEN, HTTP_DURATION, PARTITION_LAST_WRITE

def add(count):
    series = AUDIT_TRACES.labels("gateway", "success")
    for _ in range(count):
        series.inc()
    HTTP_DURATION.labels("create_audit_event").observe(0.002 * count)
    DB_OPEN.labels("writes").set(count)
    PARTITION_LAST_WRITE.labels("2026_10").set(count)
    for number in range(3000):  # the file grows while it is in use
        AUDIT_TRACES.labels(f"service-{number}", "success").inc()

add(5)
for count in (7, 2):
    worker = os.fork()
    if worker == 0:
        add(count)
        os._exit(0)
    os.waitpid(worker, 0)
add(1)
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
"""


def test_what_parent_and_forked_workers_add_is_summed_and_nothing_twice(tmp_path: Path) -> None:
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, env=environment, timeout=60
    )
    shown = dict(line.rsplit(" ", 1) for line in ran.stdout.splitlines() if line and not line.startswith("#"))
    assert shown['datastorage_audit_traces_total{service="gateway",status="success"}'] == "15.0"
    assert shown['datastorage_audit_traces_total{service="service-2999",status="success"}'] == "4.0"
    duration = 'datastorage_http_request_duration_seconds_{}{{operation="create_audit_event"{}}}'
    assert shown[duration.format("count", "")] == "4.0"
    assert float(shown[duration.format("sum", "")]) == pytest.approx(0.03)
    assert shown['datastorage_http_request_duration_seconds_bucket{le="0.005",operation="create_audit_event"}'] == "2.0"
    assert shown['datastorage_db_connections_open{pool="writes"}'] == "10.0", "a gauge that adds up: 7, 2, and 1 now"
    assert shown['datastorage_partition_last_write_timestamp{partition="2026_10"}'] == "7.0"
