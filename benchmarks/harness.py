"""What a row is given, what it returns, and how rows are found."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Literal, TypedDict

import psycopg
from psycopg import sql

from benchmarks.marks import Mark, told
from tests.fixtures.database import fresh_database, migrate
from tests.fixtures.servers import Servers, chosen_servers
from tests.fixtures.service import Service

__all__ = [
    "PATIENT", "ROWS", "Mark", "Measured", "Row", "Stage", "in_turns", "load_rows", "open_stage", "rounds_of", "row",
]  # fmt: skip

Better = Literal["higher", "lower"]
#: Settings under which a slow disk is a slow answer, not an outage: for rows that measure a rate.
PATIENT = {
    "slow_write": 30,
    "write_deadline": 30,
    "write_pool_timeout": 30,
    "lock_timeout": 10,
    "redis_timeout": 5,
    "pool_timeout": 30,
    "read_statement_timeout": 60,
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A row's result: the median of its rounds, in `unit`; `floor` is the limit measured beside it, same unit."""

    value: float
    unit: str
    better: Better
    floor: float | None = None
    #: The median of the ratios of single rounds, where value and floor took turns: steadier than that of the medians.
    ratio_of_turns: float | None = None
    #: Anything worth a reader's time: percentiles, sizes, CPU.
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def ratio(self) -> float | None:
        """Value / floor: what is compared over time, since it hardly depends on the machine."""
        if self.ratio_of_turns is not None:
            return self.ratio_of_turns
        return self.value / self.floor if self.floor else None

    def as_json(self) -> dict[str, Any]:
        """For results.json."""
        return {**asdict(self), "ratio": self.ratio}


@dataclass(frozen=True, kw_only=True)
class Stage:
    """Running servers, fsync on, and what a row needs to start the real service over them."""

    servers: Servers
    rounds: int
    say: Callable[[str], None]
    #: Ends with the run: what several rows share is kept here.
    stack: ExitStack
    shared: dict[str, Any] = field(default_factory=dict)

    def share(self, name: str, make: Callable[[], AbstractContextManager[Any]]) -> Any:
        """What `make` gives, made for the first row that asks for it and kept until the end."""
        if name not in self.shared:
            self.shared[name] = self.stack.enter_context(make())
        return self.shared[name]

    @contextmanager
    def database(self, *, synchronous_commit: str = "on") -> Iterator[str]:
        """The address of a fresh migrated database; synchronous_commit off is what a disk with a fast fsync gives."""
        with fresh_database(self.servers.postgres_url) as url:
            migrate(url)
            if synchronous_commit != "on":
                with psycopg.connect(url, autocommit=True) as connection:
                    name = sql.Identifier(connection.info.dbname)
                    set_ = sql.SQL("ALTER DATABASE {} SET synchronous_commit = {}")
                    connection.execute(set_.format(name, sql.Literal(synchronous_commit)))
            yield url

    @contextmanager
    def service(self, *, workers: int = 1, database: str = "", **settings: object) -> Iterator[Service]:
        """The real service, as a process, over `database` or a fresh one (`service.environment["DATABASE_URL"]`)."""
        with ExitStack() as stack:
            url = database or stack.enter_context(self.database())
            service = Service(
                database_url=url,
                redis_url=self.servers.redis_url,
                workers=workers,
                settings={"log_level": "warning", **settings},
            )
            yield stack.enter_context(service)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of the table. mark: what is aimed at, in words; marks: in numbers, judged. core: is measured in CI."""

    name: str
    title: str
    mark: str
    measure: Callable[[Stage], Measured]
    core: bool = False
    marks: Sequence[Mark] = ()


ROWS: dict[str, Row] = {}


def row(
    name: str, *, title: str, mark: str = "", marks: Sequence[Mark] = (), core: bool = False
) -> Callable[[Callable[[Stage], Measured]], Callable[[Stage], Measured]]:
    """Register the function below as a row; `mark` in words only where there are no `marks`, which are judged."""

    def register(measure: Callable[[Stage], Measured]) -> Callable[[Stage], Measured]:
        if name in ROWS:
            raise ValueError(f"two rows are called {name}")
        ROWS[name] = Row(name=name, title=title, mark=mark or told(marks), measure=measure, core=core, marks=marks)
        return measure

    return register


def load_rows() -> dict[str, Row]:
    """All rows, by name, in the order of their modules' names."""
    for module in sorted(iter_modules([str(Path(__file__).parent / "rows")]), key=lambda module: module.name):
        import_module(f"benchmarks.rows.{module.name}")
    return ROWS


@contextmanager
def open_stage(rounds: int, say: Callable[[str], None]) -> Iterator[Stage]:
    """Embedded servers for one run of the benchmarks."""
    with chosen_servers("embedded") as servers, ExitStack() as stack:
        yield Stage(servers=servers, rounds=rounds, say=say, stack=stack)


class Turns(TypedDict):
    """What `in_turns` gives, as `Measured` takes it: medians of both, and of their ratios."""

    value: float
    floor: float
    ratio_of_turns: float


def rounds_of(stage: Stage, once: Callable[[], float]) -> float:
    """The median of the stage's rounds, after one round to warm up that does not count."""
    once()
    values = []
    for number in range(stage.rounds):
        values.append(once())
        stage.say(f"round {number + 1}/{stage.rounds}: {values[-1]:.4g}")
    return statistics.median(values)


def in_turns(stage: Stage, value: Callable[[], float], floor: Callable[[], float]) -> Turns:
    """Value and floor by turns, after one of each to warm up, so that noise hits both."""
    value(), floor()
    pairs = []
    for number in range(stage.rounds):
        pairs.append((value(), floor()) if number % 2 else (floor(), value())[::-1])
        stage.say(f"round {number + 1}/{stage.rounds}: {pairs[-1][0]:,.4g}, floor {pairs[-1][1]:,.4g}")
    values, floors = zip(*pairs, strict=True)
    ratio = statistics.median(v / f for v, f in pairs)
    return Turns(value=statistics.median(values), floor=statistics.median(floors), ratio_of_turns=ratio)
