"""The chain of views from the lines of a block to its events: lines → carried → logged → events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from logbounce.database import statement
from logbounce.parse import parsers
from logbounce.parse.clock import last_set_back

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.parse.detect import Detected


@dataclass(frozen=True)
class Reading:
    """What a parser must be told beside the lines.

    `zone` (IANA) is for stamps that have none and `latest` for those without a year; `columns` are a CSV file's.
    """

    detected: Detected
    source_name: str
    zone: str
    latest: datetime
    host: str | None = None
    columns: tuple[str, ...] | None = None


def prepare(connection: DuckDBPyConnection, reading: Reading) -> None:
    """Make the views that `read_lines` runs: block_lines → (unwrapped) lines → carried → logged → parsed → events."""
    _set_variables(connection, reading)
    connection.execute(statement("carriers"))
    connection.register("block_lines", _NOTHING)
    _view(connection, "lines", "select * from block_lines")
    for wrapper in reading.detected.wrappers:
        _unwrap(connection, wrapper)
    _view(connection, "carried", parsers.carriers()[reading.detected.carrier].sql)
    *macros, select = connection.extract_statements(parsers.formats()[reading.detected.format].sql)
    for macro in macros:
        connection.execute(macro)
    connection.execute(statement("kept_lines"))
    _view(connection, "logged", statement("logged"))
    _view(connection, "parsed", select.query)
    _view(connection, "events", statement("events"))


def read_lines(
    connection: DuckDBPyConnection, lines: pa.Table, reading: Reading, seen: datetime | None = None
) -> pa.Table:
    """Put one block of lines (`pos` BIGINT, `line` VARCHAR) before the view `events`; return what it then holds.

    Its columns: sql/events.sql. `seen` is the latest time (UTC) of the lines before the block: it tells the second pass
    of an hour that came twice.
    """
    connection.register("block_lines", lines)
    _keep(connection, _NEVER)
    events = _events(connection)
    twice = last_set_back(reading.zone, reading.latest)
    if twice is None or not _any_between(events["event_time"], twice.utc_from, twice.utc_from + twice.by):
        return events
    bounds = {"utc_from": twice.utc_from, "utc_to": twice.utc_from + twice.by, "seen": seen}
    row = connection.execute(statement("set_back"), bounds).fetchone()
    if row is None or row[0] is None:
        return events
    _keep(connection, row[0])
    return _events(connection)


def _events(connection: DuckDBPyConnection) -> pa.Table:
    return connection.execute("from events").to_arrow_table()


def _any_between(times: pa.ChunkedArray, first: datetime, end: datetime) -> bool:
    return bool(pc.any(pc.and_(pc.greater_equal(times, first), pc.less(times, end))).as_py())


def _keep(connection: DuckDBPyConnection, first_pass_ends: int) -> None:
    connection.execute("set variable first_pass_ends = $1", [first_pass_ends])
    connection.execute(statement("kept_lines"))


_NEVER = 2**62  # no byte of a log is that far
_NOTHING = pa.table({"pos": pa.array([], pa.int64()), "line": pa.array([], pa.large_string())})


def _view(connection: DuckDBPyConnection, name: str, select: str) -> None:
    """Name a SELECT of ours: the text is a shipped file's, never a user's or a log's."""
    connection.execute(f"create or replace temp view {name} as {select.rstrip().rstrip(';')}")


def _unwrap(connection: DuckDBPyConnection, wrapper: str) -> None:
    """Put the content of wrapped lines in the place of `lines`."""
    _view(connection, "wrapped_lines", "select * from block_lines")
    _view(connection, "lines", parsers.carriers()[wrapper].sql.replace("from lines", "from wrapped_lines"))


def _set_variables(connection: DuckDBPyConnection, reading: Reading) -> None:
    twice = last_set_back(reading.zone, reading.latest)
    values = {
        "zone": reading.zone,
        "latest": reading.latest + timedelta(days=1),  # a clock that is a little ahead is not a year behind
        "format": reading.detected.format,
        "source_name": reading.source_name,
        "host": reading.host,
        "columns": list(reading.columns or ()),
        "repeated_from": twice.local_from if twice else None,
        "repeated_to": twice.local_to if twice else None,
        "repeated_by": twice.by if twice else None,
        "first_pass_ends": _NEVER,
    }
    for name, value in values.items():
        connection.execute(f"set variable {name} = $1", [value])
