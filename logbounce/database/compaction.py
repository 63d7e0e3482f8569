"""Gives space back: DuckDB uses what was deleted again, and never makes its file smaller."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database.answers import value
from logbounce.database.draft import draft, place
from logbounce.database.still import attach, held, write_ahead_logs
from logbounce.errors import DatabaseError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# How long the old file stays locked when the new one is in its place. Who has opened the old one and not locked it yet
# (two system calls after each other) is refused, tries again and finds the new one; see connection.patiently.
_LINGER_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Compacted:
    """The size of the file before and after."""

    database: str
    bytes_before: int
    bytes_after: int


def compact(path: Path) -> Compacted:
    """Write the database anew and put the new file in the place of the old one.

    Meanwhile nobody can write; a writer that waits goes on with the new file, and a reader that has the old one open
    reads it to its end. It needs as much free space as the new file takes.
    """
    path = Path(os.path.realpath(path))
    with draft(path) as made, held(path) as connection:
        old = path.stat()
        _copy(connection, made)
        place(made, path, like=old)
        time.sleep(_LINGER_SECONDS)
    return Compacted(str(path), old.st_size, path.stat().st_size)


def _copy(connection: DuckDBPyConnection, made: Path) -> None:
    connection.execute("set temp_directory = $1", [str(made.with_name("spilled"))])
    attach(connection, made, "fresh")
    connection.execute("copy from database held to fresh")
    for name in _tables(connection):
        if _count(connection, "held", name) != _count(connection, "fresh", name):
            raise DatabaseError(f"{made.name}: not all of {name} was copied: the old file stays")
    connection.execute("checkpoint fresh")
    connection.execute("detach fresh")
    if write_ahead_logs(made):
        raise DatabaseError(f"{made.name}: was not written to its end: the old file stays")


def _tables(connection: DuckDBPyConnection) -> list[str]:
    found = connection.execute("select table_name from duckdb_tables() where database_name = 'held'").fetchall()
    return [name for (name,) in found]


def _count(connection: DuckDBPyConnection, database: str, table: str) -> int:
    return int(value(connection, f'select count(*) from {database}."{table}"'))  # noqa: S608 - a name of our schema
