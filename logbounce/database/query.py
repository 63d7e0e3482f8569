"""Runs one SELECT of the user's, and nothing else, whatever the text holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from logbounce.database.connection import connect
from logbounce.database.refusals import damaged, is_damage, without_kind
from logbounce.errors import QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_ROWS = 2_000  # fetched at a time
# DuckDB calls a PRAGMA a SELECT, and `pragma enable_profiling` prints on stdout.
_FIRST_WORDS = frozenset(
    {"(", "describe", "explain", "from", "pivot", "select", "show", "summarize", "table", "unpivot", "values", "with"}
)
_KINDS = frozenset({duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN})
_EXPECTED = "expected one SELECT (the database is opened read-only)"


@dataclass(frozen=True, slots=True)
class Result:
    """The columns of a query and its rows, which are fetched as they are read."""

    columns: list[str]
    rows: Iterator[tuple[object, ...]]


@contextmanager
def select(path: Path, sql: str) -> Iterator[Result]:
    """Open the database read-only and run one SELECT: no files, no network, no settings, no other statement."""
    connection = connect(path, read_only=True)
    try:
        _lock_down(connection)
        _check(connection, sql)
        relation = connection.sql(sql)
        yield Result(relation.columns, _rows(connection, _readable(relation)))
    except duckdb.Error as error:
        if is_damage(error):
            raise damaged(str(path), error) from error
        raise QueryError(f"the query fails: {_where(error)}") from error
    finally:
        connection.close()


def _lock_down(connection: DuckDBPyConnection) -> None:
    connection.execute("set python_enable_replacements = false")  # else `from NAME` reads our own variables
    connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def _check(connection: DuckDBPyConnection, sql: str) -> None:
    found = connection.extract_statements(sql)
    word = _first_word(sql)
    if word == "pivot" and len(found) > 1:
        raise QueryError("PIVOT has to list its values here: `PIVOT ... ON column IN ('a', 'b') USING ...`")
    if len(found) != 1:
        raise QueryError(f"{len(found)} statements, {_EXPECTED}")
    if found[0].type not in _KINDS or word not in _FIRST_WORDS:
        raise QueryError(f"{word.upper()} is refused, {_EXPECTED}")


def _first_word(sql: str) -> str:
    """Return the first word after any comments."""
    tokens = duckdb.tokenize(sql)
    if not tokens:
        return ""
    text = sql.encode()  # DuckDB counts bytes
    end = tokens[1][0] if len(tokens) > 1 else len(text)
    return text[tokens[0][0] : end].decode().split()[0].lower()


def _readable(relation: DuckDBPyRelation) -> DuckDBPyRelation:
    """Cast the columns that Python could only take with pytz: stamps with a zone, alone or within a list."""
    kinds = [str(kind) for kind in relation.types]
    if not any("TIMESTAMP WITH TIME ZONE" in kind for kind in kinds):
        return relation
    return relation.project(", ".join(f"#{number}{_cast(kind)}" for number, kind in enumerate(kinds, 1)))


def _cast(kind: str) -> str:
    if kind == "TIMESTAMP WITH TIME ZONE":
        return "::timestamp"
    return "::varchar" if "TIMESTAMP WITH TIME ZONE" in kind else ""


def _rows(connection: DuckDBPyConnection, relation: DuckDBPyRelation) -> Iterator[tuple[object, ...]]:
    """Fetch in a thread: a fetch that computes for an hour would keep Ctrl-C from the main one."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            while rows := pool.submit(relation.fetchmany, _ROWS).result():
                yield from rows
        except KeyboardInterrupt:
            connection.interrupt()
            raise


def _where(error: duckdb.Error) -> str:
    """Return DuckDB's message on one line, without the caret below the query's text."""
    lines = (line.strip() for line in str(error).splitlines() if line.strip(" ^"))
    return without_kind(" ".join(lines))
