"""Connections whose settings last for one transaction each, for a pooler in transaction mode (PgBouncer).

Behind one, each transaction may be another session's: what a session is told at its start or by SET is lost or reaches
strangers, and a statement that one session prepared is unknown to the next.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Self, TypeVar

import psycopg
from psycopg import AsyncCursor, sql
from psycopg.abc import Params
from psycopg.pq import TransactionStatus

__all__ = ["LocalSettings", "set_local", "settings_for"]

Row = TypeVar("Row")


class LocalSettings(psycopg.AsyncConnection[Any]):
    """Begins every transaction with `settings`, and runs every single statement in a transaction.

    settings: SET LOCAL statements. That costs three round trips more for a single statement, one more for a
    transaction; a COPY sends them along (repository.copy_in).
    """

    settings: Sequence[str] = ()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.cursor_factory = _Cursor

    @property
    def between_transactions(self) -> bool:
        """Whether the next statement begins a transaction."""
        return self.info.transaction_status == TransactionStatus.IDLE

    @asynccontextmanager
    async def transaction(
        self, savepoint_name: str | None = None, force_rollback: bool = False
    ) -> AsyncIterator[psycopg.AsyncTransaction]:
        """See psycopg.AsyncConnection.transaction; a savepoint has the settings of its transaction."""
        begins = self.between_transactions
        async with super().transaction(savepoint_name, force_rollback) as transaction:
            if begins:
                await self.execute("; ".join(self.settings))
            yield transaction


class _Cursor(AsyncCursor[Row]):
    """A cursor of LocalSettings."""

    async def execute(self, query: Any, params: Params | None = None, **how: Any) -> Self:
        """See psycopg.AsyncCursor.execute."""
        connection = self.connection
        if not (isinstance(connection, LocalSettings) and connection.between_transactions):
            return await super().execute(query, params, **how)
        async with connection.transaction():
            return await super().execute(query, params, **how)


def settings_for(connection: psycopg.AsyncConnection[Any]) -> Sequence[str]:
    """What a simple query that is a transaction of its own has to begin with on `connection`."""
    if isinstance(connection, LocalSettings) and connection.between_transactions:
        return connection.settings
    return ()


def set_local(values: Mapping[str, str | int]) -> list[str]:
    """The statements that give `values` to the transaction at hand."""
    statement = sql.SQL("SET LOCAL {} = {}")
    return [
        statement.format(sql.Identifier(*name.split(".")), sql.Literal(value)).as_string()
        for name, value in values.items()
    ]
