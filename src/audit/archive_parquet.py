"""Lines of an archive in a Parquet file: each as it is, and columns to choose by. Needs the extra `parquet`.

The line is a text: Parquet has no type for JSON numbers of any length.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pyarrow as pa
from pyarrow import parquet

__all__ = ["LineWriter", "read_lines"]

#: The column of whole events: its texts, each with a line feed, are what a manifest counts and hashes.
_LINE = "event"
#: A row group has so many lines or bytes at the most, but for its last line.
_LINES, _BYTES = 20_000, 32 * 1024 * 1024
#: Lines that a reader has in memory at a time.
_PORTION = 500


class _Columns(msgspec.Struct, frozen=True):
    """What a line is found by; the members of the same names."""

    event_id: str
    event_timestamp: datetime
    event_type: str
    event_category: str
    event_action: str
    event_outcome: str
    actor_type: str
    actor_id: str
    resource_type: str
    resource_id: str
    correlation_id: str
    namespace: str | None = None
    cluster_name: str | None = None
    severity: str | None = None


_decode = msgspec.json.Decoder(_Columns).decode
_TIMESTAMP = pa.timestamp("us", tz="UTC")
_SCHEMA = pa.schema(
    [
        *((name, _TIMESTAMP if name == "event_timestamp" else pa.string()) for name in _Columns.__struct_fields__),
        (_LINE, pa.string()),
    ]
)


class LineWriter:
    """Writes lines, which end with a line feed, to an open file; `close` writes what is left and the footer."""

    def __init__(self, file: BinaryIO) -> None:
        self._writer = parquet.ParquetWriter(file, _SCHEMA, compression="zstd")
        self._lines: list[bytes] = []
        self._bytes = 0

    def write(self, line: bytes) -> None:
        """Add one line."""
        self._lines.append(line)
        self._bytes += len(line)
        if len(self._lines) >= _LINES or self._bytes >= _BYTES:
            self._flush()

    def close(self) -> None:
        """End the file."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        rows = [_decode(line) for line in self._lines]
        columns: dict[str, list[Any]] = {
            name: [getattr(row, name) for row in rows] for name in _Columns.__struct_fields__
        }
        columns[_LINE] = [line.decode().removesuffix("\n") for line in self._lines]
        self._writer.write_table(pa.table(columns, schema=_SCHEMA))
        self._lines, self._bytes = [], 0


def read_lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, in order. Raises OSError where it cannot be read, or is none of ours."""
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=_PORTION, columns=[_LINE]):
                for line in batch.column(0):
                    yield line.as_py().encode() + b"\n"
    except (pa.ArrowException, IndexError, AttributeError) as error:
        raise OSError(str(error)) from error
