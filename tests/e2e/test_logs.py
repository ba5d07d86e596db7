"""The log of a real service: sampled requests, levels at run time, the life of the process, no payloads."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/audit/events"
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def lines(service: Service) -> list[dict[str, Any]]:
    """Every line; each is one JSON object."""
    return [json.loads(line) for line in service.log().splitlines()]


def requests(service: Service) -> list[dict[str, Any]]:
    """Those of requests, without the fixture's own; a slow one is logged always, and this machine may be slow."""
    found = [line for line in lines(service) if line["event"] == "request" and line["path"] != "/health/live"]
    return [line for line in found if line["milliseconds"] < 1000 or line["status"] >= 400]


def post(service: Service, headers: dict[str, str] | None = None, **more: object) -> int:
    return service.client.post(PATH, json=event_body({"correlation_id": "logs", **more}), headers=headers).status_code


def test_successful_requests_are_sampled_and_all_others_logged(start_service: StartService) -> None:
    service = start_service(settings={"access_log_sample": 0.25})
    assert [post(service) for _ in range(40)] == [201] * 40
    assert [post(service, event_outcome="wrong") for _ in range(3)] == [400] * 3
    eventually_sync(lambda: [line["status"] for line in requests(service)].count(400) == 3)
    found = requests(service)
    assert 9 <= sum(line["status"] == 201 for line in found) <= 11, "a quarter of 40, whatever else was asked"
    assert sum(line["status"] == 400 for line in found) == 3


def test_a_request_is_one_line_that_names_it_and_its_trace_and_nothing_of_its_content(
    start_service: StartService,
) -> None:
    service = start_service(settings={"access_log_sample": 1, "log_level": "debug"})
    headers = {
        "traceparent": f"00-{TRACE}-00f067aa0ba902b7-01",
        "X-Request-ID": "request-of-mine",
        "Authorization": "Bearer payload-marker",
    }
    assert post(service, headers, event_data={"card": "payload-marker"}) == 201
    assert service.client.get(PATH, params={"correlation_id": "payload-marker"}).status_code == 200
    assert post(service, event_outcome="payload-marker") == 400
    eventually_sync(lambda: len(requests(service)) == 3)
    (line,) = [line for line in requests(service) if line["status"] == 201]
    assert line["request_id"] == "request-of-mine"
    assert line["trace_id"] == TRACE
    assert (line["operation"], line["method"], line["path"]) == ("create_audit_event", "POST", PATH)
    assert line["milliseconds"] > 0
    assert line["level"] == "info"
    assert "payload-marker" not in service.log()
    assert service.database_url not in service.log()


def test_sigusr1_sets_the_level_of_every_worker_to_debug_and_back(start_service: StartService) -> None:
    service = start_service(workers=2, settings={"access_log_sample": 0})

    def changes(level: str) -> int:
        return sum(line["event"] == "log level changed" and line["level_now"] == level for line in lines(service))

    assert post(service) == 201
    os.kill(service.pid, signal.SIGUSR1)
    eventually_sync(lambda: changes("debug") == 4, timeout=90)
    assert requests(service) == []
    assert post(service) == 201
    eventually_sync(lambda: len(requests(service)) == 1)
    os.kill(service.pid, signal.SIGUSR1)
    eventually_sync(lambda: changes("info") == 4, timeout=90)
    assert post(service) == 201
    assert service.stop() == 0
    assert len(requests(service)) == 1


def test_the_life_of_a_service_is_told_by_events_that_the_documentation_names(start_service: StartService) -> None:
    service = start_service(workers=2, settings={"shutdown_drain": 0})
    worker = int(Path(f"/proc/{service.pid}/task/{service.pid}/children").read_text().split()[0])
    os.kill(worker, signal.SIGKILL)
    eventually_sync(lambda: [line["event"] for line in lines(service)].count("worker ready") == 3, timeout=30)
    assert service.stop() == 0
    told: dict[str, dict[str, Any]] = {line["event"]: line for line in lines(service)}
    page = (Path(__file__).parents[2] / "docs" / "logs.md").read_text()
    for event, members in {
        "serving": {"host", "port", "workers"},
        "worker started": {"pid"},
        "worker ready": {"pid"},
        "worker died": {"pid", "exit_code", "lived_seconds"},
        "shutdown began": {"cause", "drain_seconds"},
        "stopped": {"exit_code"},
    }.items():
        assert members <= told[event].keys()
        assert f"| `{event}` |" in page
    assert told["worker died"]["exit_code"] == -signal.SIGKILL
