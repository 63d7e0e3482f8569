"""One block of lines into rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from logbounce.allocator import give_back
from logbounce.database import records, statement, value
from logbounce.load import names

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.parse import Parsed


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
    _take(connection, parsed)
    (counts,) = records(connection, "load_counts")
    if counts["foreign_names"]:
        names.to_ascii(connection)
    if counts["repeated"] or _stored(connection, counts):
        connection.execute(statement("load_repeats"))
    _messages(connection, own=counts["own"])
    new = _attempts(connection, counts)
    if counts["other"]:
        connection.execute(statement("load_rest"))
    noise = max(parsed.lines - counts["understood"], 0)
    return Loaded(
        parsed.lines, counts["attempts"], new, counts["unparsed"], noise, counts["first_time"], counts["last_time"]
    )


def _take(connection: DuckDBPyConnection, parsed: Parsed) -> None:
    """Put the events into tables, which the steps to come can change."""
    connection.register("parsed_events", parsed.attempts)
    connection.register("parsed_facts", parsed.facts)
    connection.execute(statement("load_take"))
    connection.unregister("parsed_events")
    connection.unregister("parsed_facts")
    for pos, text in parsed.overlong:
        connection.execute(statement("load_overlong"), {"pos": pos, "line": text})


def _stored(connection: DuckDBPyConnection, counts: dict[str, Any]) -> bool:
    """Tell whether an attempt of the block is in the database already."""
    return bool(value(connection, statement("load_stored"), [counts["first_time"], counts["last_time"]]))


def _messages(connection: DuckDBPyConnection, *, own: bool) -> None:
    """Store what the block says of messages; `known_messages` is then what is known of them."""
    connection.execute(statement("load_block_messages"))
    if not own and value(connection, "select count(*) = 0 from block_messages"):
        connection.execute(statement("load_no_messages"))  # PowerMTA and KumoMTA say all they know in each line
        return
    if value(connection, statement("load_stored_messages")):
        connection.execute(statement("load_twins"))
    if value(connection, "select coalesce(bool_or(reused), false) from block_messages"):
        connection.execute(statement("load_reused"))
    if own:
        connection.execute(statement("load_told"))
    connection.execute(statement("load_messages"))
    if value(connection, statement("load_parted")):
        connection.execute(statement("load_part"))
    if own:
        connection.execute(statement("load_told_late"))
    if value(connection, statement("load_adopted")):
        connection.execute(statement("load_adopt"))
    if value(connection, statement("load_hops")):
        connection.execute(statement("load_hops_set"))


def _attempts(connection: DuckDBPyConnection, counts: dict[str, Any]) -> int:
    """Store the attempts of the block; return how many there were."""
    connection.execute(statement("load_attempts"))
    connection.execute(statement("load_store"))
    _overtaken(connection, counts)
    if value(connection, statement("load_piped")):
        connection.execute(statement("load_handed_back"))
    if counts["expired"]:
        connection.execute(statement("load_expired"))
    return int(value(connection, "select count(*) from block_attempts"))


def _overtaken(connection: DuckDBPyConnection, counts: dict[str, Any]) -> None:
    """Join what the block says with what was said later, there or in newer lines that were read before."""
    connection.execute("set variable block_first = $1::timestamp", [counts["first_time"]])
    (said,) = records(connection, "load_overtaken")
    if said["reported"]:
        connection.execute(statement("load_later_reports"))
    if said["given_up"]:
        connection.execute(statement("load_late_tries"))


def provisional(connection: DuckDBPyConnection) -> list[int]:
    """Return the ids of what the block just loaded has put in, to be dropped when its line is read on."""
    return [row[0] for row in connection.execute(statement("load_provisional")).fetchall()]


def forget_provisional(connection: DuckDBPyConnection, ids: list[int]) -> int:
    """Drop what was read of a line that was not yet whole; return how many attempts that were."""
    if not ids:
        return 0
    connection.execute("set variable forgotten = $1", [ids])
    return int(value(connection, statement("load_forget")))


def done(connection: DuckDBPyConnection) -> None:
    """Give back the memory of a block that is stored."""
    connection.execute(statement("load_done"))
    give_back()
