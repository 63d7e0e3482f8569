"""What a query answers: rows by the names of their columns, or one value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from logbounce.database.statements import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from duckdb import DuckDBPyConnection


def records(
    connection: DuckDBPyConnection, name: str, values: Sequence[object] | Mapping[str, object] = ()
) -> list[dict[str, Any]]:
    """Return the rows of logbounce/sql/NAME.sql; `values` are those of its parameters."""
    result = connection.execute(statement(name), values)
    columns = [column[0] for column in result.description or ()]
    return [dict(zip(columns, row, strict=True)) for row in result.fetchall()]


def value(connection: DuckDBPyConnection, sql: str, values: Sequence[object] | Mapping[str, object] = ()) -> Any:  # noqa: ANN401 - whatever the query gives
    """Return the first value of a query that has one row, as an aggregate has."""
    row = connection.execute(sql, values).fetchone()
    if row is None:
        raise AssertionError("an aggregate has one row")
    return row[0]
