"""Opens the database: privately made, locked politely, of the right version."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from logbounce.database import refusals, schema
from logbounce.database.statements import statement
from logbounce.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

    from duckdb import DuckDBPyConnection

_Config = dict[str, str | bool | int | float | list[str]]  # as DuckDB's own types have it

PATIENCE_SECONDS = 3.0  # a commit of `tail` holds the file for some 25 ms
_PAUSE_SECONDS = 0.02
_PRIVATE = 0o600
# Nothing is fetched from the network behind the user's back.
_OFFLINE: _Config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
_IN_MEMORY: _Config = {**_OFFLINE, "temp_directory": ""}
# Every checkpoint compresses anew the rows (up to 122,880) at which a table ends: with the usual 16 MB that was a sixth
# of the time of an ingest.
_WAL = "64MB"


def connect(
    path: Path | str,
    *,
    read_only: bool = False,
    make: bool = True,
    memory_limit: str = "200MB",
    patience_seconds: float = PATIENCE_SECONDS,
) -> DuckDBPyConnection:
    """Open the database at `path`; a missing one is made (mode 0600) if it is to be written, an older one is migrated.

    Without `make` there has to be one: who only changes what is stored means one that is there.

    A writing connection does not preserve insertion order: say `order by` where order matters.
    """
    path = Path(path)
    _find(path, make=make and not read_only)
    connection = _open(path, read_only=read_only, memory_limit=memory_limit, patience_seconds=patience_seconds)
    try:
        found = schema.version(connection, path)
        schema.refuse_newer(found, path)
        if not read_only:
            schema.upgrade(connection, found, path)
        elif not schema.is_current(connection, found):
            connection.close()
            _bring_up(path, found, patience_seconds)
            connection = _open(path, read_only=True, memory_limit=memory_limit, patience_seconds=patience_seconds)
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up(path: Path, found: int, patience_seconds: float) -> None:
    """Have a writer migrate what is only to be read.

    A database of this schema, of which another program has worded the views, can be read as it is: by who may not write
    a published copy, and while somebody else reads.
    """
    try:
        connect(path, patience_seconds=patience_seconds if found < schema.newest() else 0.0).close()
    except DatabaseError:
        if found < schema.newest():
            raise


def memory() -> DuckDBPyConnection:
    """Open a database in memory, with schema, views and macros; it never touches the disk."""
    connection = duckdb.connect(":memory:", config=_IN_MEMORY)
    schema.create(connection)
    _prepare(connection)
    return connection


def _find(path: Path, *, make: bool) -> None:
    refusals.check_name(path)
    try:
        if not path.exists():
            if not make:
                raise refusals.missing(path)
            _make(Path(os.path.realpath(path)))
        refusals.check_file(path)
    except PermissionError as error:
        raise refusals.forbidden(path) from error


def beside() -> DuckDBPyConnection:
    """Open an empty database in memory, to attach files to; rows keep the order in which they are copied."""
    connection = duckdb.connect(":memory:", config={**_IN_MEMORY, "memory_limit": "200MB", "threads": 1})
    _settle(connection)
    return connection


def scratch() -> DuckDBPyConnection:
    """Open an empty database in memory, for SQL that stores nothing: one thread, beside the one that stores."""
    connection = duckdb.connect(":memory:", config={**_IN_MEMORY, "threads": 1, "preserve_insertion_order": False})
    _settle(connection)
    # It would ask each line twice what the branches behind a CTE ask of it: a third of the time of parsing Postfix.
    connection.execute("set disabled_optimizers = 'cte_filter_pusher'")
    return connection


def _prepare(connection: DuckDBPyConnection) -> None:
    _settle(connection)
    connection.execute(statement("reply"))


def _settle(connection: DuckDBPyConnection) -> None:
    connection.execute("set TimeZone = 'UTC'")
    connection.execute("set enable_progress_bar = false")  # it would be drawn over what a command says


def _open(path: Path, *, read_only: bool, memory_limit: str, patience_seconds: float) -> DuckDBPyConnection:
    config: _Config = {
        **_OFFLINE,
        "memory_limit": memory_limit,
        "temp_directory": f"{literal(path)}.tmp",
        "checkpoint_threshold": _WAL,
        "preserve_insertion_order": read_only,  # unordered inserts need far less memory
    }
    return patiently(path, lambda: duckdb.connect(literal(path), read_only=read_only, config=config), patience_seconds)


def literal(path: Path) -> str:
    """Return a path as DuckDB takes it for one: `md:x` asks for an extension, and `:memory:` for no file."""
    return str(path) if path.is_absolute() else f"./{path}"


def patiently(path: Path, attempt: Callable[[], DuckDBPyConnection], patience_seconds: float) -> DuckDBPyConnection:
    """Try again while another process holds the database, and where the file was replaced while it was being opened.

    DuckDB locks the file after it has opened it. In between, `compact` may have put another in its place: what is then
    locked is a file without a name, and what is written to it is lost.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        before = _identity(path)
        try:
            connection = attempt()
        except duckdb.Error as error:
            if not refusals.is_lock(error):
                raise refusals.refused(path, error) from error
            if time.monotonic() >= deadline:
                raise refusals.locked(path, error) from error
        else:
            if _identity(path) == before:
                return connection
            connection.close()
        time.sleep(_PAUSE_SECONDS)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """Make a database that appears at once, whole and private: nobody can open it half made or before the chmod."""
    try:
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".logbounce-") as folder:  # mode 0700
            draft = Path(folder) / path.name
            with duckdb.connect(str(draft), config=_OFFLINE) as connection:
                schema.create(connection)
                connection.execute("checkpoint")  # on a full disk it fails; that of close() does so without a word
            draft.chmod(_PRIVATE)
            os.link(draft, path)
    except FileExistsError:
        return  # another process made it first: that one is as good
    except FileNotFoundError as error:
        raise refusals.homeless(path) from error
    except PermissionError as error:
        raise refusals.unwritable(path) from error
    except OSError as error:
        raise DatabaseError(f"{path}: cannot make the database: {error.strerror}") from error
    except duckdb.Error as error:
        raise refusals.unmade(path, error) from error
