"""Addresses of Redis, read by redis-py's own parser: redis://, rediss:// (TLS) and unix:// with its options.

redis+sentinel:// names Sentinels, which say where the server is: addresses/sentinels.py.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit, urlunsplit

from redis.connection import ConnectionPool, parse_url

from addresses.loopback import is_local
from addresses.sentinels import SentinelAddress, read

__all__ = ["AddressError", "check", "completed", "exposed", "place", "redacted"]

_DEFAULT_PORT = 6379
_EXPECTED = (
    "expected is redis://user:password@host:port/number (rediss:// for TLS), redis+sentinel://s1:26379,s2:26379/number"
    "?service=name, or unix://path, with special characters of user and password percent-encoded"
)
_MASK = "********"
#: Options whose values are shown to nobody, and those that stand before the question mark.
_SECRET = ("ssl_password",)
_SHOWN = ("host", "port", "connection_class")


class AddressError(ValueError):
    """An address that redis-py cannot read. No part of the address is in the message: it may be of a password."""


def check(address: str) -> None:
    """Raises AddressError if redis-py cannot read `address`, or does not know an option of it."""
    _options(address)
    parts = urlsplit(address)
    if parts.scheme != "unix" and "@" in parts.path + parts.fragment:  # the rest of a password with a slash or a hash
        raise AddressError(f"not an address of Redis; {_EXPECTED}")


def place(address: str) -> str:
    """Where the server is, for a message: `cache:6379`. Raises AddressError."""
    options = _options(address)
    if (behind := _sentinels(address)) is not None:
        return f"{behind.service} by {', '.join(_at(*one) for one in behind.sentinels)}"
    if "path" in options:
        return str(options["path"])
    return _at(options.get("host", "localhost"), options.get("port", _DEFAULT_PORT))


def _at(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def completed(address: str, password: str) -> str:
    """The address with `password`, where it has none of its own. Raises AddressError."""
    if _options(address).get("password"):
        return address
    parts = urlsplit(address)
    login = f"{quote(unquote(parts.username or ''), safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{parts.netloc.rpartition('@')[2]}"))


def exposed(address: str) -> bool:
    """Whether the way to the server leaves this machine without TLS that verifies the server. Raises AddressError."""
    options = _options(address)
    verified = address.startswith("rediss") and options.get("ssl_cert_reqs", "required") == "required"
    behind = _sentinels(address)
    hosts = [host for host, _ in behind.sentinels] if behind else [options.get("host", "localhost")]
    return not verified and "path" not in options and not all(map(is_local, hosts))


def redacted(address: str) -> str:
    """The address with its passwords masked. Raises AddressError."""
    options = _options(address)
    scheme = address.partition("://")[0]
    password = f":{_MASK}" if options.pop("password", None) else ""
    login = f"{quote(options.pop('username', ''), safe='')}{password}"
    behind = _sentinels(address)
    at = ",".join(_at(*one) for one in behind.sentinels) if behind else place(address)
    where = options.pop("path", None) or f"{at}/{options.pop('db', 0)}"
    options |= {"service": behind.service} if behind else {}
    options |= {"sentinel_username": behind.username} if behind and behind.username else {}
    options |= {"sentinel_password": _MASK} if behind and behind.password else {}
    options = {name: _MASK if name in _SECRET else value for name, value in options.items() if name not in _SHOWN}
    return f"{scheme}://{login}{'@' if login else ''}{where}{'?' if options else ''}{urlencode(options, safe='*/')}"


def _sentinels(address: str) -> SentinelAddress | None:
    try:
        return read(address)
    except ValueError:
        raise AddressError(f"not an address of Redis; {_EXPECTED}") from None


def _options(address: str) -> dict[str, Any]:
    behind = _sentinels(address)
    address = behind.server if behind else address
    try:
        options: dict[str, Any] = parse_url(address)  # type: ignore[no-untyped-call]
        ConnectionPool.from_url(address).make_connection()  # connects to nothing yet; refuses what it does not know
    except (ValueError, TypeError, AttributeError):
        raise AddressError(f"not an address of Redis; {_EXPECTED}") from None
    return options
