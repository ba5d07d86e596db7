"""The buffered store where processes fork and end, each case in a process of its own."""

from collections import Counter
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from tests.fixtures.awaiting import eventually_sync

#: Many processes that each deliver before they end.
pytestmark = pytest.mark.timeout(300)

FORKING = Path(__file__).with_name("forking.py")
CHILDREN, EACH = 8, 20
#: Ends without `close`, with a batch that is far from due.
ENDING = """
import sys
from datetime import datetime, timezone
from datastorage_client import BufferedAuditStore

store = BufferedAuditStore(sys.argv[1], flush_interval=3600)
for number in range(3):
    print(store.store({
        "version": "1.0", "event_type": "chaos.process.ended", "event_category": "gateway", "event_action": "ended",
        "event_outcome": "success", "event_timestamp": datetime.now(timezone.utc), "correlation_id": sys.argv[2],
        "event_data": {},
    }))
"""
#: Prints the modules that the background thread imports while it delivers, is refused, and finds nobody.
DELIVERING = """
import sys, threading
from datetime import datetime, timezone
from datastorage_client import BufferedAuditStore

def event(**more):
    return {
        "version": "1.0", "event_type": "gateway.signal.received", "event_category": "gateway", "event_action": "sent",
        "event_outcome": "success", "event_timestamp": datetime.now(timezone.utc), "correlation_id": "imports",
        "event_data": more,
    }

said = []
for url in (sys.argv[1], "http://localhost:9"):
    reports = {"on_rejected": lambda *why: said.append(why), "on_dropped": lambda *why: said.append(why)}
    store = BufferedAuditStore(url, token=lambda: "t", flush_interval=3600, close_timeout=1, **reports)
    before = set(sys.modules)
    store.store(event(is_duplicate="not a boolean"))
    store.store(event(text="x" * 2000))
    store.flush(5)
    store.close(1)
    print(*sorted(set(sys.modules) - before))
assert len(said) == 3, said
"""
#: The parent's token never comes; the child's does.
ASKING = """
import os, sys, threading
from datetime import datetime, timezone
from datastorage_client import BufferedAuditStore

parent, asked = os.getpid(), threading.Event()

def token():
    asked.set()
    if os.getpid() == parent:
        threading.Event().wait()
    return "t"

def event():
    return {
        "version": "1.0", "event_type": "gateway.signal.received", "event_category": "gateway", "event_action": "sent",
        "event_outcome": "success", "event_timestamp": datetime.now(timezone.utc), "correlation_id": "asking",
        "event_data": {},
    }

store = BufferedAuditStore(sys.argv[1], token=token, flush_interval=0.01)
store.store(event())
asked.wait()
child = os.fork()
if not child:
    store.store(event())
    print("delivered" if store.close(20) else "hangs", flush=True)
    os._exit(0)
os.waitpid(child, 0)
os._exit(0)
"""


def stored(database_url, correlation_id):
    statement = "SELECT event_id::text FROM audit_events WHERE correlation_id = %s"
    with psycopg.connect(database_url) as connection:
        return Counter(row[0] for row in connection.execute(statement, [correlation_id]))


@pytest.mark.parametrize("how", ["fork", "multiprocessing"])
@pytest.mark.parametrize("buffer", ["memory", "spill"])
def test_forks_under_load_lose_nothing_and_give_children_nothing_of_their_parent(
    with_extras, running, module_database_url, tmp_path, how, buffer
):
    correlation_id, ledger = f"fork-{uuid4()}", tmp_path / "ledger"
    spill = tmp_path / "spill" if buffer == "spill" else "-"
    with_extras(str(FORKING), running.url, str(spill), how, correlation_id, str(ledger))

    lines = [line.split() for line in ledger.read_text().splitlines()]
    took = Counter(who for who, _, _ in lines)
    assert took.pop("parent") > 0
    assert took == {f"child-{number}": EACH for number in range(CHILDREN)}
    ids = {event_id for _, event_id, _ in lines}
    eventually_sync(lambda: len(stored(module_database_url, correlation_id)) >= len(ids), timeout=30)
    assert stored(module_database_url, correlation_id) == dict.fromkeys(ids, 1)
    first = {who: int(count) for who, _, count in reversed(lines) if who != "parent"}
    assert set(first.values()) == {1}, "a child began with events of its parent"
    assert buffer == "memory" or list(spill.iterdir()) == []


def test_a_process_that_ends_without_close_delivers_first(with_extras, running, module_database_url):
    correlation_id = f"end-{uuid4()}"
    ids = with_extras("-c", ENDING, running.url, correlation_id).split()
    assert len(ids) == 3
    eventually_sync(lambda: stored(module_database_url, correlation_id) == dict.fromkeys(ids, 1), timeout=30)


def test_delivering_imports_nothing(with_extras, running):
    """A fork during an import of the background thread would leave its lock held in the child for ever."""
    assert with_extras("-c", DELIVERING, running.url).split() == []


def test_a_fork_while_a_token_is_asked_for_does_not_hang_the_child(with_extras, running):
    assert with_extras("-c", ASKING, running.url) == "delivered\n"
