"""Whether a host is this machine."""

from __future__ import annotations

from ipaddress import ip_address

__all__ = ["is_local"]


def is_local(host: str) -> bool:
    """Whether `host` (a name, an IP address, the folder of a socket, or nothing) never leaves this machine."""
    if host in {"", "localhost"} or host.startswith(("/", "@")):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
