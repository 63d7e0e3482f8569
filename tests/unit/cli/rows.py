"""Rows for tests: only the columns that a test is about are named."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_NEUTRAL = {"VARCHAR": "", "BOOLEAN": False, "TIMESTAMP": "2026-11-20 10:00:00"}


def insert(connection: DuckDBPyConnection, table: str, **values: object) -> None:
    """Insert a row; a column that must have a value and is not named gets a neutral one."""
    asked = "select column_name, data_type from duckdb_columns() where table_name = $1 and not is_nullable"
    required = {name: _neutral(kind) for name, kind in connection.execute(asked, [table]).fetchall()}
    row = {**required, **values}
    marks = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    connection.execute(f"insert into {table} ({', '.join(row)}) values ({marks})", list(row.values()))  # noqa: S608 - names of this file's callers


def _neutral(kind: str) -> object:
    return [] if kind.endswith("[]") else _NEUTRAL.get(kind, 0)
