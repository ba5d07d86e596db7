"""The typed client's retries, errors and streams, against answers made here."""

import inspect
import json
from decimal import Decimal
from uuid import uuid4

import httpx
import pytest

from datastorage_client import AsyncClient, Client
from datastorage_client.errors import (
    ForbiddenError,
    InvalidEventError,
    NoAnswerError,
    OutcomeUnknownError,
    ProblemError,
    RateLimitedError,
    ServiceUnavailableError,
    ValidationError,
)
from datastorage_client.generated.models import NotificationRequest, WorkflowSearchRequest
from tests.unit.client.doubles import event, problem

URL = "http://service:8080"
CREATED = {
    "event_id": str(uuid4()),
    "event_timestamp": "2026-01-01T00:00:00Z",
    "message": "Audit event created successfully",
}
STORED = json.dumps({
    "version": "1.0", "event_timestamp": "2026-01-01T00:00:00Z", "event_date": "2026-01-01", "event_type": "a.b.c",
    "event_category": "gateway", "event_action": "b", "event_outcome": "success", "actor_type": "service",
    "actor_id": "a", "actor_ip": None, "resource_type": "r", "resource_id": "r", "resource_name": None,
    "correlation_id": "c", "parent_event_id": None, "parent_event_date": None, "trace_id": None, "span_id": None,
    "namespace": None, "cluster_name": None, "event_data": {}, "event_metadata": None, "severity": None,
    "duration_ms": None, "error_code": None, "error_message": None, "retention_days": 1, "is_sensitive": False,
    "recorded_at": "2026-01-01T00:00:00Z", "recorded_by": None,
}).encode()  # fmt: skip
HEALTHY = {"status": "healthy", "database": "connected", "queue": "connected"}


def client(*answers, **options):
    """A client and the requests that it has sent; answers in order, the last one for ever."""
    sent, left = [], list(answers)

    def answer(request):
        sent.append((request.method, request.url.path, request.content))
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, Exception):
            raise found
        return found

    arguments = {
        "retry_initial": 0.001,
        "retry_max": 0.01,
        "client_options": {"transport": httpx.MockTransport(answer)},
    }
    return Client(URL, **{**arguments, **options}), sent


def busy(slug="service-unavailable", status=503, **headers):
    return httpx.Response(status, json=problem(status, slug), headers=headers)


@pytest.mark.parametrize(
    "failure", [httpx.ReadTimeout("slow"), httpx.ConnectError("no"), busy(), httpx.Response(502)], ids=repr
)
def test_an_event_is_sent_again_under_one_id(failure):
    one, sent = client(failure, httpx.Response(201, json=CREATED))
    one.create_event(event())
    assert len(sent) == 2
    assert sent[0] == sent[1]


def test_an_outcome_that_is_unknown_is_asked_again_for_events():
    one, sent = client(busy("outcome-unknown"), httpx.Response(201, json=CREATED))
    one.create_event(event())
    assert len(sent) == 2


def notification():
    members = {"notification_id": "n", "remediation_id": "r", "recipient": "x", "channel": "email"}
    return NotificationRequest.from_dict(
        {**members, "message_summary": "s", "status": "sent", "sent_at": "2026-01-01T00:00:00Z"}
    )


@pytest.mark.parametrize("failure", [httpx.ReadTimeout("slow"), httpx.Response(502), busy("outcome-unknown")], ids=repr)
def test_what_may_have_been_done_is_not_done_again(failure):
    one, sent = client(failure)
    with pytest.raises((NoAnswerError, OutcomeUnknownError)):
        one.create_notification(notification())
    assert len(sent) == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), busy(), busy("too-many-requests", 429)], ids=repr)
def test_what_was_certainly_not_done_is_done_again(failure):
    one, sent = client(failure)
    with pytest.raises((NoAnswerError, ServiceUnavailableError, RateLimitedError)):
        one.create_notification(notification())
    assert len(sent) == 4


def test_retries_can_be_switched_off():
    one, sent = client(busy(), retries=0)
    with pytest.raises(ServiceUnavailableError):
        one.health()
    assert len(sent) == 1


def test_a_pause_that_is_too_long_is_left_to_the_caller():
    one, sent = client(busy(**{"retry-after": "120"}))
    with pytest.raises(ServiceUnavailableError) as caught:
        one.search_workflows(
            WorkflowSearchRequest.from_dict(
                {
                    "filters": {
                        "signal_type": "a",
                        "severity": "low",
                        "component": "c",
                        "environment": "e",
                        "priority": "P0",
                    }
                }
            )
        )
    assert len(sent) == 1
    assert caught.value.retry_after == 120


def test_a_problem_is_an_exception_with_all_its_errors():
    errors = [{"pointer": "#/event_type", "detail": "event_type is required"}]
    one, _ = client(httpx.Response(400, json=problem(400, "validation-error", "wrong", errors=errors)))
    with pytest.raises(ValidationError, match="400 Validation Error: wrong") as caught:
        one.create_event(event())
    assert caught.value.errors == (("#/event_type", "event_type is required"),)
    assert (caught.value.slug, caught.value.request_id) == ("validation-error", "r-1")


def test_an_unknown_kind_of_problem_is_a_problem():
    one, _ = client(httpx.Response(418, json=problem(418, "teapot")))
    with pytest.raises(ProblemError) as caught:
        one.health()
    assert (type(caught.value), caught.value.slug) == (ProblemError, "teapot")


@pytest.mark.parametrize(
    "answer",
    [httpx.Response(404, text="<html>"), httpx.Response(302, headers={"location": "/"}), httpx.Response(500, json=[])],
    ids=repr,
)
def test_an_answer_of_something_else_is_no_answer(answer):
    one, _ = client(answer)
    with pytest.raises(NoAnswerError, match="without a problem"):
        one.get_receipt(uuid4())


def test_an_invalid_event_is_not_sent():
    one, sent = client(httpx.Response(201, json=CREATED))
    with pytest.raises(InvalidEventError) as caught:
        one.create_events([event(), event(event_type=""), {"version": "1.0"}])
    assert {error.pointer for error in caught.value.errors} >= {"#/1/event_type", "#/2/correlation_id"}
    assert sent == []


def test_a_refused_token_is_asked_for_anew():
    tokens = iter(["old", "new"])
    seen = []

    def answer(request):
        seen.append(request.headers["authorization"])
        return httpx.Response(200, json=HEALTHY) if len(seen) > 1 else busy("unauthorized", 401)

    with Client(URL, token=lambda: next(tokens), client_options={"transport": httpx.MockTransport(answer)}) as one:
        one.health()
    assert seen == ["Bearer old", "Bearer new"]


def test_a_token_that_stays_refused_is_said():
    one, _ = client(busy("forbidden", 403), token="fixed")
    with pytest.raises(ForbiddenError):
        one.health()


def test_a_filter_that_does_not_exist_is_named():
    one, _ = client(httpx.Response(200, json={}))
    with pytest.raises(TypeError, match="no filter corelation_id"):
        one.event_page(corelation_id="x")


def test_every_digit_is_kept_when_asked_for():
    number = Decimal("0.1000000000000000055511151231257827")
    body = f'{{"status": "healthy", "database": "connected", "queue": "connected", "n": {number}}}'
    answer = httpx.Response(200, content=body, headers={"content-type": "application/json"})
    one, _ = client(answer, parse_float=Decimal)
    assert one.health()["n"] == number


def test_both_clients_have_the_same_calls():
    def calls(kind):
        return {name: str(inspect.signature(member)) for name, member in vars(kind).items() if not name.startswith("_")}

    blocking, asynchronous = calls(Client), calls(AsyncClient)
    assert set(blocking) - {"close"} == set(asynchronous) - {"aclose"}
    for name in set(blocking) - {"close"}:
        assert blocking[name] == asynchronous[name].replace("AsyncIterator", "Iterator"), name


@pytest.mark.parametrize("url", ["", "nowhere", "ftp://x"])
def test_an_address_that_cannot_be_one_is_refused(url):
    with pytest.raises(ValueError, match="base_url"):
        Client(url)


class Breaking(httpx.SyncByteStream):
    """An export of one event, and what comes in place of the second."""

    def __init__(self, then):
        self._then = then

    def __iter__(self):
        yield b'{"event_id": "01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d", ' + STORED[1:] + b"\n"
        if isinstance(self._then, Exception):
            raise self._then
        yield self._then


@pytest.mark.parametrize(
    "then", [httpx.RemoteProtocolError("incomplete chunked read"), httpx.ReadTimeout("slow"), b'{"event']
)
def test_an_export_that_breaks_off_says_so_and_gives_what_came_before(then):
    one, sent = client(httpx.Response(200, stream=Breaking(then)))
    exported = one.export_events()
    assert str(next(exported).event_id) == "01939f5e-7f3c-7d2a-8c3e-0b6f1a2b3c4d"
    with pytest.raises(NoAnswerError, match="broke off"):
        next(exported)
    assert len(sent) == 1
