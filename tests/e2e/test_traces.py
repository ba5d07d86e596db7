"""Traces of a real service, as a collector on a port of this machine gets them over OTLP."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

PATH = "/api/v1/audit/events"
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
PATIENT = {"slow_write": 10, "redis_timeout": 10, "write_pool_timeout": 20, "pool_timeout": 20, "connect_timeout": 20}


class Collector:
    """An OTLP/HTTP collector that keeps what it is sent."""

    def __init__(self) -> None:
        self.spans: list[Any] = []
        self.resources: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                data = self.rfile.read(int(self.headers["Content-Length"]))
                data = gzip.decompress(data) if self.headers.get("Content-Encoding") == "gzip" else data
                for group in ExportTraceServiceRequest.FromString(data).resource_spans:
                    outer.resources.append({one.key: one.value.string_value for one in group.resource.attributes})
                    outer.spans += [span for scope in group.scope_spans for span in scope.spans]
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1/traces"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def named(self, name: str) -> list[Any]:
        return [span for span in self.spans if span.name == name]

    def wait_for(self, name: str) -> Any:
        """The first span of this name; the exporter sends every five seconds."""
        eventually_sync(lambda: self.named(name), timeout=60)
        return self.named(name)[0]


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    yield made
    made.server.shutdown()
    made.server.server_close()


def post(service: Service, traceparent: str, event_id: str = "") -> int:
    body = event_body({"correlation_id": "traced", "event_data": {"card": "payload-marker"}})
    body |= {"event_id": event_id} if event_id else {}
    return service.client.post(PATH, json=body, headers={"traceparent": traceparent}).status_code


def test_a_request_is_followed_to_its_commit_and_a_queued_one_to_its_replay(
    own_postgres: Controlled, queue_url: str, collector: Collector
) -> None:
    with Service(
        database_url=own_postgres.url,
        redis_url=queue_url,
        settings={"traces_endpoint": collector.url, "traces_sample": 0, "access_log_sample": 1, **PATIENT},
    ) as service:
        assert post(service, f"00-{TRACE}-{SPAN}-01") == 201
        assert post(service, f"00-{'e' * 32}-{SPAN}-00") == 201, "not sampled by its caller"
        request = collector.wait_for("create_audit_event")
        copy = collector.wait_for("COPY audit_events")
        (commit,), (validation,) = collector.named("commit audit_events"), collector.named("validation")
        assert (request.trace_id.hex(), request.parent_span_id.hex()) == (TRACE, SPAN)
        assert validation.parent_span_id == commit.parent_span_id == request.span_id
        assert copy.parent_span_id == commit.span_id
        assert [link.span_id for link in commit.links] == [request.span_id]
        told = {one.key: one.value for one in request.attributes}
        assert told["http.response.status_code"].int_value == 201
        wanted = {"Accept": "application/openmetrics-text"}

        def exemplars() -> set[str]:
            scrape = service.client.get("/metrics", headers=wanted).text.splitlines()
            return {line.partition("{")[0] for line in scrape if f'# {{trace_id="{TRACE}"}}' in line}

        durations = {"datastorage_http_request_duration_seconds_bucket", "datastorage_write_duration_seconds_bucket"}
        eventually_sync(lambda: exemplars() == durations)
        lines = [json.loads(line) for line in service.log().splitlines()]
        (line,) = [one for one in lines if one.get("trace_id") == TRACE and one["event"] == "request"]
        assert line["request_id"] == told["datastorage.request_id"].string_value

        own_postgres.kill()
        eventually_sync(lambda: post(service, f"00-{'f' * 32}-{SPAN}-00") == 202, timeout=20)
        assert post(service, f"00-{'a' * 32}-{SPAN}-01", str(uuid4())) == 202
        own_postgres.start()
        replay = collector.wait_for("replay events")
        xadd = collector.wait_for("XADD audit:dlq:events")
        (queued,) = [one for one in collector.named("create_audit_event") if one.trace_id.hex() == "a" * 32]
        assert xadd.parent_span_id == queued.span_id
        assert [link.span_id for link in replay.links] == [queued.span_id]
        assert replay.trace_id != queued.trace_id
        assert any(one.trace_id == replay.trace_id for one in collector.named("commit audit_events"))
        service.stop()
    assert {one.trace_id.hex() for one in collector.named("create_audit_event")} == {TRACE, "a" * 32}
    assert {one["service.name"] for one in collector.resources} == {"datastorage"}
    assert "payload-marker" not in str(collector.spans)


def test_a_collector_that_is_away_holds_up_nobody(own_postgres: Controlled, queue_url: str) -> None:
    settings = {"traces_endpoint": "http://127.0.0.1:9/v1/traces", "traces_sample": 1, "shutdown_drain": 0}
    with Service(database_url=own_postgres.url, redis_url=queue_url, settings={**settings, **PATIENT}) as service:
        assert [post(service, f"00-{TRACE}-{SPAN}-01") for _ in range(20)] == [201] * 20
        assert service.stop() == 0
