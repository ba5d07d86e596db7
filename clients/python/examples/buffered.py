"""Audit without waiting: events go into a buffer, one thread delivers them.

python examples/buffered.py http://localhost:8080
"""

import sys
from datetime import datetime, timezone

from datastorage_client import BufferedAuditStore


def on_rejected(event, error):
    print(f"refused: {event['event_id']}: {error}", file=sys.stderr)


with BufferedAuditStore(sys.argv[1], on_rejected=on_rejected) as store:
    for number in range(10):
        store.store({
            "version": "1.0",
            "event_type": "gateway.signal.received",
            "event_category": "gateway",
            "event_action": "received",
            "event_outcome": "success",
            "event_timestamp": datetime.now(timezone.utc),
            "correlation_id": "example-buffered",
            "event_data": {"alert_name": "HighCPU", "is_duplicate": number > 0},
        })  # fmt: skip
# Leaving the block has delivered them.
