"""The floor of single writes: pgbench, one INSERT a transaction into the same table."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.events import COPIED, PLAIN, make_event
from datastorage.embedded.binaries import find_postgres

__all__ = ["PgBench", "pgbench_inserts"]

_INSERT = f"""\\set n random(1, 1000000000)
INSERT INTO audit_events ({", ".join(COPIED)})
VALUES (gen_random_uuid(), '1.0', now(), (now() AT TIME ZONE 'UTC')::date, 'gateway.signal.received', 'gateway',
    'received', 'success', 'service', 'gateway-service', 'gateway', 'bench-' || :n, 'bench-' || :n, '{{data}}', 'info');
"""
#: A line of pgbench's log: client, transaction, microseconds, script, and when it ended.
_ELAPSED = 2


@dataclass(frozen=True, kw_only=True)
class PgBench:
    """rate: transactions a second; latencies: of each, in seconds, counted from when it was due."""

    rate: float
    latencies: list[float]


def pgbench_inserts(
    address: str, *, clients: int, seconds: float = 0, transactions: int = 0, rate: float = 0, size: int = 512
) -> PgBench:
    """For so many seconds, or so many transactions a client; at a `rate` they are due at random moments (Poisson)."""
    data = json.dumps(make_event(0, size)["event_data"]).replace("'", "''")
    length = ["-T", str(max(1, round(seconds)))] if seconds else ["-t", str(transactions)]
    steady = ["-R", str(rate)] if rate else []
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "insert.sql")
        script.write_text(_INSERT.replace("{data}", data))
        command = [find_postgres().path.with_name("pgbench"), "-n", "-M", "prepared", "-f", script, "-l"]
        load = ["-c", str(clients), "-j", str(min(2, clients)), *length, *steady, f"--log-prefix={folder}/log"]
        plain = os.environ | {"PGOPTIONS": PLAIN}
        done = subprocess.run([*command, *load, address], check=True, capture_output=True, text=True, env=plain)
        lines = [line for log in Path(folder).glob("log*") for line in log.read_text().splitlines()]
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    if found is None:
        raise ValueError(f"pgbench said nothing of tps: {done.stdout}")
    return PgBench(rate=float(found[1]), latencies=[int(line.split()[_ELAPSED]) / 1e6 for line in lines])
