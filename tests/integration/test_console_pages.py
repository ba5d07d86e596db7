"""The console's pages from the real service, read without a browser."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest

from datastorage.demo.catalog import versions
from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.dead_letters import inject, poison
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

API = "/api/v1/audit/events"
HOSTILE = "<script>alert(1)</script>\"'\u202eevil\u202c\u200b\ufffe"
DIGITS = "0.1000000000000000055511151231257827"


@pytest.fixture(scope="module")
def console(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    """A service with an incident that failed, a hostile event, a catalog and two dead letters."""
    with ExitStack() as stack:
        service = Service(database_url=module_database_url, redis_url=module_queue_url)
        stack.callback(service.close)
        service.start()
        post(service, incident())
        post(service, [hostile()])
        assert service.client.post("/api/v1/workflows/bulk", json=versions()).status_code == 201
        inject(module_queue_url, *(poison(payload=HOSTILE.encode()) for _ in range(2)))
        eventually_sync(lambda: len(letters(service)) == 2)
        yield service


def post(service: Service, bodies: list[dict[str, Any]]) -> None:
    """Store events; on a machine so busy that they went to the queue, wait until they came out of it."""
    answer = service.client.post(f"{API}/batch", json=bodies)
    assert answer.status_code in {201, 202}, answer.text[:500]
    eventually_sync(lambda: not sum(one["depth"] for one in service.client.get("/api/v1/dlq").json()["streams"]))


def incident() -> list[dict[str, Any]]:
    began = datetime.now(UTC) - timedelta(minutes=10)
    parent: str | None = None
    bodies = []
    for number in range(12):
        failed = number == 9
        body = event_body(
            {
                "event_id": str(uuid4()),
                "event_type": "execution.job.failed" if failed else f"execution.step.{number}",
                "event_category": "execution",
                "event_outcome": "failure" if failed else "success",
                "event_timestamp": (began + timedelta(seconds=7 * number)).isoformat(),
                "correlation_id": "inc/1 #ü",
                "actor_id": f"service-{number % 3}",
                "duration_ms": 1000 * number,
                "event_data": {"step": number, "nested": {"list": [{"deep": True}]}},
                **({"error_code": "ImagePullBackOff", "error_message": "certificate has expired"} if failed else {}),
                **({"parent_event_id": parent} if parent else {}),
            }
        )
        parent = body["event_id"]
        bodies.append(body)
    return bodies


def hostile() -> dict[str, Any]:
    return event_body(
        {
            "event_type": HOSTILE[:100],
            "correlation_id": HOSTILE,
            "actor_id": HOSTILE,
            "event_outcome": "failure",
            "error_message": HOSTILE,
            "event_data": {HOSTILE: HOSTILE, "digits": 36893488147419103233},
        }
    )


def letters(service: Service) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = service.client.get("/api/v1/dlq/dead-letters").json()["data"]
    return found


def shown(service: Service, path: str, status: int = 200, **params: str) -> str:
    answer = service.client.get(f"/console{path}", params=params)
    assert answer.status_code == status, answer.text
    return answer.text


def browser(service: Service) -> tuple[httpx.Client, str]:
    """A client that keeps cookies, and the token that its forms carry."""
    client = httpx.Client(base_url=service.url, timeout=30)
    match = re.search(r'<meta name="csrf" content="([^"]+)">', client.get("/console/").text)
    assert match
    return client, match[1]


def test_a_browser_that_asks_for_the_root_is_led_to_the_console_and_nobody_else(console: Service) -> None:
    led = console.client.get("/", headers={"Accept": "text/html,*/*"})
    assert (led.status_code, led.headers["location"]) == (307, "/console/")
    assert console.client.get("/").status_code == 404


def test_the_overview_names_the_incident_that_failed_and_why(console: Service) -> None:
    page = shown(console, "/")
    assert "certificate has expired" in page
    assert "correlation_id=inc/1+%23%C3%BC" in page or "correlation_id=inc/1%20%23%C3%BC" in page
    assert "2 to look at" in page


def test_a_timeline_says_what_failed_first_and_what_led_to_it(console: Service) -> None:
    page = shown(console, "/timeline", correlation_id="inc/1 #ü")
    assert "certificate has expired" in page
    assert "ImagePullBackOff" in page
    data = re.search(r'id="timeline-data">(.*?)</script>', page)
    assert data
    rows = json.loads(data[1])["rows"]
    assert len(rows["events"]) == 12
    assert rows["next"] is None
    assert rows["events"][9]["said"] == "ImagePullBackOff: certificate has expired"
    assert rows["events"][9]["parent"] == rows["events"][8]["id"]


def test_a_timeline_that_does_not_exist_says_what_to_do(console: Service) -> None:
    assert "Compare it letter by letter" in shown(console, "/timeline", 404, correlation_id="nothing")


def test_a_long_timeline_comes_portion_by_portion_each_event_once(start_service: StartService) -> None:
    service = start_service()
    for portion in range(3):
        began = datetime.now(UTC) - timedelta(minutes=5 - portion)
        post(
            service,
            [
                event_body(
                    {"correlation_id": "long", "event_timestamp": (began + timedelta(milliseconds=n)).isoformat()}
                )
                for n in range(900)
            ],
        )
    data = re.search(r'id="timeline-data">(.*?)</script>', shown(service, "/timeline", correlation_id="long"))
    assert data
    portion = json.loads(data[1])["rows"]
    found = [event["id"] for event in portion["events"]]
    while portion["next"]:
        answer = service.client.get(
            "/console/timeline/rows", params={"correlation_id": "long", "cursor": portion["next"]}
        )
        portion = answer.json()
        found += [event["id"] for event in portion["events"]]
    assert len(found) == len(set(found)) == 2700


def test_an_event_is_shown_with_every_digit_and_filters_for_its_values(console: Service) -> None:
    sent = event_body({"correlation_id": "digits", "event_data": {"n": 1}})
    text = json.dumps(sent).replace('{"n": 1}', f'{{"n": 36893488147419103233, "deep": [{{"x": {DIGITS}}}]}}')
    event_id = console.client.post(API, content=text, headers={"Content-Type": "application/json"}).json()["event_id"]
    page = shown(console, f"/events/{event_id}")
    assert "36893488147419103233" in page
    find = re.search(r'data-find="([^"]*0\.1000000000000000055511151231257827[^"]*)"', page)
    assert find
    results = shown(console, "/search", data=unescape(find[1]))
    assert "1 event<" in results
    assert event_id in results
    saved = console.client.get(f"/console/events/{event_id}/payload")
    assert DIGITS in saved.text
    assert "attachment" in saved.headers["content-disposition"]


def test_hostile_texts_are_shown_and_never_run(console: Service) -> None:
    pages = [
        shown(console, "/"),
        shown(console, "/search"),
        shown(console, "/search", correlation_id=HOSTILE, data=json.dumps({HOSTILE: HOSTILE})),
        shown(console, "/timeline", correlation_id=HOSTILE),
        shown(console, "/timeline", 404, correlation_id="<script>alert(1)</script>"),
        shown(console, f"/queue/dead-letters/{letters(console)[0]['id']}"),
        shown(console, "/nowhere/<script>alert(1)</script>", 404),
    ]
    event_id = console.client.get(API, params={"correlation_id": HOSTILE}).json()["data"][0]["event_id"]
    pages.append(shown(console, f"/events/{event_id}"))
    for page in pages:
        assert "<script>alert" not in page
        assert "\u202e" not in re.sub(r'(value|data-copy|content|href|data-find|data-address)="[^"]*"', "", page)
    assert all("&lt;script&gt;" in page or "\\u003cscript" in page for page in pages[1:6])


def test_no_page_needs_scripts_or_styles_within_it_or_from_elsewhere(console: Service) -> None:
    workflow = console.client.get("/api/v1/workflows", params={"name": "oom-raise-limit"}).json()["workflows"][0]
    paths = ["/", "/search", "/queue", "/months", "/workflows", "/workflows/explore", "/about", "/sign-in"]
    paths.append(f"/workflows/{workflow['workflow_id']}")
    for path in paths:
        answer = console.client.get(f"/console{path}")
        assert answer.status_code == 200, path
        assert "script-src 'self';" in answer.headers["content-security-policy"]
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        assert not re.search(r"<script(?![^>]*(src=|application/json))", answer.text), path
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"", answer.text), path
        assert not re.search(r"(src|href|action)=\"(https?:)?//", answer.text), path


def test_a_search_goes_on_by_cursor_and_completes_from_the_data(console: Service) -> None:
    page = shown(console, "/search", order="asc")
    assert '<option value="execution.job.failed">' in page
    assert '<option value="service-1">' in page
    assert "data must be an object" in shown(console, "/search", data="[1]")
    assert "since: " in shown(console, "/search", since="yesterday")


@pytest.mark.parametrize(
    ("text", "leads"),
    [
        ("inc/1 #ü", "/console/timeline?correlation_id="),
        ("execution.job.failed", "/console/search?event_type=execution.job.failed"),
        ("execution.job", "/console/search?event_type=execution.job"),
        ("service-1", "/console/search?actor_id=service-1"),
        ("not there at all", "/console/search?correlation_id=not"),
        (str(UUID(int=7)), "/console/search?correlation_id=00000000"),
    ],
)
def test_one_field_finds_what_was_pasted(console: Service, text: str, leads: str) -> None:
    assert console.client.get("/console/find", params={"q": text}).headers["location"].startswith(leads)


def test_an_event_id_leads_to_its_place_in_the_timeline(console: Service) -> None:
    event_id = console.client.get(API, params={"event_type": "execution.job.failed"}).json()["data"][0]["event_id"]
    assert event_id in console.client.get("/console/find", params={"q": event_id}).headers["location"]


def test_results_are_downloaded_whole_in_both_forms(console: Service) -> None:
    lines = console.client.get("/console/export", params={"correlation_id": "inc/1 #ü", "format": "ndjson"})
    assert len(lines.text.splitlines()) == 12
    assert "attachment" in lines.headers["content-disposition"]
    table = console.client.get("/console/export", params={"correlation_id": "inc/1 #ü", "format": "csv"})
    assert table.text.startswith("event_id,")
    refused = console.client.get("/console/export", params={"since": "yesterday"})
    assert refused.status_code == 400
    assert "content-disposition" not in refused.headers


def test_a_live_tail_tells_new_events_that_pass_its_filters(console: Service) -> None:
    mine = f"tail-{uuid4()}"
    with httpx.stream("GET", f"{console.url}/console/live", params={"correlation_id": mine}, timeout=20) as tail:
        assert tail.headers["content-type"] == "text/event-stream"
        lines = tail.iter_lines()
        assert next(lines) == ": alive"
        post(console, [event_body({"correlation_id": mine}), event_body({"correlation_id": "another"})])
        told = next(line for line in lines if line.startswith("data: "))
    assert json.loads(told.removeprefix("data: "))["correlation_id"] == mine


def test_as_many_tails_as_allowed_are_served_and_the_next_is_refused(console: Service) -> None:
    with ExitStack() as stack:
        for _ in range(8):
            tail = stack.enter_context(httpx.stream("GET", f"{console.url}/console/live", timeout=20))
            assert tail.status_code == 200
        assert console.client.get("/console/live").status_code == 503
    eventually_sync(lambda: _one_tail(console) == 200)


def _one_tail(console: Service) -> int:
    with httpx.stream("GET", f"{console.url}/console/live", timeout=20) as tail:
        return tail.status_code


def test_a_dead_letter_is_discarded_with_its_reason_in_the_audit_trail(console: Service) -> None:
    client, token = browser(console)
    letter = letters(console)[-1]["id"]
    path = f"/console/queue/dead-letters/{letter}/discard"
    assert client.post(path, data={"reason": "x"}).status_code == 403
    assert client.post(path, data={"reason": "x", "csrf": "wrong"}).status_code == 403
    assert client.post(path, data={"reason": "", "csrf": token}).status_code == 400
    assert letter in [one["id"] for one in letters(console)]
    assert client.post(path, data={"reason": "made by a test", "csrf": token}).status_code == 303
    assert letter not in [one["id"] for one in letters(console)]
    acts = console.client.get(API, params={"event_type": "datastorage.dead_letter.discarded"}).json()["data"]
    assert acts[0]["event_data"]["reason"] == "made by a test"
    client.close()


def test_a_dead_letter_is_replayed_and_its_act_recorded(console: Service) -> None:
    client, token = browser(console)
    letter = letters(console)[0]["id"]
    answer = client.post(f"/console/queue/dead-letters/{letter}/replay", data={"csrf": token})
    assert answer.status_code == 303
    eventually_sync(
        lambda: console.client.get(API, params={"event_type": "datastorage.dead_letter.replayed"}).json()["data"]
    )
    client.close()


def test_a_workflow_takes_only_the_steps_that_its_status_allows(console: Service) -> None:
    client, token = browser(console)
    workflow = console.client.get("/api/v1/workflows", params={"name": "add-node"}).json()["workflows"][0]
    path = f"/console/workflows/{workflow['workflow_id']}"
    page = client.get(path).text
    assert 'value="disabled"' in page
    assert 'value="archived"' not in page
    sent = {"csrf": token, "status": "disabled", "reason": "too dear"}
    assert client.post(f"{path}/status", data=sent).status_code == 303
    assert "Disabled: too dear" in client.get(path).text
    assert client.post(f"{path}/status", data={"csrf": token, "status": "archived"}).status_code == 409
    client.close()


def test_versions_are_compared_and_the_explorer_explains_scores(console: Service) -> None:
    found = console.client.get("/api/v1/workflows", params={"name": "oom-raise-limit", "latest_only": True}).json()
    page = shown(console, f"/workflows/{found['workflows'][0]['workflow_id']}")
    assert "1.1.0 and 2.0.0, side by side" in page
    assert 'class="diff-new"' in page
    labels = {"signal_type": "OOMKilled", "severity": "critical", "component": "deployment"}
    explored = shown(console, "/workflows/explore", **labels, environment="production", priority="P0")
    assert "Raise the memory limit" in explored
    assert "+1.000" in explored


def checkpoint_of(page: str) -> tuple[str, int, str] | None:
    """The checkpoint on the page of months, once all 13 events are sealed and the panel above it says as much."""
    note = re.search(r'<pre class="checkpoint"[^>]*>(.*?)</pre>', page, re.DOTALL)
    told = re.search(r"<dt>Sealed</dt><dd>([\d,]+) events", page)
    assert note
    assert told
    origin, size, root = unescape(note[1]).splitlines()[:3]
    same = int(told[1].replace(",", "")) == int(size) >= 13
    return (origin, int(size), root) if same and "all sealed" in page else None


def test_the_evidence_log_is_told_with_its_last_checkpoint(console: Service) -> None:
    """Events of its own come in and are sealed meanwhile: in the end the page's two answers tell the same."""
    origin, size, root = eventually_sync(lambda: checkpoint_of(shown(console, "/months")))
    assert origin == console.client.get("/api/v1/log/checkpoint").text.splitlines()[0]
    assert size >= 13
    assert len(root) == 44
    assert "Evidence log" in shown(console, "/")


def test_months_and_settings_are_told_without_secrets(console: Service) -> None:
    assert f"{datetime.now(UTC):%Y-%m}" in shown(console, "/months")
    about = shown(console, "/about")
    assert "event_data_max_bytes" in about
    assert "********" in about
    assert str(psycopg.conninfo.conninfo_to_dict(console.environment["DATABASE_URL"])["password"]) not in about


def test_the_session_is_for_the_console_alone_and_out_of_scripts_reach(console: Service) -> None:
    cookie = httpx.get(f"{console.url}/console/").headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/console" in cookie


def test_a_link_of_another_site_does_not_end_the_session(console: Service) -> None:
    came = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    answer = httpx.get(f"{console.url}/console/queue?cursor=", headers=came)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert 'http-equiv="refresh" content="0; url=/console/queue?cursor="' in answer.text


def test_without_the_console_its_addresses_are_unknown(start_service: StartService) -> None:
    service = start_service(settings={"console_enabled": False})
    assert service.client.get("/console/").status_code == 404
    assert service.client.get("/", headers={"Accept": "text/html"}).status_code == 404


def test_open_tails_do_not_hold_up_a_shutdown(start_service: StartService) -> None:
    service = start_service(settings={"shutdown_drain": 0, "shutdown_requests": 300})
    opened = threading.Event()

    def tail() -> None:
        with httpx.stream("GET", f"{service.url}/console/live", timeout=60) as answer:
            opened.set()
            for _ in answer.iter_lines():
                pass

    reader = threading.Thread(target=tail)
    reader.start()
    assert opened.wait(60)
    assert service.stop(timeout=100) == 0
    reader.join(10)


def test_with_authentication_a_key_signs_in_and_its_scopes_decide(start_service: StartService) -> None:
    key = f"ds_bootstrap_{'a' * 64}"
    service = start_service(settings={"auth": "on", "bootstrap_key": key, "public_pages": False})
    with httpx.Client(base_url=service.url, timeout=30) as client:
        led = client.get("/console/queue")
        assert (led.status_code, led.headers["location"]) == (302, "/console/sign-in?next=/console/queue")
        match = re.search(r'name="csrf" value="([^"]+)"', client.get("/console/sign-in").text)
        assert match
        wrong = {"csrf": match[1], "token": "ds_bootstrap_wrong"}
        assert client.post("/console/sign-in", data=wrong).status_code == 400
        assert client.post("/console/sign-in", data={"csrf": match[1], "token": key}).status_code == 303
        assert "Dead letters" in client.get("/console/queue").text
        assert "Events by outcome" in client.get("/console/").text
    assert httpx.get(f"{service.url}/console/export").status_code == 401
