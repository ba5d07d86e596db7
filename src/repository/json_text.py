"""JSON text on its way to a jsonb column, as it was sent: nothing is parsed, no digit is lost."""

from __future__ import annotations

import msgspec
from psycopg import postgres
from psycopg.abc import Buffer
from psycopg.adapt import Dumper
from psycopg.pq import Format

__all__ = ["RawJsonDumper"]


class RawJsonDumper(Dumper):
    """Binary format of jsonb (PostgreSQL's jsonb_recv): a version byte, then the text."""

    format = Format.BINARY
    oid = postgres.types["jsonb"].oid

    def dump(self, obj: msgspec.Raw) -> Buffer:
        """Put the version byte in front of the text."""
        return b"\x01" + bytes(obj)
