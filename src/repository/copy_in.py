"""Binary COPY of prepared rows, several tables in one implicit transaction and as few round trips as the protocol has.

`Cursor.copy` of psycopg takes one COPY at a time, and a transaction around it costs two more round trips; for a single
event that was half of its commit. Formats: PostgreSQL's documentation, "COPY", section "Binary Format", and the send
functions of the types.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from datetime import UTC, date, datetime
from struct import Struct
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg import errors
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGconn, PGresult
from psycopg.waiting import Wait

from repository.local_settings import settings_for

__all__ = ["Copy", "CopyFailedError", "copy_all", "encode_row"]

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_LENGTH = Struct("!i").pack
_COUNT = Struct("!h").pack
_DATE = Struct("!ii").pack
_INT4 = Struct("!ii").pack
_TIMESTAMP = Struct("!iq").pack
_FIRST_DAY = date(2000, 1, 1).toordinal()
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECONDS_OF_A_DAY = 86_400_000_000
#: Bytes that are handed to libpq at a time.
_CHUNK = 1 << 18
#: The version of jsonb's binary format.
_JSONB = b"\x01"


class Copy(NamedTuple):
    """One COPY .. FROM STDIN (FORMAT binary), and its rows as `encode_row` made them."""

    statement: str
    rows: Sequence[bytes]


class CopyFailedError(Exception):
    """One of several COPYs failed, and nothing is written. place: which of them; its cause is the driver's error."""

    def __init__(self, place: int) -> None:
        self.place = place
        super().__init__(place)


def encode_row(values: Sequence[Any]) -> bytes:
    """One row: texts, UUIDs, aware UTC instants, dates, 4-byte integers, and bytes, which are the text of a jsonb."""
    parts = [_COUNT(len(values))]
    for value in values:
        if value is None:
            parts.append(_NULL)
        elif type(value) is str:  # most are, and a call for each of them costs more than its encoding
            data = value.encode()
            parts.append(_LENGTH(len(data)))
            parts.append(data)
        else:
            parts.append(_ENCODERS[type(value)](value))
    return b"".join(parts)


def _instant(value: datetime) -> bytes:
    since = value - _EPOCH
    return _TIMESTAMP(8, since.days * _MICROSECONDS_OF_A_DAY + since.seconds * 1_000_000 + since.microseconds)


_ENCODERS: dict[type, Any] = {
    UUID: lambda value: b"\0\0\0\x10" + value.bytes,
    datetime: _instant,
    date: lambda value: _DATE(4, value.toordinal() - _FIRST_DAY),
    int: lambda value: _INT4(4, value),
    bytes: lambda value: _LENGTH(len(value) + 1) + _JSONB + value,
}


async def copy_all(connection: psycopg.AsyncConnection[Any], copies: Sequence[Copy]) -> None:
    """Write all of them or nothing; outside a transaction they are one of their own.

    Raises CopyFailedError, or psycopg.OperationalError when the connection is lost.
    """
    async with connection.lock:
        await connection.wait(_copy_all(connection.pgconn, settings_for(connection), copies))


def _copy_all(pgconn: PGconn, settings: Sequence[str], copies: Sequence[Copy]) -> Generator[Wait, Any, None]:
    pgconn.send_query("; ".join([*settings, *(copy.statement for copy in copies)]).encode())
    yield from _flush(pgconn)
    try:
        for _ in settings:
            _require(pgconn, (yield from _result(pgconn)), ExecStatus.COMMAND_OK, 0)
        for place, copy in enumerate(copies):
            _require(pgconn, (yield from _result(pgconn)), ExecStatus.COPY_IN, place)
            yield from _send(pgconn, copy.rows)
            _require(pgconn, (yield from _result(pgconn)), ExecStatus.COMMAND_OK, place)
    finally:
        while pgconn.status == 0 and (yield from _result(pgconn)) is not None:
            pass


def _send(pgconn: PGconn, rows: Sequence[bytes]) -> Generator[Wait, Any, None]:
    data = memoryview(b"".join((_SIGNATURE, *rows, _TRAILER)))
    for start in range(0, len(data), _CHUNK):
        while pgconn.put_copy_data(data[start : start + _CHUNK]) == 0:
            yield from _flush(pgconn)
        if len(data) > _CHUNK:
            yield from _flush(pgconn)
    while pgconn.put_copy_end() == 0:
        yield from _flush(pgconn)
    yield from _flush(pgconn)


def _flush(pgconn: PGconn) -> Generator[Wait, Any, None]:
    while pgconn.flush() == 1:
        ready = yield Wait.RW
        if ready and ready & Wait.R:  # nothing where the driver goes on after its task was cancelled
            pgconn.consume_input()


def _result(pgconn: PGconn) -> Generator[Wait, Any, PGresult | None]:
    while pgconn.is_busy():
        while not (yield Wait.R):
            pass
        pgconn.consume_input()
    return pgconn.get_result()


def _require(pgconn: PGconn, result: PGresult | None, status: ExecStatus, place: int) -> None:
    if result is not None and result.status == status:
        return
    if result is None or pgconn.status != 0 or result.status != ExecStatus.FATAL_ERROR:
        raise errors.OperationalError("the connection was lost during a COPY")
    raise CopyFailedError(place) from errors.error_from_result(result)
