"""Retention: deletes what is older than it has to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.database import connect, transaction
from logbounce.erase.counting import Erased, erase

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from duckdb import DuckDBPyConnection

# In this order: a message is kept as long as an attempt of it is, a template as long as it explains one.
_TABLES = ("attempt_rows", "messages", "complaints", "report_rows", "unparsed_lines", "response_templates")


def purge(path: Path, before: dt.datetime, *, dry_run: bool = False) -> list[Erased]:
    """Delete what happened before a time (UTC), or only count it; suppressions and their ledger stay.

    The rows' space is used again by later ones; `compact` gives it back.
    """
    with connect(path, make=False) as connection:
        connection.execute("set variable cutoff = $1::timestamp", [before])
        if dry_run:
            return _tried(connection)
        with transaction(connection):
            return _erase(connection)


def _erase(connection: DuckDBPyConnection) -> list[Erased]:
    return [erase(connection, "purge", table) for table in _TABLES]


def _tried(connection: DuckDBPyConnection) -> list[Erased]:
    connection.execute("begin")
    try:
        return _erase(connection)
    finally:
        connection.execute("rollback")
