"""The exporter: a Flask application that serves the metrics of all worker processes at /metrics."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from a2wsgi import WSGIMiddleware
from flask import Flask
from prometheus_flask_exporter import PrometheusMetrics

__all__ = ["create_metrics_app", "metrics_asgi_app"]


def create_metrics_app() -> Flask:
    """The application.

    With PROMETHEUS_MULTIPROC_DIR set (before prometheus_client is first imported) it adds up what all workers wrote
    there; without it, it serves this process' own registry.
    """
    app = Flask("datastorage-metrics", static_folder=None)
    # The API's requests are measured by the edge, by operationId; the exporter would see only its own scrapes.
    PrometheusMetrics(app, path="/metrics", export_defaults=False)
    return app


def metrics_asgi_app() -> Callable[..., Awaitable[None]]:
    """The exporter for an ASGI server: answers the operation get_metrics in a thread of its own."""
    application: Any = create_metrics_app()  # Flask types its environ as dict, a2wsgi as TypedDict
    return WSGIMiddleware(application, workers=2)
