"""One block of lines into rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.database import statement
from logbounce.load import names

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.parse import Parsed

# In this order: each reads what those before it made.
_CORRELATE = ("load_attempts", "load_expired", "load_rest")


@dataclass(frozen=True)
class Loaded:
    """What one block held: `attempts` counts what was read, `new` what was not stored before; times are UTC."""

    lines: int
    attempts: int
    new: int
    unparsed: int
    noise: int
    first_time: datetime | None
    last_time: datetime | None


def prepare(connection: DuckDBPyConnection, format_name: str, source_name: str) -> None:
    """Get a connection ready for the blocks of one source."""
    connection.execute(statement("load_macros"))
    connection.execute("set variable format = $1", [format_name])
    connection.execute("set variable source_name = $1", [source_name])


def load_block(connection: DuckDBPyConnection, parsed: Parsed, *, whole_lines: bool = True) -> Loaded:
    """Insert what a block says, within the caller's transaction; `prepare` came first.

    `whole_lines` is false for a last line that may still be written on.
    """
    connection.execute("set variable whole_lines = $1", [whole_lines])
    connection.register("parsed_events", parsed.events)
    connection.execute("create or replace temp table events as from parsed_events")
    connection.unregister("parsed_events")
    for pos, text in parsed.overlong:
        connection.execute(statement("load_overlong"), {"pos": pos, "line": text})
    attempts, unparsed, understood, first_time, last_time = _one(connection, statement("load_counts"))
    names.to_ascii(connection)
    for step in ("load_repeats", "load_block_messages"):
        connection.execute(statement(step))
    (reused,) = _one(connection, "select coalesce(bool_or(reused), false) from block_messages")
    if reused:
        connection.execute(statement("load_reused"))
    connection.execute(statement("load_messages"))
    (adopted,) = _one(connection, statement("load_adopted"))
    if adopted:
        connection.execute(statement("load_adopt"))
    for step in _CORRELATE:
        connection.execute(statement(step))
    (new,) = _one(connection, "select count(*) from block_attempts")
    return Loaded(parsed.lines, attempts, new, unparsed, max(parsed.lines - understood, 0), first_time, last_time)


def provisional(connection: DuckDBPyConnection) -> list[int]:
    """Return the ids of what the block just loaded has put in, to be dropped when its line is read on."""
    return [row[0] for row in connection.execute(statement("load_provisional")).fetchall()]


def forget_provisional(connection: DuckDBPyConnection, ids: list[int]) -> int:
    """Drop what was read of a line that was not yet whole; return how many attempts that were."""
    if not ids:
        return 0
    connection.execute("set variable forgotten = $1", [ids])
    (count,) = _one(connection, statement("load_forget"))
    return int(count)


def _one(connection: DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = connection.execute(sql).fetchone()
    if row is None:
        raise AssertionError("an aggregate has one row")
    return row
