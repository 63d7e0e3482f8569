"""Runs one SELECT of the user's, and nothing else, whatever the text holds."""

from __future__ import annotations

import itertools
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from logbounce.database.connection import connect
from logbounce.database.draft import draft
from logbounce.database.refusals import damaged, is_damage, without_kind
from logbounce.database.statements import statement
from logbounce.errors import DatabaseError, QueryError

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
# Table functions that read nothing but the catalog and their arguments. Others read files, set what DuckDB does (write
# its log to stdout or any file), run text as SQL, or crash.
_HARMLESS = frozenset(
    {
        *("generate_series", "range", "repeat", "repeat_row", "unnest", "json_each", "json_tree"),
        *("histogram", "histogram_values", "icu_calendar_names", "pg_timezone_names"),
        *("duckdb_columns", "duckdb_constraints", "duckdb_databases", "duckdb_dependencies", "duckdb_extensions"),
        *("duckdb_functions", "duckdb_indexes", "duckdb_keywords", "duckdb_memory", "duckdb_optimizers"),
        *("duckdb_schemas", "duckdb_sequences", "duckdb_settings", "duckdb_tables", "duckdb_temporary_files"),
        *("duckdb_types", "duckdb_views", "pragma_collations", "pragma_database_size", "pragma_metadata_info"),
        *("pragma_platform", "pragma_show", "pragma_storage_info", "pragma_table_info", "pragma_version"),
    }
)
_EXPLAINS = frozenset({"analyze", "analyse", "verbose"})
_EXPECTED = "expected one SELECT (the database is opened read-only)"


@dataclass(frozen=True, slots=True)
class Result:
    """The columns of a query and its rows, which are fetched as they are read."""

    columns: list[str]
    rows: Iterator[tuple[object, ...]]


@contextmanager
def select(path: Path, sql: str) -> Iterator[Result]:
    """Open the database read-only and run one SELECT: no files, no network, no settings, no other statement."""
    with ExitStack() as afterwards:
        connection = connect(path, read_only=True)
        room = afterwards.enter_context(_room(path))
        afterwards.callback(connection.close)
        try:
            _lock_down(connection, room)
            _check(connection, sql)
            relation = connection.sql(sql)
            yield Result(relation.columns, _rows(connection, _readable(relation)))
        except duckdb.Error as error:
            if is_damage(error):
                raise damaged(str(path), error) from error
            raise QueryError(f"the query fails: {_where(error)}") from error


@contextmanager
def _room(path: Path) -> Iterator[str]:
    """Yield a new folder for what does not fit into memory, beside the database if it may be there; '' if nowhere.

    DuckDB lets a query read and write in its `temp_directory`, whatever else it may not: nothing of others stands here.
    """
    with ExitStack() as afterwards:
        try:
            folder = str(afterwards.enter_context(draft(path)).parent)
        except DatabaseError:
            try:
                folder = afterwards.enter_context(tempfile.TemporaryDirectory(prefix="logbounce-"))
            except OSError:
                folder = ""
        yield folder


def _lock_down(connection: DuckDBPyConnection, room: str) -> None:
    connection.execute("set temp_directory = $1", [room])
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
    if found[0].type == duckdb.StatementType.EXPLAIN:
        _check_explained(connection, sql)
    else:
        _check_functions(connection, _functions(connection, sql), word)


def _check_explained(connection: DuckDBPyConnection, sql: str) -> None:
    """Refuse EXPLAIN of what is no SELECT: `explain analyze copy ... to ...` writes a file."""
    for inner in _explained(sql):
        if (functions := _functions(connection, inner)) is not None:
            _check_functions(connection, functions, "explain")
            return
    raise QueryError(f"EXPLAIN of anything else than a SELECT is refused, {_EXPECTED}")


def _explained(sql: str) -> Iterator[str]:
    """Yield the texts of which one is the statement that is explained: EXPLAIN [ANALYZE | (OPTION, ...)] STATEMENT."""
    text = sql.encode()
    starts = [start for start, _ in duckdb.tokenize(sql)][1:]
    words = [text[start:end].decode().split()[0].lower() for start, end in itertools.pairwise((*starts, len(text)))]
    if words and words[0] in _EXPLAINS:
        starts, words = starts[1:], words[1:]
    if starts:
        yield text[starts[0] :].decode()
    if words and words[0].startswith("("):
        close = next((place for place, word in enumerate(words) if word.startswith(")")), len(words))
        yield from (text[start:].decode() for start in starts[close + 1 : close + 2])


def _functions(connection: DuckDBPyConnection, sql: str) -> list[str] | None:
    """Return the table functions in a SELECT, None where it is none."""
    row = connection.execute(statement("query_tree"), [sql]).fetchone()
    error, functions = row or ("no answer", [])
    return None if error else list(functions)


def _check_functions(connection: DuckDBPyConnection, functions: list[str] | None, word: str) -> None:
    if functions is None:
        raise QueryError(f"{word.upper()} is refused, {_EXPECTED}")
    known = {name for (name,) in connection.execute(statement("query_macros")).fetchall()} if functions else set()
    for name in functions:
        if name.lower() not in _HARMLESS | known:
            raise QueryError(f"the table function {name}() is refused: a query reads the database and nothing else")


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
