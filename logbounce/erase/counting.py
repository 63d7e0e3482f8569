"""Runs what erases, and counts what it did."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import duckdb

from logbounce.database import statement

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_COUNTED = frozenset({duckdb.StatementType.DELETE, duckdb.StatementType.UPDATE})


class Erased(NamedTuple):
    """How many rows of a table were deleted, or lost what had to go."""

    table: str
    rows: int


def erase(connection: DuckDBPyConnection, kind: str, table: str) -> Erased:
    """Run sql/KIND_TABLE.sql, within the caller's transaction, and count the rows that it deletes and changes."""
    rows = 0
    for part in connection.extract_statements(statement(f"{kind}_{table}")):
        result = connection.execute(part)
        if part.type in _COUNTED and (changed := result.fetchone()):
            rows += int(changed[0])
    return Erased(table, rows)
