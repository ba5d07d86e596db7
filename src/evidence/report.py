"""What a verification found, and what that comes to."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from evidence.checkpoint import Checkpoint

__all__ = ["Finding", "Kind", "Progress", "Report", "Verdict"]

#: Findings of one kind that are listed one by one; all of them are counted.
_LISTED = 1000
Progress = Callable[[int, int], None]


class Verdict(enum.Enum):
    """What a verification comes to."""

    OK = "ok"
    ALTERED = "altered"
    CANNOT_TELL = "cannot_tell"


class Kind(enum.Enum):
    """What was found: tampering or loss, then what is in order, then what could not be compared."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    TREE_ALTERED = "tree_altered"
    FORKED = "forked"
    TRUNCATED = "truncated"
    TOMBSTONE = "tombstone"
    EXPORT = "export_altered"

    REDACTED = "redacted"

    ARCHIVED = "archived"
    ERASURE_UNPROVEN = "erasure_unproven"
    MONTH_GONE = "month_gone"
    MONTH_UNREADABLE = "month_unreadable"
    UNSIGNED = "unsigned"
    NOT_IN_LOG = "not_in_log"

    @property
    def verdict(self) -> Verdict:
        """What one finding of this kind makes of the whole."""
        if self is Kind.REDACTED:
            return Verdict.OK
        return Verdict.CANNOT_TELL if self in _DOUBTFUL else Verdict.ALTERED


_DOUBTFUL = frozenset(
    {
        Kind.ARCHIVED,
        Kind.ERASURE_UNPROVEN,
        Kind.MONTH_GONE,
        Kind.MONTH_UNREADABLE,
        Kind.UNSIGNED,
        Kind.NOT_IN_LOG,
    }
)


class Finding(NamedTuple):
    """One thing that was found; event_id where it is about one event."""

    kind: Kind
    detail: str
    event_id: UUID | None = None


class Report:
    """What a verification found. compared: events whose content was compared. pending: events not sealed yet."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.counts: Counter[Kind] = Counter()
        self.size = 0
        self.compared = 0
        self.pending = 0
        self.checkpoints = 0

    def add(self, kind: Kind, detail: str, event_id: UUID | None = None) -> None:
        """Count a finding, and keep it while there are not too many."""
        self.counts[kind] += 1
        if self.counts[kind] <= _LISTED:
            self.findings.append(Finding(kind, detail, event_id))

    def compare_checkpoint(self, kept: Checkpoint, root: bytes) -> None:
        """Compare a checkpoint that somebody kept with the root of the tree of its size."""
        self.checkpoints += 1
        if kept.root != root:
            self.add(Kind.FORKED, f"the kept checkpoint of {kept.size} entries is not part of this log")

    @property
    def verdict(self) -> Verdict:
        """Altered as soon as anything is; cannot_tell if something could not be compared; else ok."""
        verdicts = {kind.verdict for kind in self.counts}
        for worst in (Verdict.ALTERED, Verdict.CANNOT_TELL):
            if worst in verdicts:
                return worst
        return Verdict.OK
