"""The workflow catalog against the running service: groups F, G and H of the acceptance cases, concurrency, outages."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
import redis

from tests.fixtures.awaiting import eventually_sync
from tests.fixtures.controlled import Controlled
from tests.fixtures.proxy import OpenProxy
from tests.fixtures.service import Service, StartService

PATH = "/api/v1/workflows"
EVENTS = "/api/v1/audit/events"
CONTENT = "kind: Workflow\n"
L5 = {
    "signal_type": "OOMKilled",
    "severity": "critical",
    "component": "deployment",
    "environment": "production",
    "priority": "P0",
}


@pytest.fixture(scope="module")
def running(module_database_url: str, module_queue_url: str) -> Iterator[Service]:
    with Service(database_url=module_database_url, redis_url=module_queue_url) as service:
        yield service


@pytest.fixture
def service(running: Service) -> Service:
    """One service for the whole module, its catalog empty."""
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("DELETE FROM remediation_workflow_catalog")
    eventually_sync(lambda: search(running)["total_results"] == 0)
    return running


def workflow(name: str = "", version: str = "1.0.0", **more: object) -> dict[str, Any]:
    return {
        "workflow_name": name or f"wf-{uuid4()}",
        "version": version,
        "name": "Restart after OOM",
        "description": "Raises the limit and restarts.",
        "content": CONTENT,
        "content_hash": hashlib.sha256(CONTENT.encode()).hexdigest(),
        "labels": L5,
        "execution_engine": "tekton",
        "status": "active",
        **more,
    }


def create(service: Service, *args: str, **more: object) -> dict[str, Any]:
    answer = service.client.post(PATH, json=workflow(*args, **more))
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.json()
    return body


def search(service: Service, filters: dict[str, Any] | None = None, **more: object) -> dict[str, Any]:
    answer = service.client.post(f"{PATH}/search", json={"filters": L5 | (filters or {}), **more})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def names(found: dict[str, Any]) -> list[str]:
    return [one["workflow_name"] for one in found["workflows"]]


def events(service: Service, count: int = 1, **params: str) -> list[dict[str, Any]]:
    def there() -> Any:
        found = service.client.get(EVENTS, params=params).json()["data"]
        return found if len(found) >= count else None

    found: list[dict[str, Any]] = eventually_sync(there, timeout=5)
    assert len(found) == count
    return found


def test_a_version_is_stored_and_read_back(service: Service) -> None:
    """F1 and F14."""
    sent = workflow(
        detected_labels={"gitOpsManaged": True, "gitOpsTool": "argocd"},
        custom_labels={"team": ["payments"]},
        parameters=[{"name": "limit", "default": 0.1}],
        maintainer="sre@example.com",
        container_digest=f"sha256:{'a' * 64}",
        expected_success_rate=0.95,
        expected_duration_seconds=60,
        approved_at="2025-12-01T10:00:00Z",
    )
    answer = service.client.post(PATH, json=sent)
    assert answer.status_code == 201
    body = answer.json()
    assert UUID(body["workflow_id"])
    assert body["is_latest_version"] is True
    assert {name: body[name] for name in sent} == sent
    read = service.client.get(answer.headers["Location"])
    assert read.json() == body
    assert read.headers["ETag"] == answer.headers["ETag"]


def test_the_highest_semantic_version_is_the_latest(service: Service) -> None:
    """F2 and F16, whatever the order of creation."""
    for version in ("1.9.0", "v1.10.0", "2.0.0-rc.1", "nightly", "1.0.0"):
        create(service, "wf-order", version, previous_version="1.0.0")
    answer = service.client.get(f"{PATH}/by-name/wf-order/versions").json()
    versions = [one["version"] for one in answer["versions"]]
    assert versions == ["2.0.0-rc.1", "v1.10.0", "1.9.0", "1.0.0", "nightly"]
    assert answer["total"] == 5
    assert [one["is_latest_version"] for one in answer["versions"]] == [True] + [False] * 4


def test_an_unknown_name_has_no_versions(service: Service) -> None:
    """F17."""
    answer = service.client.get(f"{PATH}/by-name/nobody/versions")
    assert answer.status_code == 200
    page = {"has_more": False, "next_cursor": None}
    assert answer.json() == {"workflow_name": "nobody", "versions": [], "total": 0, **page}


def test_the_same_version_twice_is_a_conflict(service: Service) -> None:
    """F4."""
    create(service, "wf-twice", "1.2.3")
    answer = service.client.post(PATH, json=workflow("wf-twice", "1.2.3"))
    assert answer.status_code == 409
    problem = answer.json()
    assert "conflict" in problem["type"]
    assert "Already Exists" in problem["title"]
    assert "wf-twice" in problem["detail"]
    assert "1.2.3" in problem["detail"]
    assert service.client.get(PATH, params={"name": "wf-twice"}).json()["total"] == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"workflow_name": "n" * 1000}, "workflow_name"),
        ({"labels": L5 | {"priority": "p0"}}, "labels.priority"),
        ({"labels": L5 | {"severity": "High"}}, "labels.severity"),
        ({"content_hash": "a" * 63}, "content_hash"),
        ({"content_hash": "a" * 64}, "content_hash"),
        ({"maintainer": "nobody"}, "maintainer"),
        ({"container_digest": "sha256:short"}, "container_digest"),
        ({"expected_success_rate": 1.5}, "expected_success_rate"),
        ({"status": "unknown"}, "status"),
        ({"labels": {}}, "labels.signal_type"),
    ],
)
def test_what_breaks_the_contract_is_named(service: Service, change: dict[str, Any], field: str) -> None:
    """F5, F7, F8."""
    answer = service.client.post(PATH, json=workflow(**change))
    assert answer.status_code == 400
    assert field in answer.json()["field_errors"]
    assert service.client.get(PATH).json()["total"] == 0


def test_lists_filter_count_and_page(service: Service) -> None:
    """F10, F11, F13."""
    made = [create(service)["workflow_id"] for _ in range(3)]
    disabled = create(service, status="disabled", labels=L5 | {"severity": "low", "component": "*"})["workflow_id"]
    listed = service.client.get(PATH).json()
    assert [one["workflow_id"] for one in listed["workflows"]] == [disabled, *reversed(made)]
    assert (listed["total"], listed["limit"], listed["offset"]) == (4, 100, 0)
    assert service.client.get(PATH, params={"status": "active"}).json()["total"] == 3
    assert service.client.get(PATH, params={"severity": "low", "component": "*"}).json()["total"] == 1
    assert service.client.get(PATH, params={"limit": 500}).json()["limit"] == 500
    assert service.client.get(PATH, params={"limit": 1001}).status_code == 400
    beyond = service.client.get(PATH, params={"offset": 10}).json()
    assert (beyond["workflows"], beyond["total"], beyond["has_more"]) == ([], 4, False)
    seen: list[str] = []
    address = f"{PATH}?limit=2"
    while address:
        page = service.client.get(address)
        seen += [one["workflow_id"] for one in page.json()["workflows"]]
        address = page.links["next"]["url"] if "next" in page.links else ""
    assert seen == [disabled, *reversed(made)]


def test_only_the_latest_can_be_asked_for(service: Service) -> None:
    for version in ("1.0.0", "1.1.0"):
        create(service, "wf-latest", version)
    listed = service.client.get(PATH, params={"latest_only": "true"}).json()
    assert [one["version"] for one in listed["workflows"]] == ["1.1.0"]


@pytest.mark.parametrize(
    "change",
    [
        {"description": "x"},
        {"content": "kind: Other"},
        {"labels": {}},
        {"labels": L5 | {"priority": "P1"}},
        {"version": "9"},
    ],
)
def test_a_version_is_immutable(service: Service, change: dict[str, Any]) -> None:
    """F19 and F20."""
    made = create(service)
    answer = service.client.patch(f"{PATH}/{made['workflow_id']}", json=change)
    assert answer.status_code == 400
    assert answer.json()["type"].endswith("/immutable-field-violation")
    assert next(iter(change)) in answer.json()["detail"]
    assert service.client.get(f"{PATH}/{made['workflow_id']}").json() == made


def test_a_life_has_its_steps(service: Service) -> None:
    address = f"{PATH}/{create(service)['workflow_id']}"

    def become(status: str) -> int:
        return service.client.patch(address, json={"status": status}).status_code

    assert [become(status) for status in ("archived", "disabled", "archived", "active")] == [409, 200, 409, 200]
    assert [become(status) for status in ("deprecated", "disabled", "active")] == [200, 409, 200]
    assert [become(status) for status in ("deprecated", "archived", "active", "archived")] == [200, 200, 409, 200]


def test_a_version_can_be_disabled_with_or_without_words(service: Service) -> None:
    """F22."""
    address = f"{PATH}/{create(service)['workflow_id']}"
    first = service.client.patch(f"{address}/disable")
    assert first.status_code == 200
    assert first.json()["status"] == "disabled"
    assert first.json()["disabled_at"]
    again = service.client.patch(f"{address}/disable", json={"reason": "breaks pods", "updated_by": "sre"})
    assert again.status_code == 200
    assert (again.json()["disabled_reason"], again.json()["disabled_by"]) == ("breaks pods", "sre")
    back = service.client.patch(address, json={"status": "active"}).json()
    assert (back["disabled_at"], back["disabled_reason"]) == (None, None)


def test_a_stale_etag_is_refused(service: Service) -> None:
    made = service.client.post(PATH, json=workflow())
    address, etag = made.headers["Location"], made.headers["ETag"]
    change = {"status": "disabled"}
    first = service.client.patch(address, json=change, headers={"If-Match": f'"other", {etag}'})
    assert first.status_code == 200
    stale = service.client.patch(address, json={"status": "active"}, headers={"If-Match": etag})
    assert stale.status_code == 412
    assert stale.json()["type"].endswith("/precondition-failed")
    fresh = service.client.patch(address, json={"status": "active"}, headers={"If-Match": first.headers["ETag"]})
    assert fresh.status_code == 200
    assert service.client.patch(address, json=change, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("PATCH", ""), ("PATCH", "/disable")])
def test_an_unknown_or_malformed_id(service: Service, method: str, tail: str) -> None:
    body = {"json": {"status": "active"}} if method == "PATCH" and not tail else {}
    assert service.client.request(method, f"{PATH}/{uuid4()}{tail}", **body).status_code == 404
    assert service.client.request(method, f"{PATH}/nonsense{tail}", **body).status_code == 400


def test_of_twenty_creators_at_once_exactly_one_made_the_latest(service: Service) -> None:
    def post(number: int) -> int:
        return httpx.post(f"{service.url}{PATH}", json=workflow("wf-race", f"1.{number}.0"), timeout=30).status_code

    for _ in range(3):
        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(post, range(20))) <= {201, 409}
    versions = service.client.get(f"{PATH}/by-name/wf-race/versions").json()["versions"]
    assert [one["version"] for one in versions if one["is_latest_version"]] == ["1.19.0"]
    assert len(versions) == 20


def test_of_the_same_version_created_at_once_one_is_stored(service: Service) -> None:
    def post(_number: int) -> int:
        return httpx.post(f"{service.url}{PATH}", json=workflow("wf-same"), timeout=30).status_code

    with ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(post, range(20))) == [201] + [409] * 19


def test_bulk_is_all_or_nothing(service: Service) -> None:
    bodies = [workflow(f"wf-{number}", f"1.{version}.0") for number in range(10) for version in range(3)]
    answer = service.client.post(f"{PATH}/bulk", json=bodies)
    assert answer.status_code == 201
    assert answer.json()["created"] == 30
    first = answer.json()["results"][0]
    assert (first["index"], first["workflow_name"], first["version"], first["status"]) == (
        0,
        "wf-0",
        "1.0.0",
        "created",
    )
    clash = service.client.post(f"{PATH}/bulk", json=[workflow("wf-new"), workflow("wf-0")])
    assert clash.status_code == 409
    assert "workflow at index 1:" in clash.json()["detail"]
    twins = service.client.post(f"{PATH}/bulk", json=[workflow("wf-new"), workflow("wf-new")])
    assert twins.status_code == 409
    wrong = service.client.post(f"{PATH}/bulk", json=[workflow("wf-new"), workflow("wf-b", content_hash="a" * 64)])
    assert wrong.status_code == 400
    assert wrong.json()["errors"][0]["pointer"] == "#/1/content_hash"
    assert service.client.get(PATH).json()["total"] == 30
    assert service.client.post(f"{PATH}/bulk", json=[workflow() for _ in range(501)]).status_code == 400
    assert service.client.post(f"{PATH}/bulk", json=[]).status_code == 400


def test_two_bulks_with_the_same_names_do_not_lock_each_other_out(service: Service) -> None:
    def post(turn: int) -> int:
        bodies = [workflow(f"wf-{number}", f"{turn}.0.0") for number in range(20)]
        return httpx.post(f"{service.url}{PATH}/bulk", json=bodies[:: 1 if turn % 2 else -1], timeout=30).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(post, range(16))) == {201}
    latest = service.client.get(PATH, params={"latest_only": "true"}).json()["workflows"]
    assert {(one["workflow_name"], one["version"]) for one in latest} == {(f"wf-{n}", "15.0.0") for n in range(20)}


def test_a_search_finds_what_fits_and_says_why(service: Service) -> None:
    """G1, G2, G5, G7."""
    create(service, "fits", detected_labels={"gitOpsManaged": True}, container_image="registry/fix:1")
    create(service, "open", labels=L5 | {"component": "*"})
    create(service, "other", labels=L5 | {"signal_type": "CrashLoopBackOff"})
    found = search(service)
    assert names(found) == ["fits", "open"]
    assert (found["total_results"], found["weights"]) == (2, "v1")
    best, second = found["workflows"]
    assert (best["confidence"], second["confidence"]) == (0.5, 0.45)
    assert isinstance(best["signal_type"], str)
    assert not {"version", "workflow", "container_digest"} & set(best)
    assert best["container_image"] == "registry/fix:1"
    assert (best["workflow_version"], best["title"], best["rank"]) == ("1.0.0", "Restart after OOM", 1)
    open_line = next(line for line in second["score_breakdown"] if line["label"] == "component")
    assert open_line == {
        "label": "component",
        "query": "deployment",
        "workflow": "*",
        "match": "wildcard",
        "points": 0.5,
    }
    assert sum(line["points"] for line in second["score_breakdown"]) == pytest.approx(10 * second["final_score"])


def test_detected_labels_move_the_score(service: Service) -> None:
    """G8, G10, G16 over HTTP; the numbers themselves are in the unit tests."""
    create(service, "manual")
    alone = search(service, {"detected_labels": {"gitOpsManaged": True}})
    assert [(one["label_penalty"], one["label_boost"], one["final_score"]) for one in alone["workflows"]] == [
        (0.1, 0.0, 0.49)
    ]
    create(service, "managed", detected_labels={"gitOpsManaged": True})
    both = search(service, {"detected_labels": {"gitOpsManaged": True}})
    assert [(one["workflow_name"], one["label_boost"], one["final_score"]) for one in both["workflows"]] == [
        ("managed", 0.1, 0.51),
        ("manual", 0.0, 0.49),
    ]
    assert names(search(service, {"detected_labels": {"gitOpsManaged": True}}, min_score=0.51)) == ["managed"]
    wanted = {"gitOpsManaged": True, "gitOpsTool": "argocd"}
    scores = {one["workflow_name"]: one for one in search(service, {"detected_labels": wanted})["workflows"]}
    assert (scores["manual"]["label_penalty"], scores["manual"]["final_score"]) == (0.2, 0.48)


ALL = {
    "gitOpsManaged": True,
    "gitOpsTool": "argocd",
    "pdbProtected": True,
    "serviceMesh": "istio",
    "networkIsolated": True,
    "helmManaged": True,
    "stateful": True,
    "hpaEnabled": True,
}
CATALOG: dict[str, dict[str, Any]] = {
    "A": {"detected_labels": ALL},
    "F": {"detected_labels": {"gitOpsManaged": True, "gitOpsTool": "flux"}},
    "S": {"detected_labels": {"gitOpsManaged": True, "gitOpsTool": "*", "serviceMesh": "*"}},
    "P": {},
    "C": {"custom_labels": {"team": ["payments"], "constraint": ["*"]}},
}
GITOPS = {"gitOpsManaged": True, "gitOpsTool": "argocd"}
TEAM = {"team": ["payments", "x"], "constraint": ["cost"]}


@pytest.mark.parametrize(
    ("detected", "custom", "expected"),
    [
        pytest.param(
            ALL,
            {},
            {
                "A": (0.39, 0, 0.539),
                "S": (0.175, 0, 0.5175),
                "F": (0.1, 0.1, 0.5),
                "P": (0, 0.2, 0.48),
                "C": (0, 0.2, 0.48),
            },
            id="1-G14",
        ),
        pytest.param(
            {"gitOpsManaged": True},
            {},
            dict.fromkeys("AFS", (0.1, 0, 0.51)) | dict.fromkeys("PC", (0, 0.1, 0.49)),
            id="2",
        ),
        pytest.param(
            {"gitOpsTool": "argocd"},
            {},
            {"A": (0.1, 0, 0.51), "S": (0.05, 0, 0.505)} | dict.fromkeys("FPC", (0, 0.1, 0.49)),
            id="3",
        ),
        pytest.param(
            {"gitOpsTool": "*", "serviceMesh": "*"},
            {},
            {"A": (0.075, 0, 0.5075), "S": (0.075, 0, 0.5075), "F": (0.05, 0, 0.505)}
            | dict.fromkeys("PC", (0, 0, 0.5)),
            id="4",
        ),
        pytest.param({}, TEAM, {"C": (0.075, 0, 0.5075)} | dict.fromkeys("AFSP", (0, 0, 0.5)), id="5-G17"),
        pytest.param({"pdbProtected": True}, {}, {"A": (0.05, 0, 0.505)} | dict.fromkeys("FSPC", (0, 0, 0.5)), id="6"),
        pytest.param(
            {"serviceMesh": "istio"},
            {},
            {"A": (0.05, 0, 0.505), "S": (0.025, 0, 0.5025)} | dict.fromkeys("FPC", (0, 0, 0.5)),
            id="G13",
        ),
        pytest.param(
            GITOPS,
            {},
            {"A": (0.2, 0, 0.52), "S": (0.15, 0, 0.515), "F": (0.1, 0.1, 0.5)} | dict.fromkeys("PC", (0, 0.2, 0.48)),
            id="G16",
        ),
    ],
)
def test_worked_examples_to_the_last_digit(
    service: Service, detected: dict[str, Any], custom: dict[str, Any], expected: dict[str, tuple[float, float, float]]
) -> None:
    bodies = [workflow(name, **labels) for name, labels in CATALOG.items()]
    assert service.client.post(f"{PATH}/bulk", json=bodies).status_code == 201
    found = search(service, {"detected_labels": detected, "custom_labels": custom})["workflows"]
    numbers = {one["workflow_name"]: (one["label_boost"], one["label_penalty"], one["final_score"]) for one in found}
    assert numbers == expected
    scores = [one["final_score"] for one in found]
    assert scores == sorted(scores, reverse=True)
    assert [one["rank"] for one in found] == [1, 2, 3, 4, 5]


def test_the_least_score_is_inclusive(service: Service) -> None:
    """Worked example 7."""
    bodies = [workflow(name, **labels) for name, labels in CATALOG.items()]
    assert service.client.post(f"{PATH}/bulk", json=bodies).status_code == 201
    wanted = {"detected_labels": {"gitOpsManaged": True}}
    found = search(service, wanted, min_score=0.51)
    assert sorted(names(found)) == ["A", "F", "S"]
    assert found["total_results"] == 3
    assert search(service, wanted, min_score=0.511)["total_results"] == 0


def test_of_custom_labels_each_one_counts(service: Service) -> None:
    """G11."""
    asked = {"team": ["payments"], "constraint": ["cost"]}
    create(service, "both", custom_labels=asked)
    create(service, "one", custom_labels={"team": ["payments"]})
    found = search(service, {"custom_labels": asked})["workflows"]
    assert [(one["workflow_name"], one["label_boost"], one["final_score"]) for one in found] == [
        ("both", 0.1, 0.51),
        ("one", 0.05, 0.505),
    ]


@pytest.mark.parametrize("label", ["component", "environment", "priority"])
def test_a_workflow_that_leaves_a_label_open_is_found_behind_the_exact_one(service: Service, label: str) -> None:
    """G5, G7 and worked example 8."""
    create(service, "exact")
    create(service, "open", labels=L5 | {label: "*"})
    create(service, "other", labels=L5 | {label: {"component": "pod", "environment": "test", "priority": "P1"}[label]})
    found = search(service)["workflows"]
    assert [(one["workflow_name"], one["final_score"]) for one in found] == [("exact", 0.5), ("open", 0.45)]
    base = [line for line in found[1]["score_breakdown"] if line["label"] in L5]
    assert sum(line["points"] for line in base) == 4.5


def test_a_result_is_flat_and_has_these_members_only(service: Service) -> None:
    """G2."""
    members = {
        "workflow_id",
        "workflow_name",
        "workflow_version",
        "title",
        "description",
        "signal_type",
        "confidence",
        "final_score",
        "label_boost",
        "label_penalty",
        "rank",
        "detected_labels",
        "score_breakdown",
    }
    made = create(service, "plain")
    (plain,) = search(service)["workflows"]
    assert set(plain) == members
    assert plain["workflow_id"] == made["workflow_id"]
    assert (plain["signal_type"], plain["confidence"]) == ("OOMKilled", plain["final_score"])
    image = {"container_image": "registry/fix:1", "container_digest": f"sha256:{'a' * 64}"}
    create(service, "rich", custom_labels={"team": ["payments"]}, detected_labels=ALL, **image)
    rich, _ = search(service, {"detected_labels": ALL})["workflows"]
    assert set(rich) == members | {"custom_labels", *image}
    assert (rich["detected_labels"], rich["custom_labels"]) == (ALL, {"team": ["payments"]})


@pytest.mark.parametrize("place", ["filters", "detected"])
def test_failed_detections_do_not_count(service: Service, place: str) -> None:
    """G22 and G23."""
    create(service, "manual")

    def filters(*failed: str) -> dict[str, Any]:
        detected: dict[str, Any] = {"gitOpsManaged": True}
        if place == "detected":
            return {"detected_labels": detected | {"failed_detections": failed}}
        return {"detected_labels": detected, "failed_detections": failed}

    assert search(service, filters("gitOpsManaged"))["workflows"][0]["final_score"] == 0.5
    known = ("gitOpsManaged", "pdbProtected", "hpaEnabled", "stateful", "helmManaged", "networkIsolated", "serviceMesh")
    assert search(service, filters(*known))["total_results"] == 1
    for unknown in ("", "nonsense", "gitOpsTool"):
        body = {"filters": L5 | filters(unknown)}
        assert service.client.post(f"{PATH}/search", json=body).status_code == 400


def test_of_equals_the_newest_comes_first_every_time(service: Service) -> None:
    """G4."""
    for name in ("first", "second", "third"):
        create(service, name)
    assert [names(search(service, top_k=1)) for _ in range(5)] == [["third"]] * 5
    assert search(service, top_k=1)["total_results"] == 3


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"filters": {}},
        *({"filters": {name: value for name, value in L5.items() if name != missing}} for missing in L5),
        {"filters": L5, "top_k": 0},
        {"filters": L5, "top_k": 101},
        {"filters": L5, "min_score": 1.5},
    ],
)
def test_a_search_that_breaks_the_contract_is_refused_and_leaves_no_trace(
    service: Service, body: dict[str, Any]
) -> None:
    """G19, G20, H8."""
    refused, sentinel = f"rr-{uuid4()}", f"rr-{uuid4()}"
    answer = service.client.post(f"{PATH}/search", json=body | {"remediation_id": refused})
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    search(service, remediation_id=sentinel)
    events(service, correlation_id=sentinel)  # own events are recorded in order
    assert service.client.get(EVENTS, params={"correlation_id": refused}).json()["data"] == []


def test_ten_are_returned_where_nothing_else_is_asked(service: Service) -> None:
    """G19."""
    service.client.post(f"{PATH}/bulk", json=[workflow() for _ in range(12)])
    found = search(service)
    assert (len(found["workflows"]), found["total_results"]) == (10, 12)


def test_a_disabled_version_gives_its_place_to_the_one_before(service: Service) -> None:
    """F23."""
    for version in ("1.0.0", "1.1.0"):
        made = create(service, "wf-fall", version)

    def version() -> list[str]:
        return [one["workflow_version"] for one in search(service)["workflows"]]

    assert version() == ["1.1.0"]
    service.client.patch(f"{PATH}/{made['workflow_id']}/disable")
    assert version() == ["1.0.0"]
    found = search(service, include_disabled=True)["workflows"]
    assert [one["workflow_version"] for one in found] == ["1.1.0"]
    first = search(service)["workflows"][0]["workflow_id"]
    service.client.patch(f"{PATH}/{first}/disable")
    assert version() == []
    assert len(search(service, {"status": ["disabled"]})["workflows"]) == 1


def test_a_search_is_audited(service: Service) -> None:
    """H1 and H2."""
    made = create(service, "audited")
    remediation = f"rr-{uuid4()}"
    search(service, top_k=7, remediation_id=remediation)
    (event,) = events(service, correlation_id=remediation)
    assert event["event_type"] == "workflow.catalog.search_completed"
    assert (event["event_category"], event["event_action"]) == ("workflow", "search_completed")
    assert (event["event_outcome"], event["actor_type"], event["actor_id"]) == ("success", "service", "datastorage")
    assert event["resource_type"] == "workflow_catalog"
    data = event["event_data"]
    assert {name: data["query"]["filters"][name] for name in L5} == L5
    assert data["query"]["top_k"] == 7
    assert data["results"]["total_found"] == 1
    told = data["results"]["workflows"][0]
    assert (told["workflow_id"], told["title"], told["rank"]) == (made["workflow_id"], "Restart after OOM", 1)
    assert told["scoring"]["confidence"] == 0.5
    assert data["search_metadata"]["duration_ms"] >= 0


def test_a_search_without_hits_is_audited_too(service: Service) -> None:
    """H4."""
    remediation = f"rr-{uuid4()}"
    search(service, remediation_id=remediation)
    (event,) = events(service, correlation_id=remediation)
    assert event["event_outcome"] == "success"
    assert event["event_data"]["results"] == {"total_found": 0, "returned": 0, "workflows": []}


def test_searches_without_a_remediation_are_correlated_by_their_labels(service: Service) -> None:
    """H5."""
    expected = hashlib.sha256(b"H5-critical-deployment-production-P0").hexdigest()[:16]
    for _ in range(2):
        search(service, {"signal_type": "H5"})
    assert len(events(service, 2, correlation_id=expected)) == 2
    search(service, {"signal_type": "H5", "priority": "P1"})
    other = hashlib.sha256(b"H5-critical-deployment-production-P1").hexdigest()[:16]
    assert len(events(service, 1, correlation_id=other)) == 1


def test_creating_and_changing_are_audited(service: Service) -> None:
    """H7."""
    made = create(service, "told", "2.0.0")
    service.client.patch(f"{PATH}/{made['workflow_id']}", json={"status": "disabled"})
    updated, created = events(service, 2, resource_id=made["workflow_id"])
    assert (created["event_type"], updated["event_type"]) == (
        "datastorage.workflow.created",
        "datastorage.workflow.updated",
    )
    assert created["event_data"]["workflow_name"] == "told"
    assert (updated["event_data"]["previous_status"], updated["event_data"]["status"]) == ("active", "disabled")


def test_another_process_sees_a_change_within_a_second(start_service: StartService) -> None:
    one, other = start_service(), start_service()
    made = create(one, "shared")
    eventually_sync(lambda: names(search(other)) == ["shared"], timeout=1, every=0.01)
    other.client.patch(f"{PATH}/{made['workflow_id']}/disable")
    eventually_sync(lambda: names(search(one)) == [], timeout=1, every=0.01)


def test_the_catalog_is_true_again_after_its_connection_was_cut(start_service: StartService, database_url: str) -> None:
    service = start_service()
    create(service, "before")
    listening = """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE query LIKE 'LISTEN%' AND datname = current_database()
    """
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert connection.execute(listening).fetchone() == (1,)
        connection.execute("UPDATE remediation_workflow_catalog SET workflow_name = 'while deaf'")
    assert names(search(service)) == ["while deaf"], "what it cannot hear it reads"
    create(service, "after")
    assert set(names(search(service))) == {"while deaf", "after"}


def test_a_server_that_vanishes_without_a_word_is_missed_within_seconds(
    start_service: StartService, database_url: str, open_proxy: OpenProxy
) -> None:
    proxy = open_proxy(database_url)
    service = start_service(database_url=proxy.url(database_url), settings={"pool_min_size": 1})
    create(service)
    with psycopg.connect(database_url, autocommit=True) as connection:

        def change(description: str) -> None:
            connection.execute("UPDATE remediation_workflow_catalog SET description = %s", (description,))

        def shown() -> list[str]:
            return [one["description"] for one in search(service)["workflows"]]

        change("heard")
        eventually_sync(lambda: shown() == ["heard"])
        proxy.hold_open()  # new connections reach the database: its address is another server's now
        change("unheard")
        eventually_sync(lambda: shown() == ["unheard"], timeout=20)


def test_a_change_is_seen_elsewhere_within_a_second_again_after_postgresql_was_killed(
    own_postgres: Controlled, queue_url: str
) -> None:
    addresses = {"database_url": own_postgres.url, "redis_url": queue_url}
    with Service(**addresses) as one, Service(**addresses) as other:
        create(one, "before")
        eventually_sync(lambda: names(search(other)) == ["before"], timeout=1, every=0.01)
        own_postgres.kill()
        own_postgres.start()
        back = workflow("back")
        eventually_sync(lambda: one.client.post(PATH, json=back).status_code in {201, 409})
        eventually_sync(lambda: set(names(search(other))) == {"before", "back"})
        create(one, "after")
        eventually_sync(lambda: "after" in names(search(other)), timeout=1, every=0.01)


def test_searches_answer_at_once_and_are_audited_later_while_both_stores_are_away(
    own_postgres: Controlled, own_valkey: Controlled
) -> None:
    with Service(database_url=own_postgres.url, redis_url=own_valkey.url) as service:
        create(service, "kept")
        events(service, event_type="datastorage.workflow.created")
        own_postgres.kill()
        own_valkey.kill()
        remediation = f"rr-{uuid4()}"
        began = time.monotonic()
        assert [names(search(service, remediation_id=remediation)) for _ in range(10)] == [["kept"]] * 10
        assert time.monotonic() - began < 10, "none waits for a store, but the first that misses it"
        own_postgres.start()
        eventually_sync(lambda: service.client.get("/health").json()["database"] == "connected")
        events(service, 10, correlation_id=remediation)


def test_searches_go_on_and_are_audited_while_postgresql_is_away(own_postgres: Controlled, queue_url: str) -> None:
    with Service(database_url=own_postgres.url, redis_url=queue_url) as service:
        create(service, "kept")
        events(service, event_type="datastorage.workflow.created")
        own_postgres.kill()
        remediation = f"rr-{uuid4()}"
        assert names(search(service, remediation_id=remediation)) == ["kept"]
        with redis.Redis.from_url(queue_url) as client:
            eventually_sync(lambda: client.xlen("audit:dlq:events") == 1)
        assert service.client.post(PATH, json=workflow()).status_code == 503
        own_postgres.start()
        events(service, correlation_id=remediation)


def test_own_events_survive_a_shutdown(start_service: StartService, database_url: str) -> None:
    service = start_service(settings={"shutdown_drain": 0})
    for number in range(50):
        search(service, remediation_id=f"last-{number}")
    assert service.stop() == 0
    with psycopg.connect(database_url) as connection:
        count = connection.execute("SELECT count(*) FROM audit_events WHERE correlation_id LIKE 'last-%'").fetchone()
    assert count == (50,)
