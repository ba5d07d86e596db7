"""What keeps one client from hurting another before a handler is asked."""

from __future__ import annotations

import gzip
import io
import logging

import pytest
import structlog

from datastorage.edge.admission import Admission
from datastorage.edge.body import _decompressed
from datastorage.edge.front import _opened
from datastorage.edge.origins import Origins
from datastorage.edge.schemas import SchemaValidator
from telemetry.logs import configure_logging, get_logger
from web.messages import Request, link_to_next
from web.problems import Problem

LOCAL = Origins(())
NAMED = Origins(("audit.example.com", ".corp.example.org"))


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8080",
        "127.0.0.1:1",
        "[::1]:8080",
        "10.1.2.3",
        "datastorage",
        "datastorage.ns.svc",
        "a.local",
    ],
)
def test_local_names_are_known_without_a_setting(host: str) -> None:
    LOCAL.check("GET", {"host": host})


@pytest.mark.parametrize(
    "host",
    ["evil.example.com", "localhost.evil.com", "127.0.0.1.nip.io", "a b", "", "a, b", "[::1", "audit.example.com"],
)
def test_a_name_that_anybody_may_own_is_not(host: str) -> None:
    with pytest.raises(Problem) as refused:
        LOCAL.check("GET", {"host": host})
    assert refused.value.kind.status == 421


def test_names_and_domains_are_added_by_the_setting() -> None:
    for host in ("audit.example.com", "AUDIT.example.com:443", "corp.example.org", "a.b.corp.example.org"):
        NAMED.check("GET", {"host": host})
    with pytest.raises(Problem):
        NAMED.check("GET", {"host": "notcorp.example.org"})
    Origins(("*",)).check("GET", {"host": "any.thing"})


def test_a_request_without_a_host_is_taken() -> None:
    LOCAL.check("GET", {})  # HTTP/1.0, as some health checks speak it


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://localhost:3000"},
        {"origin": "localhost:8080"},
    ],
)
def test_a_page_of_another_site_may_not_write(headers: dict[str, str]) -> None:
    sent = {"host": "localhost:8080", **headers}
    LOCAL.check("GET", sent)
    for method in ("POST", "PATCH", "DELETE"):
        with pytest.raises(Problem) as refused:
            LOCAL.check(method, sent)
        assert refused.value.kind.status == 403


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("localhost:8080", "http://localhost:8080"),
        ("audit.example.com", "https://audit.example.com"),
        ("audit.example.com:443", "https://audit.example.com"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_its_own_pages_may_write(host: str, origin: str) -> None:
    NAMED.check("POST", {"host": host, "origin": origin, "sec-fetch-site": "same-origin"})


def test_bytes_in_hand_are_bounded_and_given_back() -> None:
    admission = Admission(100)
    with admission.admitted() as one, admission.admitted() as other:
        one.take(60)
        other.take(40)
        with pytest.raises(Problem, match="bytes of request bodies") as refused:
            other.take(1)
        assert (refused.value.kind.status, refused.value.headers["Retry-After"]) == (503, "1")
    with admission.admitted() as again:
        again.take(100)


def test_gzip_is_bounded_by_members_and_by_ratio() -> None:
    empty = gzip.compress(b"")
    with pytest.raises(Problem, match="more than 1000 gzip members"):
        _decompressed(empty * 150_000, "gzip", 5 << 20)
    assert _decompressed(empty * 999 + gzip.compress(b"{}"), "gzip", 5 << 20) == b"{}"
    repeated = b'{"k": "v"}' * 500_000
    with pytest.raises(Problem, match="larger than"):
        _decompressed(gzip.compress(repeated), "gzip", 5 << 20)  # 500 to 1
    assert _decompressed(gzip.compress(repeated[:200_000]), "gzip", 5 << 20) == repeated[:200_000]


def test_repeated_headers_are_joined_in_their_order() -> None:
    sent = [(b"x-a", b"1"), (b"x-b", b"3"), (b"x-a", b"2"), (b"x-a", b"1")]
    assert _opened({"method": "GET", "path": "/", "headers": sent}).headers == {"x-a": "1, 2, 1", "x-b": "3"}


def test_an_array_with_too_many_items_is_told_nothing_else() -> None:
    item = {"type": "object", "required": ["a", "b"]}
    validator = SchemaValidator({"type": "array", "maxItems": 10, "items": item})
    assert [one.reason for one in validator.violations([{}] * 11, "body")] == ["exceeds_max_items"]
    assert len(validator.violations([{}] * 10, "body")) == 20


def test_items_have_a_violation_each_however_many_others_have() -> None:
    validator = SchemaValidator({"type": "array", "maxItems": 500, "items": {"type": "object", "required": ["a", "b"]}})
    found = validator.violations([{}] * 500, "body")
    assert {one.pointer.split("/")[1] for one in found} == {str(index) for index in range(500)}
    assert len(found) < 600


def test_a_large_document_is_told_its_first_violation_and_that_there_may_be_more() -> None:
    validator = SchemaValidator({"type": "object", "properties": {"a": {"type": "array", "items": {"type": "string"}}}})
    (only,) = validator.violations({"a": [1] * 10_000}, "body")
    assert only.alone


def test_the_link_to_the_next_page_is_ascii_whatever_the_path() -> None:
    request = Request(
        operation_id="o",
        method="GET",
        path='/api/v1/audit/correlations/\N{GRINNING FACE} >"\u0141/timeline',
        request_id="r",
        path_params={},
        query={},
        headers={},
        document=None,
    )
    link = link_to_next(request, "abc")["Link"]
    assert link == '</api/v1/audit/correlations/%F0%9F%98%80%20%3E%22%C5%81/timeline?cursor=abc>; rel="next"'


def test_control_characters_do_not_reach_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level, configured = root.handlers[:], root.level, structlog.get_config()
    try:
        configure_logging("info", "console")
        get_logger("t").info("request", path="/\x1b[2J\nforged\u202e")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
        structlog.configure(**configured)
    written = stream.getvalue()
    assert written.count("\n") == 1
    assert "\x1b[2J" not in written
    assert "\u202e" not in written
    assert "forged" in written
