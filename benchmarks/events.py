"""Events and rows that the benchmarks write: all types, padded to a size."""

from __future__ import annotations

import json
import threading
import time
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import psycopg

from benchmarks.traffic import Traffic, post_bytes
from datastorage.demo import event_types
from telemetry.clock import new_event_id

__all__ = ["COPIED", "COPY", "EVENTS", "PLAIN", "batch_request", "copy_rate", "make_event", "only", "post_request"]

EVENTS = "/api/v1/audit/events"
COPIED = (
    "event_id", "event_version", "event_timestamp", "event_date", "event_type", "event_category", "event_action",
    "event_outcome", "actor_type", "actor_id", "resource_type", "resource_id", "correlation_id", "event_data",
    "severity",
)  # fmt: skip
#: The floor is the table alone: without it a trigger would keep the ids, row by row, for writers that do not know them.
PLAIN = "-c datastorage.writes_ids=on"
COPY = f"COPY audit_events ({', '.join(COPIED)}) FROM STDIN"


def make_event(number: int, size: int, *, with_id: bool = False) -> dict[str, Any]:
    """An event of one of the 27 types, padded to `size` bytes of JSON."""
    kinds = event_types()
    kind = kinds[number % len(kinds)]
    event: dict[str, Any] = {
        "version": "1.0",
        "event_type": kind.event_type,
        "event_category": kind.event_category,
        "event_action": kind.event_action,
        "event_outcome": "success",
        "event_timestamp": datetime.now(UTC).isoformat(),
        "correlation_id": f"bench-{uuid4()}",
        "event_data": dict(kind.sample_event_data),
    }
    if with_id:
        event["event_id"] = str(new_event_id())
    missing = size - len(json.dumps(event))
    if missing > 0:
        event["event_data"]["note"] = "x" * missing
    return event


def post_request(number: int, size: int = 512, *headers: str) -> bytes:
    """A POST of one event."""
    return post_bytes(EVENTS, json.dumps(make_event(number, size)).encode(), *headers)


def batch_request(first: int, events: int, size: int = 512, *, with_id: bool = False) -> bytes:
    """A POST of a batch of so many events."""
    batch = [make_event(first + number, size, with_id=with_id) for number in range(events)]
    return post_bytes(f"{EVENTS}/batch", json.dumps(batch).encode())


def only(traffic: Traffic, status: int) -> Traffic:
    """The traffic. Raises AssertionError unless each answer had this status."""
    if set(traffic.statuses) != {status}:
        raise AssertionError(f"expected only {status}: {dict(traffic.statuses)}")
    return traffic


def copy_rate(address: str, *, size: int, batch: int, batches: int, clients: int, table: str = "audit_events") -> float:
    """Events a second of COPY from prebuilt text, one transaction a batch, over so many connections."""
    buffers = [
        "".join(_line(make_event(place * batch + number, size)) for number in range(batch)).encode()
        for place in range(batches)
    ]
    connections = [psycopg.connect(address, autocommit=True, options=PLAIN) for _ in range(clients)]

    def load(place: int) -> None:
        for buffer in buffers[place::clients]:
            with connections[place].cursor().copy(COPY.replace("audit_events", table)) as copy:
                copy.write(buffer)

    threads = [threading.Thread(target=load, args=(place,)) for place in range(clients)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    for connection in connections:
        connection.close()
    return batches * batch / took


def _line(event: dict[str, Any]) -> str:
    """The row of an event as COPY's text format wants it, defaults filled in."""
    at = event["event_timestamp"]
    data = json.dumps(event["event_data"]).replace("\\", "\\\\")
    category = event["event_category"]
    values = (
        str(uuid4()), "1.0", at, at[:10], event["event_type"], category, event["event_action"], "success", "service",
        f"{category}-service", category, event["correlation_id"], event["correlation_id"], data, "info",
    )  # fmt: skip
    return "\t".join(values) + "\n"
