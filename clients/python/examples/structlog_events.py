"""Events of structlog as audit events.

python examples/structlog_events.py http://localhost:8080
"""

import sys

import structlog

from datastorage_client import BufferedAuditStore
from datastorage_client.integrations import AuditProcessor

with BufferedAuditStore(sys.argv[1]) as store:
    structlog.configure(
        processors=[AuditProcessor(store, category="workflow"), structlog.processors.JSONRenderer()],
    )
    log = structlog.get_logger()
    log.info("order placed", correlation_id="example-structlog-events", order=4711)
    log.error("order failed", correlation_id="example-structlog-events", order=4712)
    log.debug("not worth an audit event", correlation_id="example-structlog-events")
