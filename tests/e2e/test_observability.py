"""Every metric and label that docs, alerts and panels name is in a live scrape: two workers, traffic, faults."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from prometheus_client import Metric
from prometheus_client.metrics import MetricWrapperBase

from datastorage.embedded import free_port
from evidence.note import Signer
from telemetry import metrics
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.promql import dashboard_queries, families, missing, rule_queries
from tests.fixtures.service import Service

EVENTS, NOTIFICATIONS = "/api/v1/audit/events", "/api/v1/audit/notifications"
DOCS = Path(__file__).parents[2] / "docs" / "metrics.md"
METRICS = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
#: On a busy machine too only what this test breaks is broken.
PATIENT = {"slow_write": 10, "redis_timeout": 10, "write_pool_timeout": 20, "pool_timeout": 20, "connect_timeout": 20}
LABELS = {"signal_type": "OOMKilled", "severity": "high", "component": "c", "environment": "e", "priority": "P1"}


def event(**more: object) -> dict[str, object]:
    return event_body({"correlation_id": "observed", **more})


def notification() -> dict[str, object]:
    return {
        "notification_id": f"n-{uuid4()}",
        "remediation_id": "r",
        "recipient": "a@example.com",
        "channel": "email",
        "message_summary": "m",
        "status": "sent",
        "sent_at": datetime.now(UTC).isoformat(),
    }


def traffic(service: Service) -> None:
    """Each operation that a metric tells of, well and ill."""
    client = service.client
    known = event(event_id=str(uuid4()))
    made = client.post(EVENTS, json=known)
    assert made.status_code == 201
    assert client.post(EVENTS, json=known).status_code == 200
    assert client.post(f"{EVENTS}/batch", json=[event() for _ in range(3)]).status_code == 201
    sent = notification()
    assert client.post(NOTIFICATIONS, json=sent).status_code == 201
    assert client.get(f"{NOTIFICATIONS}/{sent['notification_id']}").status_code == 200
    assert client.get(NOTIFICATIONS).status_code == 200
    assert client.get(made.headers["Location"]).status_code == 200
    assert client.get(EVENTS, params={"correlation_id": "observed"}).status_code == 200
    assert client.get("/api/v1/audit/correlations/observed/timeline").status_code == 200
    search = {"remediation_id": "r", "filters": LABELS, "top_k": 3}
    assert client.post("/api/v1/workflows/search", json=search).status_code == 200
    now = datetime.now(UTC)
    for wrong in (
        {"event_timestamp": (now + timedelta(hours=1)).isoformat()},
        {"event_timestamp": (now - timedelta(days=60)).isoformat()},
        {"event_action": "a" * 51},
        {"event_action": 1},
        {"event_outcome": "invented"},
        {"parent_event_id": "no uuid"},
        {"correlation_id": ""},
    ):
        assert client.post(EVENTS, json=event(**wrong)).status_code == 400
    assert client.get("/no/such/address").status_code == 404


def outage(service: Service, postgres: Controlled) -> None:
    """Fill the queue of four to its brim and over, and let it drain."""
    postgres.kill()
    answers = [service.client.post(EVENTS, json=event()).status_code for _ in range(6)]
    assert set(answers) == {202, 503}
    assert service.client.post(NOTIFICATIONS, json=notification()).status_code == 202
    postgres.start()
    eventually_sync(lambda: service.client.get("/api/v1/dlq").json()["streams"][0]["depth"] == 0, timeout=30)


@pytest.fixture
def scrape(own_postgres: Controlled, queue_url: str, tmp_path: Path) -> Iterator[dict[str, Metric]]:
    """One scrape of a service that has seen traffic, an outage with a queue that overflows, and a broken month."""
    key = Signer.generate("example.com/audit").secret_text()
    month = f"audit_events_{datetime.now(UTC):%Y_%m}"
    with Service(
        database_url=own_postgres.url,
        redis_url=queue_url,
        read_url=f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere",
        workers=2,
        settings={"dlq_max_len": 4, "log_key": key, "log_directory": tmp_path / "log", **PATIENT},
    ) as service:
        for _ in range(3):  # the connections go to both workers
            traffic(service)
        eventually_sync(lambda: "log_published_size{" in service.client.get("/metrics").text, timeout=60)
        outage(service, own_postgres)
        eventually_sync(lambda: service.client.post(EVENTS, json=event()).status_code == 201, timeout=20)
        with psycopg.connect(own_postgres.url, autocommit=True) as connection:
            connection.execute(f"ALTER TABLE audit_events DETACH PARTITION {month}")
        assert service.client.post(EVENTS, json=event()).status_code == 202
        yield families(service.client.get("/metrics").text)


def test_what_docs_alerts_and_panels_name_is_in_a_live_scrape(scrape: dict[str, Metric]) -> None:
    rules, panels = rule_queries(), dashboard_queries()
    recorded = {name for name in rules if ":" in name}
    complaints = {
        source: found for source, query in {**rules, **panels}.items() if (found := missing(query, scrape, recorded))
    }
    assert complaints == {}
    documented = set(re.findall(r"^\| `([a-z_]+)` \| \w+ \|", DOCS.read_text(), re.MULTILINE))
    told = {name.removesuffix("_sum") for name in scrape if not name.endswith(("_bucket", "_count", "_created"))}
    assert told - documented == set(), "each metric that is scraped is documented"
    labelled = {one._name + "_total" * (one._type == "counter") for one in METRICS if one._labelnames}
    assert documented - told <= labelled, "a series with labels appears with its first event, the others at once"


def test_what_the_scripted_run_did_is_counted(scrape: dict[str, Metric]) -> None:
    def labels(name: str, label: str) -> set[str]:
        return {sample.labels[label] for sample in scrape[name].samples if sample.value and sample.name == name}

    assert labels("datastorage_audit_traces_total", "status") == {"success", "duplicate", "dlq_fallback", "failure"}
    assert labels("datastorage_audit_traces_total", "service") == {"gateway", "notification-audit"}
    assert labels("datastorage_write_duration_seconds_count", "table") == {
        "audit_events",
        "audit_events_batch",
        "notification_audit",
    }
    assert labels("datastorage_validation_failures_total", "reason") >= {
        "future_timestamp",
        "timestamp_too_old",
        "exceeds_max_length",
        "required",
        "type",
        "format",
        "enum",
    }
    assert labels("datastorage_dlq_enqueue_total", "type") == {"audit_event", "notification"}
    assert labels("datastorage_dlq_depth", "stream") <= {"events", "notifications"}
    assert {sample.value for sample in scrape["datastorage_workers"].samples} <= {2, 3}, "one may seal beside them"
    assert {sample.value for sample in scrape["datastorage_db_max_open_connections"].samples} == {25}
    opened = [sample.value for sample in scrape["datastorage_db_pool_max_connections"].samples]
    assert sum(opened) <= 25 + max(opened), "the standby is another server"
