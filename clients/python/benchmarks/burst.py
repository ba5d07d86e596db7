"""25,000 events from 50 threads of one process, until the service has acknowledged the last.

python benchmarks/burst.py http://localhost:8080 [--spill DIR] [--rounds 5]

Prints the seconds of each round, and the CPU time that a call of `store` took in its thread (median of the threads).
Exit code 1 where an event was reported as not delivered, or a round was not complete after five minutes.
"""

import argparse
import sys
import threading
import time
from datetime import datetime, timezone
from uuid import uuid4

from datastorage_client import BufferedAuditStore

THREADS, EACH = 50, 500


def event(correlation_id, number):
    return {
        "version": "1.0",
        "event_type": "gateway.signal.received",
        "event_category": "gateway",
        "event_action": "received",
        "event_outcome": "success",
        "event_timestamp": datetime.now(timezone.utc),
        "correlation_id": correlation_id,
        "event_data": {"alert_name": "HighCPU", "signal_count": number, "is_duplicate": False},
    }


def burst(store, correlation_id):
    """Store them all at once; their ids, and the CPU seconds of one `store` in each thread."""
    ids, costs = [], []

    def run():
        bodies = [event(correlation_id, number) for number in range(EACH)]
        began = time.thread_time()
        taken = [store.store(body) for body in bodies]
        costs.append((time.thread_time() - began) / EACH)
        ids.extend(taken)

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ids, sorted(costs)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--spill", help="directory of spill files; without it the buffer is in memory")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    kind = {"spill_dir": options.spill} if options.spill else {"buffer_size": THREADS * EACH}
    reported, seconds, incomplete = [], [], 0

    def report(*why):
        reported.append(why)

    for number in range(1, options.rounds + 1):
        with BufferedAuditStore(options.url, timeout=60, on_rejected=report, on_dropped=report, **kind) as store:
            began = time.perf_counter()
            ids, costs = burst(store, f"burst-{uuid4()}")
            done = store.flush(300)
            seconds.append(time.perf_counter() - began)
        complete = done and len(set(ids)) == THREADS * EACH
        incomplete += not complete
        state, cost = "complete" if complete else "INCOMPLETE", costs[len(costs) // 2] * 1e6
        print(f"round {number}: {len(ids):,} events {state} in {seconds[-1]:.2f} s, store {cost:.1f} us", flush=True)
    print(f"median {sorted(seconds)[len(seconds) // 2]:.2f} s; reported as not delivered: {len(reported)}")
    return 1 if reported or incomplete else 0


if __name__ == "__main__":
    sys.exit(main())
