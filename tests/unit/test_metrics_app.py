"""The exporter, as the ASGI application that answers get_metrics."""

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
