"""What is traced, what belongs to what, and that nothing is done where nothing is traced."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from datastorage.traces import Traces
from telemetry import spans
from telemetry.logs import _add_context
from telemetry.tracing import parse_traceparent

CALLER = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0{}"


class Collected:
    """The spans that were made, by name."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()
        self.traces = Traces(self.exporter)

    def __getitem__(self, name: str) -> ReadableSpan:
        self.traces._provider.force_flush()
        (found,) = [span for span in self.exporter.get_finished_spans() if span.name == name]
        return found

    def names(self) -> list[str]:
        self.traces._provider.force_flush()
        return [span.name for span in self.exporter.get_finished_spans()]


@pytest.fixture
def collected() -> Iterator[Collected]:
    made = Collected()
    spans.set_tracer(made.traces, sample=1)
    yield made
    spans.set_tracer(None)
    made.traces.flush(1)


def test_without_a_tracer_nothing_is_made_and_nothing_is_current() -> None:
    off = [spans.begin("a", None), spans.span("b"), spans.group("c", [None]), spans.replay("d", [CALLER.format(1)])]
    assert len({id(one) for one in off}) == 1, "one object for all: nothing is allocated"
    with off[0] as found:
        assert found is None
        assert spans.current() is None
        assert spans.current_traceparent() == ""


def test_the_caller_decides_and_without_a_caller_the_share_does(collected: Collected) -> None:
    for sample, caller, wanted in (
        (0.0, None, False),
        (1.0, None, True),
        (0.0, CALLER.format(1), True),
        (1.0, CALLER.format(0), False),
    ):
        spans.set_tracer(collected.traces, sample=sample)
        with spans.begin("request", parse_traceparent(caller or "")) as made:
            assert (made is not None) is wanted
            assert spans.current() is made


def test_a_part_is_a_child_of_what_is_current_and_a_failure_is_told_by_its_class(collected: Collected) -> None:
    with (
        spans.begin("request", parse_traceparent(CALLER.format(1))) as request,
        pytest.raises(ValueError, match="secret"),
        spans.span("part", "client", rows=3),
    ):
        raise ValueError("secret")
    assert request is not None
    assert request.context.trace_id == "4bf92f3577b34da6a3ce929d0e0e4736"
    part, whole = collected["part"], collected["request"]
    assert part.parent is not None
    assert part.parent.span_id == whole.context.span_id
    assert whole.parent is not None
    assert f"{whole.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert dict(part.attributes or {}) == {"rows": 3}
    assert part.status.description == "ValueError"
    assert "secret" not in part.to_json()
    assert whole.status.is_unset


async def test_a_group_is_linked_to_all_that_are_traced_whoever_began_its_task(collected: Collected) -> None:
    made = []
    for _ in range(2):
        with spans.begin("request", None) as one:
            assert one is not None
            made.append(one)

    async def lane() -> None:
        with spans.group("untraced", [None, None]) as nothing:
            assert nothing is None
            assert spans.current() is None
        with spans.group("commit", [made[0], None, made[1], made[0]], rows=4), spans.span("COPY"):
            pass

    with spans.begin("another", None):
        task = asyncio.create_task(lane())
    await task
    commit, copy = collected["commit"], collected["COPY"]
    assert [f"{link.context.span_id:016x}" for link in commit.links] == [one.context.span_id for one in made]
    assert commit.parent is not None
    assert f"{commit.parent.span_id:016x}" == made[0].context.span_id
    assert copy.parent is not None
    assert copy.parent.span_id == commit.context.span_id


def test_a_replay_is_a_trace_of_its_own_linked_to_the_requests(collected: Collected) -> None:
    with spans.begin("request", None):
        left = spans.current_traceparent()
    with spans.replay("nothing", ["", "nonsense"]) as nothing:
        assert nothing is None
    with spans.replay("replay", [left, "", left], entries=3):
        pass
    request, replay = collected["request"], collected["replay"]
    assert replay.parent is None
    assert replay.context.trace_id != request.context.trace_id
    assert [link.context.span_id for link in replay.links] == [request.context.span_id]
    assert "nothing" not in collected.names()


def test_lines_of_the_log_bear_the_trace_of_the_span(collected: Collected) -> None:
    with spans.begin("request", None) as made:
        assert made is not None
        assert _add_context(None, "info", {})["trace_id"] == made.context.trace_id
    assert "trace_id" not in _add_context(None, "info", {})
