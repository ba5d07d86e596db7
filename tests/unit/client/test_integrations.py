"""Log records, calls and requests as audit events; the store is a list."""

import asyncio
import logging

import pytest
import structlog

from datastorage_client.buffered.encoding import encode_event
from datastorage_client.errors import BufferFullError
from datastorage_client.integrations import (
    AsgiAuditMiddleware,
    AuditHandler,
    AuditProcessor,
    Rule,
    WsgiAuditMiddleware,
    audit_context,
    audit_span,
    audited,
)
from datastorage_client.integrations.context import parse_traceparent

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


class ListStore(list):
    """Takes what a real store would take."""

    def store(self, event):
        event_id, _ = encode_event(event)
        self.append({**event, "event_id": event_id})
        return event_id


class FullStore:
    def store(self, event):
        raise BufferFullError("full")


@pytest.fixture
def store():
    return ListStore()


def test_a_call_is_one_event_with_duration_and_outcome(store):
    @audited(store, "shop.order.placed", category="workflow", data=lambda order: {"order": order}, resource_id="r")
    def place(order):
        return order * 2

    assert place(7) == 14
    (event,) = store
    assert event["event_action"] == "placed"
    assert (event["event_outcome"], event["event_data"], event["resource_id"]) == ("success", {"order": 7}, "r")
    assert event["duration_ms"] >= 0


def test_an_error_goes_on_and_is_recorded(store):
    @audited(store, "shop.order.placed", category="workflow")
    def place():
        raise LookupError("no such order")

    with pytest.raises(LookupError, match="no such order"):
        place()
    assert [(e["event_outcome"], e["error_code"], e["error_message"]) for e in store] == [
        ("failure", "LookupError", "no such order")
    ]


async def test_coroutine_functions_are_audited_when_they_end(store):
    @audited(store, "shop.order.placed", category="workflow")
    async def place():
        await asyncio.sleep(0)
        assert store == []

    await place()
    assert len(store) == 1


def test_parents_and_traces_come_from_the_context(store):
    with (
        audit_context(correlation_id="c", trace_id=TRACE, span_id=SPAN),
        audit_span(store, "a.b.outer", category="workflow", started=True) as outer,
    ):
        with audit_span(store, "a.b.inner", category="workflow", started=True) as inner:
            inner.outcome = "pending"
        outer.data["n"] = 1
    started, inner_started, inner_ended, ended = store
    assert [e["event_outcome"] for e in store] == ["pending", "pending", "pending", "success"]
    assert inner_started["parent_event_id"] == started["event_id"] == ended["parent_event_id"]
    assert inner_ended["parent_event_id"] == inner_started["event_id"]
    assert {(e["correlation_id"], e["trace_id"], e["span_id"]) for e in store} == {("c", TRACE, SPAN)}
    assert ended["event_data"] == {"n": 1}
    assert "parent_event_id" not in started


def test_a_store_that_takes_nothing_does_not_break_the_call(caplog):
    with audit_span(FullStore(), "a.b.c", category="workflow"):
        pass
    with audit_span(ListStore(), "a.b.c", category="no such category"):
        pass
    assert caplog.text.count("was not taken") == 2


def test_records_of_logging_become_events(store):
    log = logging.getLogger("shop.unit")
    log.setLevel(logging.DEBUG)
    handler = AuditHandler(store, category="workflow")
    log.addHandler(handler)
    try:
        log.debug("not this")
        log.warning("stock is %d", 3, extra={"correlation_id": "c", "item": {"odd": {1, 2}}})
        try:
            raise OSError("disk")  # noqa: TRY301 - to have it logged
        except OSError:
            log.exception("failed")
    finally:
        log.removeHandler(handler)
    warned, failed = store
    assert (warned["severity"], warned["event_outcome"], warned["correlation_id"]) == ("warning", "success", "c")
    assert warned["event_data"]["message"] == "stock is 3"
    assert warned["event_data"]["item"] == {"odd": "{1, 2}"}
    assert (failed["event_outcome"], failed["error_code"], failed["error_message"]) == ("failure", "OSError", "disk")


@pytest.mark.parametrize("name", ["datastorage_client", "httpx", "httpcore.connection"])
def test_records_about_the_delivery_are_not_delivered(store, name):
    AuditHandler(store, category="workflow").handle(logging.makeLogRecord({"name": name, "msg": "m", "levelno": 40}))
    assert store == []


def test_events_of_structlog_are_handed_on(store):
    processor = AuditProcessor(store, category="workflow")
    log = structlog.wrap_logger(
        structlog.ReturnLogger(), processors=[processor, structlog.processors.KeyValueRenderer()]
    )
    assert log.error("failed", order=1, correlation_id="c") == "order=1 correlation_id='c' event='failed'"
    log.debug("not this")
    (event,) = store
    assert (event["event_outcome"], event["correlation_id"]) == ("failure", "c")
    assert event["event_data"] == {"order": 1, "message": "failed"}


RULES = [
    Rule(path="/orders/private*", event_type="x", category="workflow", skip=True),
    Rule(path="/orders*", event_type="shop.order.changed", category="workflow", data=lambda *_: {"more": 1}),
]


def asgi(store, app, method="POST", path="/orders/1", headers=()):
    async def run():
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": method, "path": path, "headers": list(headers)}
        await AsgiAuditMiddleware(app, store, RULES)(scope, None, send)
        return sent

    return asyncio.run(run())


def answering(status, seen=None):
    async def app(scope, receive, send):
        if seen is not None:
            with audit_span(seen, "in.the.app", category="workflow"):
                pass
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return app


def test_an_asgi_request_is_an_event_with_its_context():
    store = ListStore()
    headers = [(b"x-correlation-id", b"c"), (b"traceparent", f"00-{TRACE}-{SPAN}-01".encode())]
    assert len(asgi(store, answering(201, store), headers=headers)) == 2
    inner, request = store
    assert request["event_data"] == {"method": "POST", "path": "/orders/1", "status": 201, "more": 1}
    assert {(e["correlation_id"], e["trace_id"]) for e in (inner, request)} == {("c", TRACE)}


@pytest.mark.parametrize(("method", "path"), [("GET", "/orders/1"), ("POST", "/other"), ("POST", "/orders/private/1")])
def test_requests_without_a_rule_are_not_recorded(method, path):
    store = ListStore()
    assert len(asgi(store, answering(200), method, path)) == 2
    assert store == []


def test_a_failing_asgi_application_is_recorded_and_fails():
    async def app(scope, receive, send):
        raise KeyError("x")

    store = ListStore()
    with pytest.raises(KeyError):
        asgi(store, app)
    assert [(e["event_outcome"], e["error_code"]) for e in store] == [("failure", "KeyError")]
    asgi(store, answering(404))
    assert (store[1]["event_outcome"], store[1]["error_code"]) == ("failure", "404")


def wsgi(store, app, **environ):
    middleware = WsgiAuditMiddleware(app, store, RULES, actor=lambda e, _: e.get("REMOTE_USER"))
    said = []
    made = middleware({"REQUEST_METHOD": "POST", "PATH_INFO": "/orders/1", **environ}, lambda *a: said.append(a))
    return said, b"".join(made)


def test_a_wsgi_request_is_an_event(store):
    closed = []

    class Body(list):
        def close(self):
            closed.append(True)

    def app(environ, start_response):
        start_response("200 OK", [])
        return Body([b"a", b"b"])

    said, body = wsgi(store, app, HTTP_X_REQUEST_ID="c", REMOTE_USER="ann")
    assert (said, body, closed) == ([("200 OK", [])], b"ab", [True])
    (event,) = store
    assert (event["correlation_id"], event["actor_id"], event["event_data"]["status"]) == ("c", "ann", 200)
    wsgi(store, app, REQUEST_METHOD="GET")
    assert len(store) == 1


def test_a_failing_wsgi_application_is_recorded_and_fails(store):
    def app(environ, start_response):
        raise ValueError("x")

    with pytest.raises(ValueError, match="x"):
        wsgi(store, app)
    assert store[0]["error_code"] == "ValueError"


@pytest.mark.parametrize(
    "header", ["", "nonsense", f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01"]
)
def test_a_trace_that_is_not_valid_is_left_out(header):
    assert parse_traceparent(header) is None


# -- callbacks that fail ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [lambda *_: 1 // 0, lambda *_: "no mapping"], ids=["raises", "no mapping"])
def test_a_data_callback_that_fails_harms_neither_the_call_nor_its_event(store, data, caplog):
    @audited(store, "shop.order.placed", category="workflow", data=data)
    def place(order):
        return order * 2

    assert place(7) == 14
    assert [one["event_data"] for one in store] == [{}]
    assert "callback" in caplog.text


@pytest.mark.parametrize("data", [lambda *_: 1 // 0, lambda *_: "no mapping"], ids=["raises", "no mapping"])
def test_callbacks_that_fail_harm_neither_the_request_nor_its_event(store, data, monkeypatch):
    rule = Rule(path="/orders*", event_type="shop.order.changed", category="workflow", data=data)
    monkeypatch.setattr("tests.unit.client.test_integrations.RULES", [rule])

    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"a"]

    assert wsgi(store, app)[1] == b"a"
    assert len(asgi(store, answering(200))) == 2
    assert [one["event_data"]["status"] for one in store] == [200, 200]


def test_an_actor_callback_that_fails_harms_nobody(store):
    def nobody(scope, headers):
        raise LookupError("who?")

    async def run(actor):
        sent = []

        async def send(message):
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": "/orders/1", "headers": []}
        await AsgiAuditMiddleware(answering(200), store, RULES, actor=actor)(scope, None, send)
        return sent

    assert len(asyncio.run(run(nobody))) == 2
    assert len(asyncio.run(run(lambda *_: 42))) == 2
    assert [one.get("actor_id") for one in store] == [None, "42"]


def test_generator_functions_are_refused_at_once(store):
    def numbers():
        yield 1

    async def later():
        yield 1

    for function in (numbers, later):
        with pytest.raises(TypeError, match="use audit_span"):
            audited(store, "a.b.c", category="workflow")(function)
