"""`datastorage import` against a service in memory: every line once, whole, or refused by name."""

import json
from uuid import uuid4

import httpx
import pytest
from click.testing import CliRunner

from datastorage.cli import import_ as command
from datastorage.cli.import_events import Importer
from datastorage.cli.import_lines import lines_of
from datastorage.cli.shared import CommandError
from tests.unit.client.doubles import FakeService, event, problem


class Batches(FakeService):
    """A service that also knows parents."""

    def _record(self, events):
        known = set(self.stored)
        for index, one in enumerate(events):
            parent = one.get("parent_event_id")
            if parent and parent not in known:
                errors = [
                    {"pointer": f"#/{index}/parent_event_id", "detail": f"parent_event_id {parent} names no event"}
                ]
                if self.requests[-1].headers.get("prefer") is None:
                    return httpx.Response(400, json=problem(400, "validation-error", errors=errors))
                rest = [other for place, other in enumerate(events) if place != index]
                results = self._record(rest).json()["results"]
                late = {"status": "rejected", "problem": problem(400, "validation-error", errors=errors)}
                return httpx.Response(201, json={"results": [*results[:index], late, *results[index:]]})
            known.add(one["event_id"])
        return super()._record(events)


@pytest.fixture
def file(tmp_path):
    return tmp_path / "f.ndjson"


def write(file, *bodies):
    file.write_text("".join((body if isinstance(body, str) else json.dumps(body)) + "\n" for body in bodies))


def imported(service, file, **options):
    refused = []
    with httpx.Client(base_url="http://service", transport=service.transport) as client:
        importer = Importer(
            client, file, lambda line, why: refused.append((line.number, why)), options.get("patience", 5)
        )
        importer.run(lambda _: None)
    return importer.progress, refused


def test_an_exported_line_is_sent_with_the_members_of_a_request_as_they_stand(file):
    number = "0.1000000000000000055511151231257827"
    stored = {
        **event(event_id=str(uuid4())),
        "recorded_at": "x",
        "event_date": "y",
        "retention_days": 1,
        "actor_ip": None,
    }
    write(file, json.dumps(stored).replace('{"k": "v"}', f'{{"k": {number}}}'))
    service = Batches()
    progress, refused = imported(service, file)
    assert (progress.stored, refused) == (1, [])
    assert number.encode() in service.requests[0].content
    (sent,) = service.batches[0]
    assert set(sent) == set(event()) | {"event_id"}


def test_a_repeated_import_stores_nothing_twice_also_without_ids(file):
    write(file, event(), event(), "")
    service = Batches()
    assert imported(service, file)[0].stored == 2
    progress, _ = imported(service, file)
    assert (progress.stored, progress.known) == (0, 2)
    assert len(service.stored) == 2


def test_a_child_that_stands_before_its_parent_is_stored_after_it(file):
    parent, orphan = str(uuid4()), str(uuid4())
    write(file, event(parent_event_id=parent), event(event_id=parent), event(parent_event_id=orphan))
    service = Batches()
    progress, refused = imported(service, file)
    assert progress.stored == 2
    assert refused == [(3, "parent_event_id names no event, neither stored nor in the file")]


def test_what_is_refused_is_named_and_the_rest_stored(file):
    write(file, event(), event(correlation_id="bad"), "not json", "[]", event())
    progress, refused = imported(Batches(bad=["bad"]), file)
    assert (progress.stored, progress.rejected) == (2, 3)
    assert sorted(number for number, _ in refused) == [2, 3, 4]
    assert all("not a JSON object" in why for number, why in refused if number > 2)


@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.ConnectError("no"), httpx.Response(429)], ids=repr)
def test_an_outage_is_waited_for(file, failure):
    write(file, event())
    assert imported(Batches(failure, failure), file)[0].stored == 1


def test_an_event_that_cannot_be_taken_now_is_sent_again(file):
    write(file, event())
    late = {"status": "rejected", "problem": problem(503, "service-unavailable")}
    assert imported(Batches(httpx.Response(201, json={"results": [late]})), file)[0].stored == 1


def test_an_interrupted_import_goes_on_where_it_stopped(file):
    write(file, *(event(correlation_id=str(n)) for n in range(1200)))
    service = Batches()
    service.answers = [service._record, httpx.Response(500, json=problem(500, "internal-error"))]
    with pytest.raises(CommandError, match="500"):
        imported(service, file)
    assert json.loads(file.with_name("f.ndjson.import").read_text())["lines"] == 500
    service.batches.clear()
    progress, _ = imported(service, file)
    assert progress.stored == 1200
    assert [len(batch) for batch in service.batches] == [500, 200]
    assert len(service.stored) == 1200
    assert not file.with_name("f.ndjson.import").exists()


def test_a_changed_file_starts_anew(file):
    write(file, *(event() for _ in range(600)))
    service = Batches()
    service.answers = [service._record, httpx.Response(500, json=problem(500, "internal-error"))]
    with pytest.raises(CommandError):
        imported(service, file)
    write(file, event(correlation_id="other"))
    assert imported(service, file)[0].lines == 1


def test_lines_know_their_places(file):
    write(file, "a", "", " b ", "c")
    lines = list(lines_of(file))
    assert [(line.number, line.text) for line in lines] == [(1, b"a"), (3, b"b"), (4, b"c")]
    assert next(lines_of(file, lines[1].offset, 2)) == lines[1]


def test_the_command_says_what_it_did_and_what_to_do(file, monkeypatch):
    write(file, event(), event(correlation_id="bad"), {**event(), "actor_ip": "10.0.0.1"})
    service = Batches(bad=["bad"])
    real = service._record

    def too_old(events):
        answer = real(events)
        return httpx.Response(answer.status_code, text=answer.text.replace("because", "timestamp is too old"))

    service.answers = [too_old, too_old]
    client = httpx.Client(base_url="http://service", transport=service.transport)
    monkeypatch.setattr(command, "api_client", lambda _: client)
    ended = CliRunner().invoke(command.import_, [str(file)])
    assert ended.exit_code == 1
    assert "2 stored, 0 known before, 1 refused" in ended.output
    assert "DATASTORAGE_EVENT_MAX_AGE" in ended.output
    assert "1 lines have a actor_ip" in ended.output
    refused = json.loads(file.with_name("f.ndjson.rejected").read_text())
    assert (refused["line"], refused["reason"]) == (2, "timestamp is too old")
    assert json.loads(refused["text"])["correlation_id"] == "bad"
