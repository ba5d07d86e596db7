"""Typed calls: write, read page by page, follow, and see errors as exceptions.

python examples/queries.py http://localhost:8080
"""

import sys
from datetime import datetime, timezone

from datastorage_client import Client, ValidationError

event = {
    "version": "1.0",
    "event_type": "gateway.signal.received",
    "event_category": "gateway",
    "event_action": "received",
    "event_outcome": "success",
    "event_timestamp": datetime.now(timezone.utc),
    "correlation_id": "example-queries",
    "event_data": {"alert_name": "HighCPU", "load": 0.97},
}

with Client(sys.argv[1]) as client:
    made = client.create_event(event)
    for found in client.events(correlation_id="example-queries", since="1h", data={"alert_name": "HighCPU"}):
        print(found.event_id == made.event_id, found.event_data["load"])
    print(client.get_receipt(made.event_id).state)
    print(client.timeline("example-queries").summary.events)
    try:
        client.create_events([event, {**event, "event_timestamp": "2020-01-01T00:00:00Z"}])
    except ValidationError as error:
        print(error.errors[0].pointer, error.slug)
