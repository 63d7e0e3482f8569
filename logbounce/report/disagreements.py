"""Where the codes, the words and the mail server say different things of a response."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.clock import utc
from logbounce.database import statement

if TYPE_CHECKING:
    import datetime as dt

    from duckdb import DuckDBPyConnection


def disagreements(
    connection: DuckDBPyConnection, since: dt.datetime | None = None
) -> tuple[list[str], list[tuple[object, ...]]]:
    """Return the columns and the rows of `disagreements` since then, what would suppress somebody first."""
    found = connection.execute(statement("report_disagreements"), [since and utc(since)])
    return [column[0] for column in found.description or ()], found.fetchall()
