"""The same in a program that runs on asyncio.

python examples/asyncio_store.py http://localhost:8080
"""

import asyncio
import sys
from datetime import datetime, timezone

from datastorage_client import AsyncBufferedAuditStore


async def main(url):
    async with AsyncBufferedAuditStore(url) as store:
        store.store({
            "version": "1.0",
            "event_type": "analysis.investigation.started",
            "event_category": "analysis",
            "event_action": "started",
            "event_outcome": "pending",
            "event_timestamp": datetime.now(timezone.utc),
            "correlation_id": "example-asyncio-store",
            "event_data": {"analysis_id": "aa-001"},
        })  # fmt: skip


asyncio.run(main(sys.argv[1]))
