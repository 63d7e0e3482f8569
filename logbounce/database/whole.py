"""Whether all of a database can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb

from logbounce.database import refusals
from logbounce.database.connection import connect

if TYPE_CHECKING:
    from pathlib import Path


def read_through(path: Path, shown: Path) -> None:
    """Read every column of every table, whose blocks have checksums; DatabaseError, which names `shown`, on damage."""
    with connect(path, read_only=True) as connection:
        try:
            for (table,) in connection.execute("select table_name from duckdb_tables() where not internal").fetchall():
                connection.execute(f'select bit_xor(hash(t)) from "{table}" as t').fetchall()  # noqa: S608 - a name of our schema
        except duckdb.Error as error:
            raise refusals.damaged(str(shown), error) from error
