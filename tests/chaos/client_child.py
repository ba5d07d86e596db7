"""A service's process that audits: threads that store events until SIGTERM, and a ledger of what `store` took.

    python client_child.py URL SPILL_DIR LEDGER REPORTS CORRELATION_ID

A line of LEDGER is the id that `store` returned, of REPORTS the id of an event that was reported as not delivered.
What a process has written to a file outlives its kill -9. Exit code 0: everything was delivered before the end.
"""

import os
import signal
import sys
import threading
import time
from datetime import UTC, datetime

from datastorage_client.buffered import BufferedAuditStore
from datastorage_client.errors import BufferFullError


def main(url: str, spill_dir: str, ledger: str, reports: str, correlation_id: str) -> int:
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT
    taken, reported = os.open(ledger, flags), os.open(reports, flags)

    def report(event: dict[str, object], why: object) -> None:
        os.write(reported, f"{event['event_id']} {why}\n".encode())

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = BufferedAuditStore(
        url,
        spill_dir=spill_dir,
        spill_bytes=16 << 20,
        flush_interval=0.1,
        timeout=2,
        retry_max=0.5,
        compress=False,  # the proxy looks for the end of the body
        on_rejected=report,
        on_dropped=report,
    )

    def run() -> None:
        while not stop.is_set():
            event = {
                "version": "1.0",
                "event_type": "chaos.event.sent",
                "event_category": "gateway",
                "event_action": "sent",
                "event_outcome": "success",
                "event_timestamp": datetime.now(UTC),
                "correlation_id": correlation_id,
                "event_data": {"number": time.monotonic_ns(), "text": "é\u2028" * 20},
            }
            try:
                os.write(taken, f"{store.store(event)}\n".encode())
            except BufferFullError:
                time.sleep(0.05)
            time.sleep(0.005)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return 0 if store.close(20) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
