"""Who may make cursors: the service with a key that nobody else has, and every instance of it with the same."""

from __future__ import annotations

import base64
import struct
from datetime import UTC, datetime
from hashlib import blake2b
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import msgspec
import pytest

from audit.cursors import Bookmark, Cursors, InvalidCursorError
from repository.keyset import Position
from tests.fixtures.events import event_body
from tests.fixtures.service import Service, StartService

EVENTS = "/api/v1/audit/events"
QUESTION = msgspec.json.encode({"order": "desc"}, order="sorted").decode()
POSITION = Position(datetime(2026, 11, 21, tzinfo=UTC), UUID(int=1))


def first_cursor(service: Service) -> str:
    correlation = {"correlation_id": f"c-{uuid4()}"}
    assert service.client.post(f"{EVENTS}/batch", json=[event_body(correlation)] * 3).status_code == 201
    cursor: str = service.client.get(EVENTS, params={"limit": 1}).json()["pagination"]["next_cursor"]
    return cursor


def test_a_cursor_forged_with_the_name_of_the_database_is_refused(
    start_service: StartService, database_url: str
) -> None:
    service = start_service()
    path = urlsplit(database_url).path
    for key in (path, path[1:], database_url, ""):
        forged = Cursors(key.encode()).seal(Bookmark(position=POSITION), QUESTION)
        answer = service.client.get(EVENTS, params={"cursor": forged})
        assert answer.status_code == 400, key
        assert "cursor" in answer.json()["field_errors"]


def test_all_instances_of_a_database_share_the_key(start_service: StartService) -> None:
    one, other = start_service(), start_service()
    answer = other.client.get(EVENTS, params={"cursor": first_cursor(one)})
    assert answer.status_code == 200, answer.text
    one.stop()
    one.start()
    assert one.client.get(EVENTS, params={"cursor": first_cursor(other)}).status_code == 200


@pytest.mark.parametrize("cursor", ["", "0", "x" * 300, "%00", "ÿ", "AAAA" * 30, "../..", "\N{GRINNING FACE}"])
@pytest.mark.parametrize(
    "path", [EVENTS, "/api/v1/audit/correlations/c/timeline", "/api/v1/workflows", "/api/v1/audit/notifications"]
)
def test_a_cursor_that_is_not_ours_is_400(service: Service, path: str, cursor: str) -> None:
    answer = service.client.get(path, params={"cursor": cursor})
    assert answer.status_code == 400 or (cursor == "" and answer.status_code in {200, 404}), answer.text


def test_an_instant_that_no_year_holds_is_refused_even_under_a_good_seal() -> None:
    cursors = Cursors(b"known")
    sealed = base64.urlsafe_b64decode(cursors.seal(Bookmark(position=POSITION), "q") + "==")
    layout = struct.Struct(">BB8sq16sqq")
    fields = list(layout.unpack(sealed[: layout.size]))
    fields[3] = 2**63 - 1
    body = layout.pack(*fields)
    key = blake2b(b"known", digest_size=32, person=b"ds-cursor").digest()
    forged = base64.urlsafe_b64encode(body + blake2b(body, key=key, digest_size=16).digest()).rstrip(b"=").decode()
    with pytest.raises(InvalidCursorError):
        cursors.open(forged, "q")
