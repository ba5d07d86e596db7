"""The catalog in memory: what a search looks at, found by its mandatory labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import product
from uuid import UUID

import msgspec

from catalog.scoring import MANDATORY, OPEN, Subject
from repository.workflows import Candidate
from telemetry.unreadable import unreadable_row

__all__ = ["Entry", "Snapshot"]

_labels = msgspec.json.Decoder(dict[str, str]).decode
_detected = msgspec.json.Decoder(dict[str, bool | str | list[str] | None]).decode
_custom = msgspec.json.Decoder(dict[str, list[str]]).decode
_Key = tuple[str, ...]


class Entry(msgspec.Struct, frozen=True):
    """One version as a search sees it."""

    workflow_id: UUID
    workflow_name: str
    version: str
    rank: tuple[bool, str, datetime, UUID]
    name: str
    description: str
    status: str
    subject: Subject
    container_image: str | None
    container_digest: str | None
    created_at: datetime


def entry_of(row: Candidate) -> Entry:
    """The entry of a stored row. Raises msgspec.ValidationError for labels that no search could score."""
    labels = _labels(row.labels)
    if missing := [name for name in MANDATORY if name not in labels]:
        raise msgspec.ValidationError(f"labels without {', '.join(missing)}")
    return Entry(
        workflow_id=row.workflow_id,
        workflow_name=row.workflow_name,
        version=row.version,
        rank=(row.version_key is not None, row.version_key or "", row.created_at, row.workflow_id),
        name=row.name,
        description=row.description,
        status=row.status,
        subject=Subject(labels=labels, detected=_detected(row.detected_labels), custom=_custom(row.custom_labels)),
        container_image=row.container_image,
        container_digest=row.container_digest,
        created_at=row.created_at,
    )


class Snapshot:
    """Every version, by name, and for each set of statuses that was asked for the candidates by their labels."""

    def __init__(self) -> None:
        self._names: dict[str, list[Entry]] = {}
        self._unreadable: dict[str, int] = {}
        self._indexes: dict[frozenset[str], _Index] = {}

    @property
    def unreadable(self) -> int:
        """Versions that are left out because their labels cannot be read."""
        return sum(self._unreadable.values())

    def replace(self, names: Iterable[str], rows: Iterable[Candidate]) -> None:
        """Put `rows` in the place of all versions of `names`; one that cannot be read is left out, and logged."""
        fresh: dict[str, list[Entry]] = {name: [] for name in names}
        for name in fresh:
            self._unreadable.pop(name, None)
        for row in rows:
            entries = fresh.setdefault(row.workflow_name, [])
            try:
                entries.append(entry_of(row))
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                self._unreadable[row.workflow_name] = self._unreadable.get(row.workflow_name, 0) + 1
                unreadable_row("remediation_workflow_catalog", row.workflow_id, error)
        for name, entries in fresh.items():
            entries.sort(key=lambda entry: entry.rank, reverse=True)
            if entries:
                self._names[name] = entries
            else:
                self._names.pop(name, None)
            for index in self._indexes.values():
                index.put(name, entries)

    def candidates(self, labels: Mapping[str, str], statuses: frozenset[str]) -> Iterator[Entry]:
        """Of each name the highest version in one of `statuses`, where its mandatory labels fit."""
        index = self._indexes.get(statuses)
        if index is None:
            index = self._indexes[statuses] = _Index(statuses)
            for name, entries in self._names.items():
                index.put(name, entries)
        return index.find(labels)


class _Index:
    """The highest version of each name in some statuses, by the five labels as they are written."""

    def __init__(self, statuses: frozenset[str]) -> None:
        self._statuses = statuses
        self._keys: dict[str, _Key] = {}
        self._found: dict[_Key, dict[str, Entry]] = {}

    def put(self, name: str, entries: Iterable[Entry]) -> None:
        """Index the versions of a name anew; they come highest first."""
        if (old := self._keys.pop(name, None)) is not None:
            del self._found[old][name]
        highest = next((entry for entry in entries if entry.status in self._statuses), None)
        if highest is not None:
            key = tuple(highest.subject.labels[label] for label in MANDATORY)
            self._keys[name] = key
            self._found.setdefault(key, {})[name] = highest

    def find(self, labels: Mapping[str, str]) -> Iterator[Entry]:
        """Those whose labels are the same, or left open where they may be."""
        choices = [
            (labels[name], "*") if name in OPEN and labels[name] != "*" else (labels[name],) for name in MANDATORY
        ]
        for key in product(*choices):
            yield from self._found.get(key, {}).values()
