"""What a caller who proved who they are may do."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import msgspec

from access.scopes import ALL_SCOPES

__all__ = ["ANONYMOUS", "NOBODY", "NO_LIMITS", "Grant", "GrantCache", "Limits"]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What narrows a grant. None: no limit of that kind.

    categories: event categories that may be written. namespaces, clusters: of the events that may be read.
    requests_per_second, burst: of the token bucket; without a rate there is none.
    """

    categories: frozenset[str] | None = None
    namespaces: frozenset[str] | None = None
    clusters: frozenset[str] | None = None
    requests_per_second: float | None = None
    burst: int = 1


NO_LIMITS = Limits()


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A subject, its scopes and limits. expires: Unix time in seconds until which it may be used unchecked."""

    subject: str
    scopes: frozenset[str]
    expires: float = float("inf")
    limits: Limits = NO_LIMITS


#: Everybody, while authentication is off: every scope, and no name to record.
ANONYMOUS = Grant(subject="", scopes=ALL_SCOPES)
#: Whoever has not been asked who they are.
NOBODY = Grant(subject="", scopes=frozenset())


class GrantCache:
    """Grants by the credentials that proved them, at most `size`, each until it expires.

    An authenticated request costs one look-up here; the oldest entry makes room for a new one.
    now: Unix time in seconds.
    """

    def __init__(self, *, size: int, now: Callable[[], float]) -> None:
        self._size = size
        self._now = now
        self._grants: OrderedDict[str, Grant] = OrderedDict()

    def find(self, credentials: str) -> Grant | None:
        """The grant of `credentials`, if it is known and has not expired."""
        grant = self._grants.get(credentials)
        if grant is None:
            return None
        if grant.expires <= self._now():
            del self._grants[credentials]
            return None
        return grant

    def keep(self, credentials: str, grant: Grant) -> None:
        """Remember a grant."""
        if len(self._grants) >= self._size:
            self._grants.popitem(last=False)
        self._grants[credentials] = grant

    def clear(self) -> None:
        """Forget all: a key was revoked, or the access file changed."""
        self._grants.clear()
