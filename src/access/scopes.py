"""Scopes, and what an operation of the contract requires of them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

__all__ = ["ALL_SCOPES", "SCOPES", "Requirement", "unknown_scopes"]

#: Every scope, with what it lets its holder do.
SCOPES = {
    "audit:write": "record audit events and notifications",
    "audit:read": "read audit events, timelines and notifications",
    "catalog:write": "create, change and disable workflows",
    "catalog:read": "read and search workflows",
    "ops:read": "read queues, months and metrics",
    "ops:admin": "replay and discard dead letters, place and release legal holds",
}
ALL_SCOPES = frozenset(SCOPES)


class Requirement(NamedTuple):
    """What an operation requires: of each of `groups` at least one scope. None required: any valid caller."""

    groups: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, declared: Sequence[str | Sequence[str]]) -> Requirement:
        """`x-required-scopes` of the contract: each item is a scope, or a list of which one is enough.

        Raises ValueError for a scope that does not exist.
        """
        groups = tuple(frozenset([item] if isinstance(item, str) else item) for item in declared)
        if wrong := unknown_scopes(scope for group in groups for scope in group):
            raise ValueError(f"unknown scopes: {', '.join(wrong)}")
        return cls(groups)

    def satisfied_by(self, scopes: Collection[str]) -> bool:
        """Whether a caller with `scopes` may."""
        return all(not group.isdisjoint(scopes) for group in self.groups)

    def __str__(self) -> str:
        return " and ".join(" or ".join(sorted(group)) for group in self.groups)

    @property
    def names(self) -> str:
        """The scopes as the `scope` attribute of WWW-Authenticate lists them (RFC 6750, section 3)."""
        return " ".join(sorted({scope for group in self.groups for scope in group}))


def unknown_scopes(scopes: Iterable[str]) -> list[str]:
    """Those of `scopes` that do not exist, sorted."""
    return sorted(set(scopes) - ALL_SCOPES)
