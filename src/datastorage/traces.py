"""Traces by OpenTelemetry: spans go over OTLP/HTTP to a collector. Needs the extra `traces`."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import uuid4

from opentelemetry.context import Context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, NonRecordingSpan, SpanContext, SpanKind, Status, StatusCode, TraceFlags
from opentelemetry.trace import set_span_in_context as within

from datastorage import __version__
from telemetry.spans import Kind
from telemetry.tracing import TraceContext

__all__ = ["Traces", "otlp_exporter"]

_KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "internal": SpanKind.INTERNAL}
_SAMPLED = TraceFlags(TraceFlags.SAMPLED)


def otlp_exporter(endpoint: str, *, timeout: float) -> SpanExporter:
    """Sends spans to an OTLP/HTTP address. timeout: seconds that a request to it may take, repetitions included."""
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=endpoint, timeout=timeout)


class Traces:
    """Implements telemetry.spans.Tracer over a batching processor: no request ever waits for the collector.

    Spans that it cannot keep up with are dropped by the processor. One a process, made after the fork.
    """

    def __init__(self, exporter: SpanExporter) -> None:
        resource = Resource.create(
            {
                "service.name": "datastorage",
                "service.version": __version__,
                "service.instance.id": f"{socket.gethostname()}-{uuid4().hex[:8]}",
            }
        )
        self._provider = TracerProvider(ALWAYS_ON, resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("datastorage", __version__)

    def start(self, name: str, kind: Kind, parent: TraceContext | None, links: Sequence[TraceContext]) -> _Recorded:
        """A span that has begun; without a parent it begins a trace."""
        context = within(NonRecordingSpan(_ids(parent)), Context()) if parent else Context()
        made = self._tracer.start_span(name, context, _KINDS[kind], links=[Link(_ids(one)) for one in links])
        ids = made.get_span_context()
        return _Recorded(made, TraceContext(f"{ids.trace_id:032x}", f"{ids.span_id:016x}", sampled=True))

    def flush(self, seconds: float) -> None:
        """Send what was collected, and send nothing after that. Waits for at most `seconds`."""
        self._provider.force_flush(round(seconds * 1000))
        self._provider.shutdown()


class _Recorded(NamedTuple):
    """Implements telemetry.spans.Recorded."""

    span: Any
    context: TraceContext

    def rename(self, name: str) -> None:
        self.span.update_name(name)

    def set(self, attributes: dict[str, Any]) -> None:
        self.span.set_attributes(attributes)

    def fail(self, reason: str) -> None:
        self.span.set_status(Status(StatusCode.ERROR, reason))

    def end(self) -> None:
        self.span.end()


def _ids(context: TraceContext) -> SpanContext:
    return SpanContext(int(context.trace_id, 16), int(context.span_id, 16), is_remote=True, trace_flags=_SAMPLED)
