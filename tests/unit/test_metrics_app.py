"""The exporter, as the ASGI application that answers get_metrics."""

import os
import subprocess
import sys
from pathlib import Path

import httpx

from console.metrics_app import metrics_asgi_app
from telemetry.metrics import AUDIT_TRACES


async def test_the_exporter_serves_the_registry_in_prometheus_text() -> None:
    AUDIT_TRACES.labels("gateway", "success").inc()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(metrics_asgi_app()), base_url="http://edge") as client:
        response = await client.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain")
    assert "# HELP datastorage_audit_traces_total" in response.text
    assert 'datastorage_audit_traces_total{service="gateway",status="success"}' in response.text
    assert "flask_" not in response.text


def test_what_a_worker_said_of_a_broken_month_ends_with_the_worker(tmp_path: Path) -> None:
    """It would have taken it back when the month worked again."""
    program = """
import os
from datetime import date
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from pipeline.partitions import show_status
month = date(2026, 10, 1)
show_status(month, "available")
worker = os.fork()
if worker == 0:
    show_status(month, "unavailable")
    os._exit(0)
os.waitpid(worker, 0)
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode())
mark_process_dead(worker)
print(generate_latest(registry).decode())
"""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    shown = [line for line in ran.stdout.splitlines() if line.startswith("datastorage_partition_status{")]
    assert [line for line in shown if line.endswith(" 1.0")] == [
        'datastorage_partition_status{partition="2026_10",status="unavailable"} 1.0',
        'datastorage_partition_status{partition="2026_10",status="available"} 1.0',
    ]
