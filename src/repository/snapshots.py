"""PostgreSQL's snapshots (pg_snapshot): which transactions one transaction sees as ended."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["NOTHING_SEEN", "Snapshot", "Window"]


class Snapshot(NamedTuple):
    """Transactions below `end` that are not in `running` had ended; later ones had not begun."""

    end: int
    running: tuple[int, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Snapshot:
        """The snapshot in PostgreSQL's text form, `xmin:xmax:xip`."""
        _, end, running = text.split(":")
        return cls(int(end), tuple(int(xid) for xid in running.split(",") if xid))

    def __str__(self) -> str:
        return f"{min(self.running, default=self.end)}:{self.end}:{','.join(map(str, self.running))}"

    def before(self, end: int) -> Snapshot:
        """The same, of transactions below `end` only."""
        return Snapshot(min(end, self.end), tuple(xid for xid in self.running if xid < end))


#: The snapshot of somebody who has seen no transaction at all; 3 is the first that PostgreSQL gives to anybody.
NOTHING_SEEN = Snapshot(3)


class Window(NamedTuple):
    """The transactions whose rows are new: those from `first` up to but not including `end`, and those in `ended`."""

    first: int
    end: int
    ended: tuple[int, ...]

    @classmethod
    def between(cls, seen: Snapshot, now: Snapshot) -> Window:
        """What somebody who saw `seen` has to look for at `now`; who still runs is not visible yet."""
        still = set(now.running)
        return cls(seen.end, now.end, tuple(xid for xid in seen.running if xid not in still and xid < now.end))

    @property
    def empty(self) -> bool:
        """Whether there is nothing to look for."""
        return self.first >= self.end and not self.ended
