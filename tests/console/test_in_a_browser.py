"""Each page's job, done by clicking, in a real browser against the real service."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.events import event_body
from tests.fixtures.service import Service

API = "/api/v1/audit/events"
LETTERS = "/api/v1/dlq/dead-letters"
Visit = Callable[[str], Page]

expect.set_options(timeout=60_000)


def failed_incident(demo: Service) -> str:
    found = demo.client.get(API, params={"event_type": "remediationorchestrator.error.occurred", "limit": 50}).json()
    return str(next(one["correlation_id"] for one in found["data"] if one["correlation_id"].startswith("rr-")))


def post(demo: Service, bodies: list[dict[str, Any]]) -> None:
    """Store events, however busy the machine is: what was queued or refused is waited for."""
    for start in range(0, len(bodies), 1000):
        portion = bodies[start : start + 1000]

        def taken(portion: list[dict[str, Any]] = portion) -> bool:
            return demo.client.post(f"{API}/batch", json=portion).status_code in {201, 202}

        eventually_sync(taken, timeout=120, every=1)
    eventually_sync(
        lambda: not sum(one["depth"] for one in demo.client.get("/api/v1/dlq").json()["streams"]), timeout=60
    )


# 1 Timeline


def test_a_newcomer_finds_why_an_incident_failed_with_two_clicks(visit: Visit, demo: Service) -> None:
    page = visit("/console/")
    incident = page.locator(".incidents .row-link", has_text="execution.job.failed").first
    why = incident.locator(".incident-why").inner_text().strip()
    incident.click()
    expect(page.locator(".verdict h2")).to_have_text(re.compile("Failed|Recovered"))
    expect(page.locator(".verdict .because")).to_have_text(why)
    expect(page.locator("#detail .event-title")).to_have_text("execution.job.failed")
    expect(page.locator("#detail .json")).to_contain_text('"attempt"')
    page.locator(".chain a").first.click()
    expect(page.locator("#detail .event-title")).to_have_text("gateway.signal.received")


def test_the_timeline_is_walked_by_keys_and_its_address_leads_back(visit: Visit, demo: Service) -> None:
    page = visit(f"/console/timeline?correlation_id={failed_incident(demo)}")
    chosen = page.locator(".list-row[aria-selected=true]")
    first = chosen.get_attribute("data-id")
    page.keyboard.press("j")
    expect(chosen).not_to_have_attribute("data-id", first or "")
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("data-id", first or "")
    page.keyboard.press("f")
    expect(chosen).to_have_class(re.compile("failure"))
    second = chosen.get_attribute("data-id") or ""
    expect(page).to_have_url(re.compile(second))
    page.reload()
    expect(chosen).to_have_attribute("data-id", second)
    page.locator("#as-tree").click()
    expect(page.locator(".list-row .twig").first).to_be_attached()
    page.locator("#only-failures").check()
    expect(page.locator(".list-row:not(.failure)")).to_have_count(0)


def test_marks_tell_outcomes_by_colour_and_shape_and_can_be_chosen(visit: Visit, demo: Service) -> None:
    page = visit(f"/console/timeline?correlation_id={failed_incident(demo)}")
    success, failure = page.locator("#lanes circle.mark.success"), page.locator("#lanes path.mark.failure")
    expect(failure.first).to_be_visible()
    colours = [one.first.evaluate("mark => getComputedStyle(mark).fill") for one in (success, failure)]
    assert colours[0] != colours[1]
    lanes = page.locator("#lanes .lane-name").count()
    assert lanes >= 5
    success.first.click()
    expect(page.locator("#detail .outcome.success")).to_be_visible()
    page.locator("#zoom-in").click()
    expect(page.locator("#lanes .mark").first).to_be_attached()
    page.locator("#zoom-all").click()
    expect(failure.first).to_be_visible()


def test_ten_thousand_events_are_all_there_though_few_are_in_the_document(visit: Visit, demo: Service) -> None:
    began = datetime.now(UTC) - timedelta(hours=3)
    mine = f"big-{uuid4()}"
    post(
        demo,
        [
            event_body(
                {
                    "correlation_id": mine,
                    "event_type": f"big.{number}",
                    "event_outcome": "failure" if number % 97 == 0 else "success",
                    "event_timestamp": (began + timedelta(milliseconds=700 * number)).isoformat(),
                }
            )
            for number in range(10_000)
        ],
    )
    page = visit(f"/console/timeline?correlation_id={mine}")
    expect(page.locator("#list-state")).to_have_text("10,000 events")
    expect(page.locator("#minutes rect.hit").nth(60)).to_be_attached()
    page.locator("#list").focus()
    page.keyboard.press("End")
    expect(page.locator(".list-row[aria-selected=true]")).to_contain_text("big.9999")
    assert page.locator(".list-row").count() < 100
    assert page.locator("#lanes .mark").count() < 1500
    page.locator("#minutes rect.hit").nth(10).click()
    expect(page.locator("#lanes .mark").first).to_be_attached()


def test_a_timeline_two_events_long_is_drawn(visit: Visit, demo: Service) -> None:
    mine = f"two-{uuid4()}"
    post(demo, [event_body({"correlation_id": mine}), event_body({"correlation_id": mine})])
    page = visit(f"/console/timeline?correlation_id={mine}")
    expect(page.locator(".list-row")).to_have_count(2)
    expect(page.locator("#lanes circle.mark").first).to_be_attached()
    expect(page.locator(".verdict h2")).to_have_text("Succeeded")


def test_a_timeline_is_copied_as_curl_and_exported(visit: Visit, demo: Service) -> None:
    mine = failed_incident(demo)
    page = visit(f"/console/timeline?correlation_id={mine}")
    page.get_by_label("Copy as curl: this timeline as a curl command").click()
    expect(page.locator("#toast")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("curl -s -G ")
    assert f"correlation_id={mine}" in copied
    with page.expect_download() as download:
        page.get_by_role("link", name="NDJSON").click()
    lines = download.value.path().read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["correlation_id"] for line in lines} == {mine}


# 2 Search


def test_a_search_is_completed_from_the_data_and_kept_in_the_address(visit: Visit) -> None:
    page = visit("/console/search")
    completions = page.locator("#l-event_type option").evaluate_all("all => all.map(one => one.value)")
    assert "execution.job.failed" in completions
    page.get_by_label("Event type").fill("execution.job.failed")
    page.get_by_label("Outcome").select_option("failure")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page).to_have_url(re.compile("event_type=execution.job.failed&event_outcome=failure$"))
    expect(page.locator("#result-rows .row").first).to_contain_text("execution.job.failed")
    page.reload()
    expect(page.get_by_label("Event type")).to_have_value("execution.job.failed")


def test_a_clicked_value_becomes_a_condition_that_can_be_taken_away(visit: Visit, demo: Service) -> None:
    page = visit(f"/console/timeline?correlation_id={failed_incident(demo)}")
    page.locator("#detail .json a.json-string", has_text="tekton").first.click()
    expect(page.locator(".chip.removable")).to_contain_text("engine")
    expect(page.locator("#results-title")).to_contain_text("events")
    page.locator(".chip.removable").click()
    expect(page.locator(".chip.removable")).to_have_count(0)


def test_results_come_by_cursor_as_far_as_one_scrolls(visit: Visit) -> None:
    page = visit("/console/search?order=asc")
    rows = page.locator("#result-rows .row")
    expect(rows.first).to_be_visible()
    before = rows.count()
    page.locator(".further").scroll_into_view_if_needed()
    expect(rows.nth(before + 10)).to_be_attached()
    links = rows.locator(".row-link").evaluate_all("all => all.map(one => one.href)")
    assert len(links) == len(set(links))


def test_new_events_come_in_by_themselves_and_wait_while_paused(visit: Visit, demo: Service) -> None:
    mine = f"live-{uuid4()}"
    page = visit(f"/console/search?correlation_id={mine}")
    expect(page.get_by_text("Nothing passes these filters.")).to_be_visible()
    page.get_by_role("button", name="Live tail").click()
    expect(page.locator("#tail-state")).to_contain_text("waiting for new events")
    post(demo, [event_body({"correlation_id": mine, "event_type": "live.one"})])
    expect(page.locator("#live-rows")).to_contain_text("live.one")
    page.get_by_role("button", name="Pause").click()
    post(demo, [event_body({"correlation_id": mine, "event_type": "live.two"})])
    expect(page.locator("#tail-state")).to_contain_text("1 new events wait")
    expect(page.locator("#live-rows")).not_to_contain_text("live.two")
    page.get_by_role("button", name="Go on").click()
    expect(page.locator("#live-rows")).to_contain_text("live.two")
    page.get_by_role("button", name="Stop tail").click()
    expect(page.locator("#tail-state")).to_contain_text("stopped")


# 3 Overview


def test_the_overview_draws_rates_and_refreshes_by_itself(visit: Visit, demo: Service) -> None:
    page = visit("/console/?window=1h")
    expect(page.locator(".chart rect[class^=fill-]").first).to_be_attached()
    mine = f"fresh-{uuid4()}"
    post(demo, [event_body({"correlation_id": mine, "event_outcome": "failure", "error_message": "came just now"})])
    expect(page.locator(".incidents")).to_contain_text(mine)
    page.get_by_role("link", name="24 hours").click()
    expect(page).to_have_url(re.compile("window=24h"))
    expect(page.locator("section:has(#slow-title) tbody tr").first).to_be_visible()


# 4 Queue and dead letters


def letter_ids(demo: Service) -> list[str]:
    return [one["id"] for one in demo.client.get(LETTERS).json()["data"]]


def test_a_dead_letter_is_looked_at_and_replayed(visit: Visit, demo: Service) -> None:
    before = letter_ids(demo)
    page = visit("/console/queue")
    page.locator(".rows .row-link").first.click()
    expect(page.get_by_role("heading", name="Why it was given up")).to_be_visible()
    page.get_by_role("button", name="Replay").click()
    expect(page.locator(".done")).to_contain_text("back in its queue")
    eventually_sync(lambda: before[0] not in letter_ids(demo))


def test_a_dead_letter_is_discarded_only_with_a_reason_and_a_confirmation(visit: Visit, demo: Service) -> None:
    eventually_sync(lambda: len(letter_ids(demo)) >= 2)
    letter = letter_ids(demo)[-1]
    page = visit(f"/console/queue/dead-letters/{letter}")
    asked: list[str] = []
    page.once("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
    page.get_by_role("button", name="Discard").click()
    assert not asked  # a reason is required first
    page.get_by_label("Reason").fill("made by a test")
    page.get_by_role("button", name="Discard").click()
    assert "cannot be brought back" in asked[0]
    assert letter in letter_ids(demo)
    page.once("dialog", Dialog.accept)
    page.get_by_role("button", name="Discard").click()
    expect(page.locator(".done")).to_contain_text("discarded")
    assert letter not in letter_ids(demo)


def test_depth_and_age_are_drawn_over_time(visit: Visit) -> None:
    page = visit("/console/queue")

    def drawn() -> bool:
        page.reload()
        return page.locator(".curve").count() >= 2

    eventually_sync(drawn, timeout=90, every=2)


# 5 Months, 6 Workflows, 7 Settings


def test_months_tell_what_upkeep_did_and_will_do(visit: Visit) -> None:
    page = visit("/console/months")
    expect(page.get_by_text("this month").first).to_be_visible()
    expect(page.locator("section", has_text="Next new month").last).to_contain_text("Last round")


def test_the_last_checkpoint_of_the_evidence_log_is_copied(visit: Visit, demo: Service) -> None:
    eventually_sync(lambda: demo.client.get("/api/v1/log").json()["pending"] == 0)
    page = visit("/console/")
    page.locator(".tile", has_text="Evidence log").click()
    log = page.locator("#log")
    expect(log).to_contain_text("all sealed")
    log.get_by_role("button", name="Copy").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.splitlines()[1] == log.locator("pre").inner_text().splitlines()[1]


def test_two_versions_are_compared_and_a_step_of_the_lifecycle_is_taken(visit: Visit) -> None:
    page = visit("/console/workflows")
    page.get_by_role("link", name="Raise the memory limit", exact=True).click()
    expect(page.locator(".diff-new").first).to_be_visible()
    page.get_by_role("link", name="with 2.0.0").last.click()
    expect(page.get_by_role("heading", name="1.0.0 and 2.0.0, side by side")).to_be_visible()
    page.get_by_label("Reason").fill("too greedy")
    page.once("dialog", Dialog.accept)
    page.get_by_role("button", name="Disable").click()
    expect(page.locator(".done")).to_contain_text("now disabled")
    page.once("dialog", Dialog.accept)
    page.get_by_role("button", name="Activate").click()
    expect(page.locator(".done")).to_contain_text("now active")


def test_a_changed_label_moves_the_candidates(visit: Visit) -> None:
    page = visit("/console/workflows/explore?signal_type=OOMKilled&severity=critical&component=deployment")
    scores = page.locator(".score")
    before = scores.all_inner_texts()
    page.get_by_label("environment").select_option("staging")
    expect(scores.first).not_to_have_text(before[0])
    expect(page).to_have_url(re.compile("environment=staging"))
    page.get_by_label("pdbProtected").check()
    expect(page.locator(".breakdown").first).to_contain_text("pdbProtected")


def test_settings_are_told_and_links_lead_on(visit: Visit, demo: Service) -> None:
    page = visit("/console/about")
    expect(page.get_by_text("event_data_max_bytes").first).to_be_visible()
    for name in ("Swagger UI", "Metrics", "Problems"):
        address = page.get_by_role("link", name=name).get_attribute("href") or ""
        assert demo.client.get(address).status_code == 200


# For everybody, everywhere


def addresses(demo: Service) -> list[str]:
    workflow = demo.client.get("/api/v1/workflows", params={"name": "oom-raise-limit"}).json()["workflows"][0]
    event = demo.client.get(API, params={"limit": 1}).json()["data"][0]["event_id"]
    return [
        "/console/",
        "/console/search?event_outcome=failure&severity=critical",
        "/console/search?correlation_id=nothing",
        f"/console/timeline?correlation_id={failed_incident(demo)}",
        "/console/timeline",
        f"/console/events/{event}",
        "/console/queue",
        f"/console/queue/dead-letters/{letter_ids(demo)[0]}",
        "/console/months",
        "/console/workflows",
        f"/console/workflows/{workflow['workflow_id']}",
        "/console/workflows/explore",
        "/console/about",
        "/console/sign-in",
    ]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible(visit: Visit, demo: Service, axe: str, scheme: Any) -> None:
    faults = []
    for address in addresses(demo):
        page = visit("/console/about")
        page.emulate_media(color_scheme=scheme)
        page = visit(address)
        page.evaluate(axe)  # through the debugger: the policy of the page forbids scripts within it
        found = page.evaluate(
            "axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']})"
        )
        faults += [(address, one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]]
    assert not faults


@pytest.mark.timeout(600)
@pytest.mark.parametrize("width", [320, 768, 2200])
def test_no_page_scrolls_sideways(visit: Visit, page: Page, demo: Service, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    wide = []
    for address in addresses(demo):
        visit(address)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wide.append(address)
    assert not wide


def test_keys_lead_everywhere_and_help_says_so(visit: Visit) -> None:
    page = visit("/console/")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator(".row.here")).to_have_count(1)
    page.keyboard.press("/")
    expect(page.get_by_label("Find a correlation, an event or a type")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("q")
    expect(page).to_have_url(re.compile("/console/queue"))


def test_times_are_shown_in_utc_and_in_the_readers_zone(visit: Visit, demo: Service) -> None:
    page = visit("/console/search")
    time = page.locator("#result-rows time").first
    at = datetime.fromisoformat(time.get_attribute("datetime") or "")
    expect(time).to_have_text(f"{at:%Y-%m-%d %H:%M:%S}")
    page.locator("#zone").click()
    local = at + timedelta(hours=5, minutes=30)
    expect(time).to_have_text(f"{local:%Y-%m-%d %H:%M:%S}")
    page.locator("#zone").click()


def test_dark_and_light_are_the_readers_choice_and_stay(visit: Visit, page: Page) -> None:
    page.emulate_media(color_scheme="light")
    visit("/console/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.locator("#theme").click()
    visit("/console/about")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.locator("#theme").click()


HOSTILE = '<img src=x onerror="alert(1)"><script>alert(2)</script>\u202eright to left\u202c\u200b\ufffe'


def nested(depth: int) -> dict[str, Any]:
    return {"deeper": nested(depth - 1)} if depth > 1 else {"end": HOSTILE}


def test_hostile_payloads_are_shown_harmlessly(visit: Visit, page: Page, demo: Service) -> None:
    mine = f"{HOSTILE} {uuid4()}"
    large = {HOSTILE: "x" * 200, "many": ["\u202e" + "y" * 90] * 2500}
    many = {"event_type": HOSTILE[:100], "actor_id": HOSTILE, "error_message": HOSTILE, "event_outcome": "failure"}
    post(
        demo,
        [
            event_body({"correlation_id": mine, **many, "event_data": {HOSTILE: HOSTILE, "n": 10**40}}),
            event_body({"correlation_id": mine, **many, "event_data": nested(31)}),
            event_body({"correlation_id": mine, **many, "event_data": large}),
        ],
    )
    spoken: list[str] = []
    page.on("dialog", lambda dialog: (spoken.append(dialog.message), dialog.dismiss()))
    query = httpx_query(mine)
    for address in (f"/console/timeline?{query}", f"/console/search?{query}", "/console/"):
        visit(address)
        assert page.locator("main img, main script:not([type='application/json'])").count() == 0
    visit(f"/console/timeline?{query}")
    for _ in range(3):
        expect(page.locator("#detail .json").first).to_be_visible()
        page.keyboard.press("j")
    expect(page.locator("#detail .hidden-char").first).to_be_attached()
    assert "\u202e" not in page.locator("main").inner_text()
    assert not spoken


def httpx_query(correlation_id: str) -> str:
    import httpx

    return str(httpx.QueryParams({"correlation_id": correlation_id}))


def test_an_outage_is_told_and_a_slow_question_can_be_cancelled(visit: Visit, page: Page) -> None:
    visit("/console/search?order=asc")
    page.route("**/console/search?*cursor=*", lambda _route: None)  # no answer: as slow as can be
    page.locator(".further").scroll_into_view_if_needed()
    expect(page.locator("#loading")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#loading")).to_be_hidden()
