"""The exporter: a Flask application that serves the metrics of all worker processes at /metrics."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask
from prometheus_client import CollectorRegistry, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from prometheus_flask_exporter import PrometheusMetrics

from console.process_metrics import BuildInfo, ProcessGroup
from telemetry.exemplars import with_exemplars

__all__ = ["create_metrics_app", "metrics_asgi_app"]


class _AllProcesses(Collector):
    """The metrics of all processes of this instance, with their exemplars."""

    def collect(self) -> Iterator[Metric]:
        """What they wrote, added up."""
        files = MultiProcessCollector(None)  # type: ignore[no-untyped-call]  # no stubs
        return with_exemplars(files.collect(), Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))  # type: ignore[no-untyped-call]  # as above


class _Exporter(PrometheusMetrics):  # type: ignore[misc]  # it ships no types
    """The exporter, which in its multiprocess mode leaves out what describes processes: that is added here."""

    def generate_metrics(self, accept_header: str | None = None, names: Sequence[str] | None = None) -> tuple[str, str]:
        """The text of a scrape and its media type; only the metrics `names`, if there are any."""
        if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
            registry = self.registry
        else:
            registry = CollectorRegistry()
            registry.register(_AllProcesses())
            registry.register(ProcessGroup())
            registry.register(BuildInfo())
        encode, media_type = choose_encoder(accept_header or "")
        chosen = registry.restricted_registry(names) if names else registry
        return encode(chosen).decode(), media_type


def create_metrics_app() -> Flask:
    """The application.

    With PROMETHEUS_MULTIPROC_DIR set (before prometheus_client is first imported) it adds up what all workers wrote
    there; without it, it serves this process' own registry.
    """
    app = Flask("datastorage-metrics", static_folder=None)
    # The API's requests are measured by the edge, by operationId; the exporter would see only its own scrapes.
    _Exporter(app, path="/metrics", export_defaults=False)
    return app


def metrics_asgi_app() -> Callable[..., Awaitable[None]]:
    """The exporter for an ASGI server: answers the operation get_metrics in a thread of its own."""
    application: Any = create_metrics_app()  # Flask types its environ as dict, a2wsgi as TypedDict
    return WSGIMiddleware(application, workers=2)
