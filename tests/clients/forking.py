"""A program that stores events in threads and forks all the while, as a pre-forking server does.

    python forking.py URL SPILL_DIR|- fork|multiprocessing CORRELATION_ID LEDGER

Each line of LEDGER is a process (parent or child), the id of an event that its store took, and how many events the
store had counted by then. Exit code 0: every process delivered what it took.
"""

import multiprocessing
import os
import sys
import threading
import warnings
from datetime import datetime, timezone

from datastorage_client import BufferedAuditStore

CHILDREN, EACH, THREADS = 8, 20, 4


def main(url, spill_dir, how, correlation_id, ledger):
    warnings.simplefilter("ignore", DeprecationWarning)  # of forks of processes with threads: that is the point
    options = {} if spill_dir == "-" else {"spill_dir": spill_dir}
    written = os.open(ledger, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    store = BufferedAuditStore(url, flush_interval=0.05, timeout=30, buffer_size=100_000, **options)

    def take(who):
        event_id = store.store({
            "version": "1.0",
            "event_type": "chaos.fork.stored",
            "event_category": "gateway",
            "event_action": "stored",
            "event_outcome": "success",
            "event_timestamp": datetime.now(timezone.utc),
            "correlation_id": correlation_id,
            "event_data": {"process": who},
        })  # fmt: skip
        os.write(written, f"{who} {event_id} {store.stats().buffered}\n".encode())

    def child(number):
        for _ in range(EACH):
            take(f"child-{number}")
        return 0 if how == "multiprocessing" or store.close(60) else 1

    stop = threading.Event()

    def work():
        while not stop.is_set():
            take("parent")
            stop.wait(0.001)

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    failed = sum(map(by_multiprocessing if how == "multiprocessing" else by_fork, [child] * CHILDREN, range(CHILDREN)))
    stop.set()
    for thread in threads:
        thread.join()
    return 0 if store.close(60) and not failed else 1


def by_fork(child, number):
    pid = os.fork()
    if not pid:
        code = 2
        try:
            code = child(number)
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) != 0


def by_multiprocessing(child, number):
    """The child ends without `close`: its store delivers all the same."""
    process = multiprocessing.get_context("fork").Process(target=child, args=(number,))
    process.start()
    process.join()
    return process.exitcode != 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
