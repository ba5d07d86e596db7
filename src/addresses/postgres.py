"""Addresses of PostgreSQL: whatever libpq takes, read by libpq's own parser.

Source: PostgreSQL's manual, "Connection Strings": URIs, key=value pairs, several hosts, sockets, service names.
"""

from __future__ import annotations

from psycopg import OperationalError, pq
from psycopg.conninfo import make_conninfo

from addresses.loopback import is_local

__all__ = [
    "AddressError",
    "check",
    "completed",
    "database_name",
    "hosts",
    "parameters",
    "places",
    "redacted",
    "writable",
]

_DEFAULT_PORT, _LAST_PORT = "5432", 65535
#: Parameters as good as a password that libpq does not mark as one.
_SECRET = frozenset(("scram_client_key", "scram_server_key"))
_EXPECTED = (
    "expected is postgresql://user:password@host:port/name, with special characters of user and password "
    "percent-encoded, or key=value pairs as libpq takes them"
)


class AddressError(ValueError):
    """An address that libpq cannot read. No part of the address is in the message: it may be of a password."""


def check(address: str) -> None:
    """Raises AddressError if libpq cannot read `address`, or a host or a port in it cannot be one."""
    if "@" in _path(address):
        raise AddressError(f"a name with @ is written with %40; {_EXPECTED}")
    for one in hosts(address):
        if "@" in one["host"]:
            raise AddressError(f"a host cannot contain @; {_EXPECTED}")
        if not one["port"].isdecimal() or int(one["port"]) > _LAST_PORT:
            raise AddressError(f"a port must be a number up to {_LAST_PORT}; {_EXPECTED}")


def parameters(address: str) -> dict[str, str]:
    """What `address` says, by libpq's keywords. Raises AddressError."""
    return {option.keyword.decode(): option.val.decode() for option in _options(address) if option.val is not None}


def hosts(address: str) -> list[dict[str, str]]:
    """The parameters for each host, in order; an empty host is libpq's default. Raises AddressError."""
    given = parameters(address)
    columns = [given.get(name, "").split(",") for name in ("host", "hostaddr", "port")]
    count = max(map(len, columns[:2]))
    if any(len(column) not in {1, count} for column in columns):
        raise AddressError(f"give each host a port, or one port for all; {_EXPECTED}")
    rows = zip(*(column * count if len(column) == 1 else column for column in columns), strict=True)
    return [
        {**given, "host": host, "hostaddr": hostaddr, "port": port or _DEFAULT_PORT} for host, hostaddr, port in rows
    ]


def places(address: str) -> str:
    """Where the servers are, for a message: `db1:5432, db2:5432`. Raises AddressError."""
    return ", ".join(map(_place, hosts(address)))


def database_name(address: str) -> str:
    """The database's name as `address` has it; "" where it names none. Raises AddressError."""
    return parameters(address).get("dbname", "")


def writable(address: str) -> str:
    """The address, asking for a server that takes writes where it names several and does not say what kind.

    Raises AddressError.
    """
    if len(hosts(address)) == 1 or "target_session_attrs" in parameters(address):
        return address
    return make_conninfo(address, target_session_attrs="read-write")


def completed(address: str, password: str) -> str:
    """The address with `password`, where it has none of its own. Raises AddressError."""
    return address if "password" in parameters(address) else make_conninfo(address, password=password)


def exposed(address: str) -> bool:
    """Whether the way to one of its servers leaves this machine without TLS that verifies the server.

    Raises AddressError.
    """
    verified = parameters(address).get("sslmode", "prefer") == "verify-full"
    return not verified and any(not is_local(one["hostaddr"] or one["host"]) for one in hosts(address))


def redacted(address: str) -> str:
    """The address as key=value pairs, with everything secret in it masked. Raises AddressError."""
    secret = _SECRET | {option.keyword.decode() for option in _options(address) if option.dispchar == b"*"}
    return make_conninfo(
        **{name: "********" if name in secret else value for name, value in parameters(address).items()}
    )


def _options(address: str) -> list[pq.ConninfoOption]:
    try:
        return pq.Conninfo.parse(address.encode())
    except OperationalError:
        raise AddressError(f"not an address of PostgreSQL; {_EXPECTED}") from None


def _path(address: str) -> str:
    """What stands behind the hosts of a URI: with an @ in it, it is the rest of a password that has a slash."""
    scheme, _, rest = address.partition("://")
    return rest.partition("?")[0].partition("/")[2] if scheme in {"postgresql", "postgres"} else ""


def _place(one: dict[str, str]) -> str:
    host = one["host"] or one["hostaddr"]
    if not host:
        return f"service {one['service']}" if "service" in one else "libpq's default host"
    return f"[{host}]:{one['port']}" if ":" in host else f"{host}:{one['port']}"
