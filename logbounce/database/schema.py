"""The schema and its versions.

Version 1 is sql/schema.sql, which never changes once released; version N is sql/migrations/00N.sql on top of
N-1. A new database walks the same road as an old one, so the two cannot differ.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import duckdb

from logbounce.database import refusals
from logbounce.database.statements import FOLDER, statement
from logbounce.errors import DatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from duckdb import DuckDBPyConnection

MIGRATIONS = FOLDER / "migrations"


def newest() -> int:
    """Return the schema version that this program works with."""
    return max((int(file.stem) for file in MIGRATIONS.glob("*.sql")), default=1)


def version(connection: DuckDBPyConnection, path: Path) -> int:
    """Return the schema version of an open database; refuse one that logbounce did not make."""
    try:
        row = connection.execute("select value from meta where key = 'schema_version'").fetchone()
    except (duckdb.CatalogException, duckdb.BinderException):  # no such table, or one of other columns
        row = None
    except duckdb.Error as error:
        raise refusals.damaged(str(path), error) from error
    if row is None:
        raise DatabaseError(
            f"{path}: is a DuckDB database, but not one that logbounce made: name another with --db PATH"
        )
    return int(row[0])


def refuse_newer(found: int, path: Path) -> None:
    """Refuse a database of a later program: what it means cannot be known here."""
    if found > (known := newest()):
        raise DatabaseError(f"{path}: has schema version {found}, and this logbounce knows {known}: upgrade logbounce")


def create(connection: DuckDBPyConnection) -> None:
    """Make the tables and views in an empty database, in one transaction."""
    connection.execute("begin")
    connection.execute(statement("schema"))
    connection.execute("insert into meta values ('schema_version', '1')")
    _walk(connection, 1)
    _store_views(connection)
    connection.execute("commit")


def is_current(connection: DuckDBPyConnection, found: int) -> bool:
    """Tell whether a database of the version `found` has the tables and views of this program."""
    return found == newest() and _views_current(connection)


def upgrade(connection: DuckDBPyConnection, found: int, path: Path) -> None:
    """Bring an older database, and views that this program words differently, up to date: all or nothing."""
    if is_current(connection, found):
        return
    try:
        connection.execute("begin")
        _walk(connection, found)
        _store_views(connection)
        connection.execute("commit")
    except duckdb.Error as error:
        connection.execute("rollback")
        raise DatabaseError(
            f"{path}: cannot be upgraded from schema version {found}: {str(error).splitlines()[0]}"
        ) from error


def _walk(connection: DuckDBPyConnection, found: int) -> None:
    for number in range(found + 1, newest() + 1):
        connection.execute((MIGRATIONS / f"{number:03d}.sql").read_text(encoding="utf-8"))
        connection.execute("update meta set value = $1 where key = 'schema_version'", [str(number)])


def _views_digest() -> str:
    return hashlib.sha256(statement("views").encode()).hexdigest()


def _views_current(connection: DuckDBPyConnection) -> bool:
    row = connection.execute("select value from meta where key = 'views'").fetchone()
    return row is not None and row[0] == _views_digest()


def _store_views(connection: DuckDBPyConnection) -> None:
    """Store the views in the database, so that any DuckDB client sees them."""
    connection.execute(statement("views"))
    connection.execute("delete from meta where key = 'views'")
    connection.execute("insert into meta values ('views', $1)", [_views_digest()])
