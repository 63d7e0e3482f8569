"""What was read of a file, its rows and how far it was read, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce import load
from logbounce.database import statement, transaction
from logbounce.ingest import reports

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.load import Loaded
    from logbounce.parse import Parsed


def commit(
    connection: DuckDBPyConnection, parsed: Parsed, start: Checkpoint, at: Checkpoint, *, growing: bool
) -> tuple[Checkpoint, Loaded, int]:
    """Store a block; return the checkpoint after it, what it held, and how many provisional attempts it replaced.

    `start` is the stored checkpoint, `at` the same one as of now. In a `growing` file, a last line without an end may
    still get one.
    """
    whole = parsed.block.ended or not growing
    with transaction(connection):
        forgotten = load.forget_provisional(connection, at.provisional)
        loaded = load.load_block(connection, parsed, whole_lines=whole)
        if whole:  # nobody is judged on a line that may say something else when it is complete
            connection.execute(statement("ingest_touched"))
            reports.match_block(connection)
        provisional = [] if parsed.block.ended else load.provisional(connection)
        after = at.after(parsed.block, loaded, provisional)
        after.save(connection, start)
    load.done(connection)
    return after, loaded, forgotten
