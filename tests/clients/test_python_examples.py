"""The README of clients/python and its examples do what they say, against a real service."""

import re
from pathlib import Path

import pytest

from tests.fixtures.awaiting import eventually_sync

#: A virtual environment is made and packages are fetched: seconds that are not ours to bound tightly.
pytestmark = pytest.mark.timeout(600)

CLIENT = Path(__file__).parents[2] / "clients" / "python"
README = (CLIENT / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)
EXAMPLES = sorted(path.stem for path in (CLIENT / "examples").glob("*.py"))
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


def events_of(service, correlation_id, count):
    def found():
        parameters = {"correlation_id": correlation_id, "order": "asc", "limit": 100}
        return service.client.get("/api/v1/audit/events", params=parameters).json()["data"]

    eventually_sync(lambda: len(found()) >= count, timeout=30)
    return found()


@pytest.fixture
def example(with_extras, running):
    """Runs an example; the events that it recorded, oldest first, and what it printed."""

    def run(name, count):
        printed = with_extras(str(CLIENT / "examples" / f"{name}.py"), running.url)
        events = events_of(running, f"example-{name.replace('_', '-')}", count)
        assert len(events) == count
        return events, printed

    return run


def test_every_example_is_named_in_the_readme_and_tested():
    tested = Path(__file__).read_text()
    for name in EXAMPLES:
        assert f'"{name}"' in tested, name
        assert f"examples/{name}.py" in README


def test_the_blocks_of_the_readme_run_one_after_the_other(installed, running, tmp_path):
    program = tmp_path / "readme.py"
    program.write_text("\n".join(BLOCKS).replace("http://localhost:8080", running.url))
    printed = installed(str(program)).splitlines()
    assert len(BLOCKS) == 2
    assert printed[0] == "gateway.signal.received HighCPU"
    assert printed[-1].startswith("404 not-found")


def test_buffered(example):
    events, _ = example("buffered", 10)
    assert sum(event["event_data"]["is_duplicate"] for event in events) == 9


def test_asyncio_store(example):
    events, _ = example("asyncio_store", 1)
    assert events[0]["event_outcome"] == "pending"


def test_calls(example):
    events, _ = example("calls", 4)
    started, good, bad, ended = events
    assert (started["event_outcome"], started["parent_event_id"]) == ("pending", None)
    assert [event["parent_event_id"] for event in (good, bad, ended)] == [started["event_id"]] * 3
    assert [event["event_outcome"] for event in (good, bad, ended)] == ["success", "failure", "success"]
    assert (bad["error_code"], bad["error_message"]) == ("LookupError", "there is no pod gone")
    assert (good["event_data"], ended["event_data"]) == ({"pod": "api-7f9"}, {"restarted": 1})
    assert {event["trace_id"] for event in events} == {TRACE}
    assert all(event["duration_ms"] is not None for event in (good, bad, ended))


def test_logs(example):
    placed, failed = example("logs", 2)[0]
    assert (
        placed["event_data"] | {"message": "order placed", "logger": "shop.orders", "order": 4711}
        == placed["event_data"]
    )
    assert (placed["severity"], placed["event_outcome"], placed["actor_id"]) == ("info", "success", "ann")
    assert (failed["severity"], failed["event_outcome"], failed["error_code"]) == (
        "error",
        "failure",
        "ZeroDivisionError",
    )


def test_structlog_events(example):
    events, printed = example("structlog_events", 2)
    assert [event["event_outcome"] for event in events] == ["success", "failure"]
    assert [event["event_data"]["order"] for event in events] == [4711, 4712]
    assert len(printed.splitlines()) == 3


def test_asgi_app(example):
    (event,) = example("asgi_app", 1)[0]
    assert (event["resource_type"], event["resource_id"], event["actor_id"]) == ("order", "/orders/4711", "ann")
    assert event["event_data"] == {"method": "POST", "path": "/orders/4711", "status": 201}
    assert event["trace_id"] == TRACE


def test_wsgi_app(example):
    placed, missing = example("wsgi_app", 2)[0]
    assert (placed["event_outcome"], placed["event_action"]) == ("success", "post")
    assert (missing["event_outcome"], missing["error_code"], missing["event_action"]) == ("failure", "404", "put")


def test_queries(example):
    _, printed = example("queries", 1)
    assert printed.splitlines() == ["True 0.97", "stored", "1", "#/1/event_timestamp validation-error"]
