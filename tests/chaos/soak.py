"""The long run: random faults under load for as long as SOAK_MINUTES says, and the count at the end.

make soak SOAK_MINUTES=30 SOAK_SEED=1
"""

from __future__ import annotations

import os
import random
import sys
import time

from tests.chaos.arena import FAULTS, Arena, Tally, open_arena, run_round

_ARENA_ROUNDS = 25


def _line(rounds: int, tally: Tally) -> str:
    return (
        f"rounds {rounds}  acknowledged {tally.acknowledged}  queued {tally.queued}  stored {tally.stored}  "
        f"missing {tally.missing}  doubled {tally.doubled}  altered {tally.altered}  "
        f"falsely refused {tally.falsely_refused}  refused {tally.refused}  unknown {tally.unknown}"
    )


def _rounds(arena: Arena, rng: random.Random, total: Tally, done: int, deadline: float) -> int:
    """Some rounds in one arena; returns the number of rounds done in all."""
    for _ in range(_ARENA_ROUNDS):
        if time.monotonic() > deadline:
            break
        faults = rng.choices(list(FAULTS), k=rng.choice([1, 1, 2, 3]))
        tally = run_round(arena, faults)
        total.add(tally)
        done += 1
        print(f"round {done}: {', '.join(faults)}: {_line(1, tally)}  slowest {tally.slowest:.2f} s", flush=True)
        if not tally.clean or arena.dead_letters():
            print(f"FAILED in round {done}, seed {arena.seed}; dead letters: {arena.dead_letters()}", flush=True)
            raise SystemExit(1)
    return done


def main() -> None:
    """Soak; exit code 1 as soon as anything is missing, doubled, altered or falsely refused."""
    minutes = float(os.environ.get("SOAK_MINUTES") or 30)
    seed = int(os.environ.get("SOAK_SEED") or time.time())
    print(f"soak of {minutes:g} minutes, seed {seed}", flush=True)
    rng, total, done = random.Random(seed), Tally(), 0
    deadline = time.monotonic() + minutes * 60
    while time.monotonic() < deadline:
        with open_arena(rng.getrandbits(32), services=2, workers=rng.choice([1, 2])) as arena:
            done = _rounds(arena, rng, total, done, deadline)
    print(f"soak: {_line(done, total)}  slowest answer {total.slowest:.2f} s", flush=True)
    sys.exit(0 if total.clean else 1)


if __name__ == "__main__":
    main()
