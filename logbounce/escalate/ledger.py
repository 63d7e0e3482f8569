"""Appends to the suppression ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import statement, value

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection


def append(connection: DuckDBPyConnection, name: str, rows: str, decided_at: datetime, note: str | None) -> int:
    """Run sql/NAME.sql, which appends a row for each of the temp table `rows`; return how many there were.

    Not where there are none: DuckDB 1.5.6 loses what an INSERT with ORDER BY stores (122,880 rows or more, on two
    threads) if an earlier one of the same transaction had nothing to store.
    """
    found = int(value(connection, f"select count(*) from temp.{rows}"))  # noqa: S608 - a name of this room
    if found:
        connection.execute(statement(name), {"decided_at": decided_at, "note": note})
    return found
