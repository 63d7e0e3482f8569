"""Applies the policy to addresses of which something new is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.clock import utc, utc_now
from logbounce.database import statement

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection


def escalate(connection: DuckDBPyConnection, now: datetime | None = None) -> int:
    """Append to the suppression ledger whom the policy suppresses; return how many were appended.

    Judges the addresses in the temp table touched_addresses(address), or every address where there is no such table.
    """
    everyone = not _has_touched(connection)
    if everyone:
        connection.execute(statement("escalate_everyone"))
    decided_at = utc(now) if now else utc_now()
    appended = connection.execute(statement("escalate"), [decided_at]).fetchone()
    connection.execute(statement("escalate_done"))
    if everyone:
        connection.execute("drop table temp.touched_addresses")
    return int(appended[0]) if appended else 0


def _has_touched(connection: DuckDBPyConnection) -> bool:
    found = "select 1 from duckdb_tables() where temporary and table_name = 'touched_addresses'"
    return connection.execute(found).fetchone() is not None
