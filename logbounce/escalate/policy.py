"""Applies the policy to addresses of which something new is known, or which other rules judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.clock import utc, utc_now
from logbounce.database import statement
from logbounce.escalate.ledger import append

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

# From what counts against whom to the table `decisions`.
_DECIDE = ("escalate_count", "escalate_candidates", "escalate_runs", "escalate_decide")


def escalate(connection: DuckDBPyConnection, now: datetime | None = None) -> int:
    """Append to the suppression ledger whom the policy suppresses; return how many were appended.

    Judges the addresses in the temp table touched_addresses(address), or every address where there is no such table.
    """
    everyone = not _has_touched(connection)
    if everyone:
        connection.execute(statement("escalate_everyone"))
    for step in ("escalate", "escalate_settled", *_DECIDE):
        connection.execute(statement(step))
    appended = append(connection, "escalate_append", "decisions", utc(now) if now else utc_now(), None)
    connection.execute(statement("escalate_done"))
    if everyone:
        connection.execute("drop table temp.touched_addresses")
    return appended


def judge_again(connection: DuckDBPyConnection, decided_at: datetime, note: str) -> None:
    """Release whom the policy does not suppress any more, and suppress whom it does now; UTC without a zone.

    Judges the temp table touched_addresses(address), after classes have changed, and with them the policies of the temp
    table changed_streams(stream). The variables doubt_from and doubt_to bound the suppressions that may be released.
    """
    for step in ("escalate", "escalate_doubts", *_DECIDE, "escalate_weigh"):
        connection.execute(statement(step))
    append(connection, "escalate_release", "releases", decided_at, note)
    append(connection, "escalate_append", "decisions", decided_at, note)
    connection.execute(statement("escalate_done"))


def weigh(connection: DuckDBPyConnection, now: datetime) -> None:
    """Go through the policy's steps for touched_addresses and write nothing: what counts against whom at `now`, in UTC.

    Leaves temp tables: `unreleased` and `tallied` (what became of each bounce), `limits`, `decisions` (who would be
    suppressed if it were judged now), and the macro stream_of(sender).
    """
    for step in (
        *("escalate", "escalate_unreleased", "escalate_settled"),
        *("escalate_count", "escalate_all_candidates", "escalate_runs", "escalate_decide"),
    ):
        connection.execute(statement(step))
    connection.execute(statement("escalate_tally"), {"now": utc(now)})


def _has_touched(connection: DuckDBPyConnection) -> bool:
    found = "select 1 from duckdb_tables() where temporary and table_name = 'touched_addresses'"
    return connection.execute(found).fetchone() is not None
