"""From the lines of a block to its events, in one statement that is planned once: lines → carried → logged → events."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from logbounce.database import statement
from logbounce.parse import parsers
from logbounce.parse.clock import set_backs

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.parse.clock import SetBack
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


class EventReader:
    """Reads the events of one log, a block after the other, on a connection of its own.

    To plan the statement takes as long as to run it over some thousand lines, so nothing that it was made of may change
    from one block to the next: no table, no view.
    """

    def __init__(self, connection: DuckDBPyConnection, reading: Reading) -> None:
        """Make the views that lead from the lines of a block to its events, and plan them."""
        self._connection = connection
        self._reading = reading
        self._block = _Block()
        _set_variables(connection, reading)
        connection.execute(statement("carriers"))
        connection.register("block_lines", self._block)
        _view(connection, "lines", "select * from block_lines")
        for wrapper in reading.detected.wrappers:
            _unwrap(connection, wrapper)
        _view(connection, "carried", parsers.carriers()[reading.detected.carrier].sql)
        *macros, select = connection.extract_statements(parsers.formats()[reading.detected.format].sql)
        for macro in macros:
            connection.execute(macro)
        _view(connection, "events", events_select(select.query))
        self._plan([])

    def read(self, lines: pa.Table, seen: datetime | None = None) -> pa.Table:
        """Return the events of one block of lines (`pos` BIGINT, `line` VARCHAR); columns: sql/events.sql.

        `seen` is the latest time (UTC) of the lines before the block: it tells the second pass of an hour that came
        twice. The view `events` goes on reading this block.
        """
        self._block.table = lines
        if self._first_passes:
            self._plan([])
        events = self._events()
        changes = self._set_backs(events["event_time"])
        if not changes:
            return events
        self._plan([_first_pass(change, _NEVER) for change in changes])
        self._plan([_first_pass(change, self._second_pass(change, seen)) for change in changes])
        return self._events()

    def forget(self) -> None:
        """Let go of the lines of the block."""
        self._block.table = _NOTHING

    def _events(self) -> pa.Table:
        return self._connection.execute("execute read_events").to_arrow_table(_ROWS)

    def _set_backs(self, times: pa.ChunkedArray) -> list[SetBack]:
        """Return the changes that repeated an hour of which the block has lines: they were read as its second pass."""
        years = pc.unique(pc.year(times)).drop_null().to_pylist()
        changes = set_backs(self._reading.zone, years)
        return [change for change in changes if _any_between(times, change.utc, change.utc + change.by)]

    def _second_pass(self, change: SetBack, seen: datetime | None) -> int:
        """Return where the second pass of an hour begins, while all of it is read as its first."""
        bounds = {"utc": change.utc, "by": change.by, "seen": seen}
        row = self._connection.execute(statement("set_back"), bounds).fetchone()
        return _NEVER if row is None or row[0] is None else row[0]

    def _plan(self, first_passes: list[dict[str, object]]) -> None:
        """Plan anew for other first passes of hours that came twice: a plan holds variables' values."""
        self._first_passes = first_passes
        self._connection.execute("set variable first_passes = $1", [first_passes or None])
        self._connection.execute("prepare read_events as from events")


class _Block:
    """The lines of the block that is being read: an object whose content may change (Arrow's PyCapsule interface)."""

    def __init__(self) -> None:
        self.table = _NOTHING

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)


def events_select(select: str) -> str:
    """Return the SELECT of the events, where `select` is a parser's."""
    parts = {name: statement(name) for name in ("kept_lines", "logged", "events")}
    return statement("events_from").format(parsed=_bare(select), **parts)


def _first_pass(change: SetBack, ends: int) -> dict[str, object]:
    """Return an hour of local time that came twice, for local_to_utc: before the byte `ends` it is the first."""
    return {"local_from": change.local_from, "local_to": change.local_to, "by": change.by, "ends": ends}


def _any_between(times: pa.ChunkedArray, first: datetime, end: datetime) -> bool:
    return bool(pc.any(pc.and_(pc.greater_equal(times, first), pc.less(times, end))).as_py())


_ROWS = 8192  # in a batch: a buffer that is full becomes twice as large, so large batches leave large holes in memory
_NEVER = 2**62  # no byte of a log is that far
_NOTHING = pa.table({"pos": pa.array([], pa.int64()), "line": pa.array([], pa.large_string())})


def _bare(select: str) -> str:
    return select.rstrip().rstrip(";")


def _view(connection: DuckDBPyConnection, name: str, select: str) -> None:
    """Name a SELECT of ours: the text is a shipped file's, never a user's or a log's."""
    connection.execute(f"create or replace temp view {name} as {_bare(select)}")


def _unwrap(connection: DuckDBPyConnection, wrapper: str) -> None:
    """Put the content of wrapped lines in the place of `lines`."""
    _view(connection, "wrapped_lines", "select * from block_lines")
    _view(connection, "lines", parsers.carriers()[wrapper].sql.replace("from lines", "from wrapped_lines"))


def _set_variables(connection: DuckDBPyConnection, reading: Reading) -> None:
    values = {
        "zone": reading.zone,
        "latest": reading.latest + timedelta(days=1),  # a clock that is a little ahead is not a year behind
        "format": reading.detected.format,
        "source_name": reading.source_name,
        "host": reading.host,
        "columns": list(reading.columns or ()),
        "first_passes": None,
    }
    for name, value in values.items():
        connection.execute(f"set variable {name} = $1", [value])
