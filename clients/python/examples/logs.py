"""Records of `logging` as audit events.

python examples/logs.py http://localhost:8080
"""

import logging
import sys

from datastorage_client import BufferedAuditStore
from datastorage_client.integrations import AuditHandler

with BufferedAuditStore(sys.argv[1]) as store:
    log = logging.getLogger("shop.orders")
    log.setLevel(logging.INFO)
    log.addHandler(AuditHandler(store, category="workflow", event_type="shop.order.logged"))
    log.info("order placed", extra={"correlation_id": "example-logs", "actor_id": "ann", "order": 4711})
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("order failed", extra={"correlation_id": "example-logs", "order": 4712})
