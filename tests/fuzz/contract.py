"""Schemathesis, all phases and checks, against a service of its own: healthy, without PostgreSQL, with a full queue.

    python -m tests.fuzz.contract --minutes 30 --seed 7

The healthy service gets eight tenths of the time, the other two one tenth each. Exit 1 where anything is found.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

from access.keys import mint
from datastorage.embedded import Server, embedded_postgres, embedded_valkey
from tests.fixtures.database import migrate
from tests.fixtures.dead_letters import inject, poison
from tests.fixtures.servers import open_directory
from tests.fixtures.service import Service

__all__ = ["CONTRACT", "HEALTHY", "OUTAGE", "Fuzzed", "fuzz"]

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi" / "data-storage-v1.yaml"
HEALTHY, OUTAGE = ROOT / "schemathesis.toml", ROOT / "tests" / "fuzz" / "schemathesis-outage.toml"
#: Entries that can never be stored, so that there are dead letters to look at, replay and discard.
_DEAD_LETTERS = 200


class Fuzzed:
    """A service with authentication on, so that what the contract says about it is checked too."""

    def __init__(self, **settings: object) -> None:
        self.key = mint().text
        self.settings = {"bootstrap_key": self.key, "auth_failures": 1_000_000, **settings}


def fuzz(
    url: str, key: str, *options: str, config: Path = HEALTHY, timeout: float | None = None
) -> subprocess.CompletedProcess[str]:
    """One run of Schemathesis; it ends with 0 where nothing was found. options: of `st run`."""
    command = [str(Path(sys.executable).with_name("st")), "--config-file", str(config), "run"]
    common = ["--url", url, "--header", f"Authorization: Bearer {key}", "--no-color"]
    return subprocess.run(
        [*command, str(CONTRACT), *common, *options],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=timeout,
    )


def main() -> int:
    """The command line above."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=random.randrange(10**6))
    options = parser.parse_args()
    seconds = max(60, int(options.minutes * 60))
    print(f"seed {options.seed}, {seconds} s", flush=True)
    with ExitStack() as stack:
        home = stack.enter_context(open_directory())
        postgres, valkey = embedded_postgres(home, port=0), embedded_valkey(home, port=0)
        for server in (postgres, valkey):
            server.start_anywhere()
            stack.callback(server.stop)
        postgres.create_database()
        migrate(postgres.url)
        return _three_runs(postgres, valkey, seconds, options.seed)


def _three_runs(postgres: Server, valkey: Server, seconds: int, seed: int) -> int:
    found = 0
    inject(valkey.url, *[poison() for _ in range(_DEAD_LETTERS)])
    for name, config, share, settings in (
        ("healthy", HEALTHY, 8, {}),
        ("without PostgreSQL", OUTAGE, 1, {"dlq_max_len": 1_000_000}),
        ("with a full queue", OUTAGE, 1, {"dlq_max_len": 1}),
    ):
        fuzzed = Fuzzed(**settings)
        with Service(database_url=postgres.url, redis_url=valkey.url, settings=fuzzed.settings) as service:
            if config is OUTAGE:
                postgres.stop()
            limits = ["--max-time", str(max(10, seconds * share // 10)), "--seed", str(seed)]
            ended = fuzz(service.url, fuzzed.key, *limits, config=config)
            found += ended.returncode
            print(f"== {name}: {'nothing found' if ended.returncode == 0 else 'FAILED'}\n{ended.stdout}", flush=True)
            if "Traceback" in service.log():
                found += 1
                print(service.log())
        postgres.start() if not postgres.alive else None
    return int(found > 0)


if __name__ == "__main__":
    sys.exit(main())
