"""Whom a browser may speak for: names under which the service may be asked, and pages that may write.

A page of any site can make its visitor's browser send requests to this machine, and with a name of its own that
resolves to a local address (DNS rebinding) it can read the answers too. Neither needs the service to be reachable from
outside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from ipaddress import ip_address

from web.problems import Problem

__all__ = ["Origins"]

_READING = frozenset(("GET", "HEAD", "OPTIONS"))
_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::([0-9]{1,5}))?")
#: Names that nobody can register, so that no page of another site has one (RFC 6761, 6762, 8375, 9476; Kubernetes).
_PRIVATE = (".localhost", ".local", ".internal", ".home.arpa", ".svc", ".test", ".alt")
_SAME = frozenset(("same-origin", "none"))


class Origins:
    """Judges Host, Origin and Sec-Fetch-Site.

    Allowed are localhost, IP addresses (a page cannot take one over), names without a dot or under a private domain,
    and `names`: a name, `.example.com` for it and all below, `*` for any.
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._any = "*" in names
        self._names = frozenset(name.lower() for name in names if not name.startswith("."))
        self._domains = tuple(name.lower() for name in names if name.startswith("."))
        self._knows = lru_cache(maxsize=256)(self._allows)

    def check(self, method: str, headers: Mapping[str, str]) -> None:
        """Raises Problem: misdirected-request for a foreign name, forbidden for a write of another site's page."""
        host = headers.get("host")
        if host is not None and not self._knows(host):
            raise Problem(
                "misdirected-request",
                f"The service is not called {host[:100]} here; DATASTORAGE_ALLOWED_HOSTS may list further names.",
            )
        if method in _READING:
            return
        site, origin = headers.get("sec-fetch-site", "none"), headers.get("origin")
        if site.lower() not in _SAME or (origin is not None and not _same(origin, host)):
            raise Problem("forbidden", "A page of another site may not write here.")

    def _allows(self, host: str) -> bool:
        if self._any:
            return True
        match = _HOST.fullmatch(host)
        if match is None:
            return False
        name = match[1].lower().rstrip(".")
        return (
            ("." not in name and ":" not in name)
            or name in self._names
            or name.endswith(_PRIVATE)
            or f".{name}".endswith(self._domains)
            or _is_address(name)
        )


def _is_address(name: str) -> bool:
    try:
        ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True


def _same(origin: str, host: str | None) -> bool:
    scheme, separator, authority = origin.lower().partition("://")
    default = {"http": ":80", "https": ":443"}.get(scheme)
    if not separator or default is None or host is None:
        return False
    return authority.removesuffix(default) == host.lower().removesuffix(default)
