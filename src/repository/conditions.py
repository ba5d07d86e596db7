"""Conditions of a query: predicates and the values of their parameters, which are never part of the text."""

from __future__ import annotations

from typing import Any

from psycopg import sql

__all__ = ["Conditions"]


class Conditions:
    """Predicates, ANDed, and the values of their parameters."""

    def __init__(self) -> None:
        self._predicates: list[sql.Composable] = []
        self.values: dict[str, Any] = {}

    def add(self, predicate: sql.Composable, **values: Any) -> None:
        """Require `predicate` too; its parameters are named as in `values`."""
        self._predicates.append(predicate)
        self.values.update(values)

    @property
    def sql(self) -> sql.Composable:
        """The condition for a WHERE clause; `true` if there is none."""
        return sql.SQL(" AND ").join(self._predicates) if self._predicates else sql.SQL("true")
