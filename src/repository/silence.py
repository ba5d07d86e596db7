"""Servers that vanish without a word: nothing waits for them longer than it wants to."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypedDict

import psycopg

__all__ = ["TCP_SETTINGS", "answered_within"]


class _TcpSettings(TypedDict):
    """Times in seconds, tcp_user_timeout in milliseconds."""

    keepalives_idle: int
    keepalives_interval: int
    keepalives_count: int
    tcp_user_timeout: int


#: For libpq: the kernel gives up a silent server after 25 s on an idle connection, 10 s after a statement was sent.
TCP_SETTINGS = _TcpSettings(keepalives_idle=10, keepalives_interval=5, keepalives_count=3, tcp_user_timeout=10_000)


@contextmanager
def answered_within(seconds: float, connection: psycopg.AsyncConnection[Any]) -> Iterator[Callable[[], None]]:
    """Around statements: a connection that is silent for so long is lost, and psycopg.OperationalError raised at once.

    The block calls what it is given whenever the server has answered. Cancelling a statement would not do: psycopg then
    asks the server to cancel too, and waits up to 10 s for one that is gone.
    """
    loop = asyncio.get_running_loop()
    timer = loop.call_later(seconds, _cut, connection)

    def answered() -> None:
        nonlocal timer
        timer.cancel()
        timer = loop.call_later(seconds, _cut, connection)

    try:
        yield answered
    finally:
        timer.cancel()


def _cut(connection: psycopg.AsyncConnection[Any]) -> None:
    """End the connection on our side: the driver reads its end, and has nobody left to take leave of."""
    with (
        contextlib.suppress(OSError, psycopg.OperationalError),
        socket.socket(fileno=os.dup(connection.fileno())) as wire,
    ):
        wire.shutdown(socket.SHUT_RDWR)
