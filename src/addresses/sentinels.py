"""Addresses of Redis behind Sentinel: `redis+sentinel://user:password@s1:26379,s2:26379/number?service=name`.

rediss+sentinel:// uses TLS to the servers and to the Sentinels. Options are those of redis://, and besides service
(default mymaster), sentinel_username and sentinel_password. Other clients use this form; redis-py has none.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

__all__ = ["DEFAULT_SERVICE", "SentinelAddress", "read"]

DEFAULT_SERVICE = "mymaster"
_DEFAULT_PORT = 26379
_SUFFIX = "+sentinel"
_OWN = ("service", "sentinel_username", "sentinel_password")


class SentinelAddress(NamedTuple):
    """sentinels: host and port of each. server: an address of redis-py with everything but where the server is."""

    sentinels: tuple[tuple[str, int], ...]
    service: str
    server: str
    username: str | None
    password: str | None


def read(address: str) -> SentinelAddress | None:
    """What an address behind Sentinel says; None for any other address. Raises ValueError, without a part of it."""
    scheme, separator, _ = address.partition("://")
    if not (separator and scheme.endswith(_SUFFIX)):
        return None
    if scheme not in {"redis" + _SUFFIX, "rediss" + _SUFFIX}:
        raise ValueError("the scheme is redis+sentinel or rediss+sentinel")
    parts = urlsplit(address)
    login, at, hosts = parts.netloc.rpartition("@")
    options = dict(parse_qsl(parts.query))
    own = {name: options.pop(name, None) for name in _OWN}
    server = urlunsplit(
        parts._replace(scheme=scheme.removesuffix(_SUFFIX), netloc=f"{login}{at}server", query=urlencode(options))
    )
    sentinels = tuple(_place(host) for host in hosts.split(","))
    service = own["service"] or DEFAULT_SERVICE
    return SentinelAddress(sentinels, service, server, own["sentinel_username"], own["sentinel_password"])


def _place(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    if not parts.hostname:
        raise ValueError("a Sentinel has no name")
    return parts.hostname, parts.port or _DEFAULT_PORT
