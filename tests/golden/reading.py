"""Reads logs as `logbounce parse` does, with what depends on the machine held fast."""

from __future__ import annotations

import dataclasses
import functools
import json
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbounce import shipped
from logbounce.database import memory
from logbounce.follow import blocks, open_log
from logbounce.ingest.inspect import reading_of
from logbounce.parse import EventReader, arrow_lines, formats
from logbounce.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

GOLDEN = Path(__file__).parent
PARSERS = sorted(formats())
# A zone with an offset, and summer time; and a day that the samples without a year come before, whenever they are read.
SETTINGS = Settings(database=Path("unused.duckdb"), timezone="Europe/Berlin")
LATEST = datetime(2026, 12, 1)  # noqa: DTZ001 - UTC without a zone

Event = dict[str, Any]


def samples(parser: str | None = None) -> list[Path]:
    """Return the sample logs, or those of one parser: NAME.log, NAME-more.log, NAME_more.csv.gz."""
    found = sorted(path for path in shipped.sample_logs().iterdir() if path.is_file())
    return [path for path in found if parser is None or belongs(path.name, parser)]


def belongs(file: str, parser: str) -> bool:
    """Return whether a sample is a parser's."""
    return file.startswith(parser) and file[len(parser) :].startswith((".", "-", "_"))


@contextmanager
def parsed(path: Path) -> Iterator[DuckDBPyConnection]:
    """Give a connection on which the log has been read: a view `events`, and what made it."""
    with memory() as connection:
        parse(connection, path, SETTINGS)
        yield connection


def parse(connection: DuckDBPyConnection, path: Path, settings: Settings) -> None:
    """Make the view `events` of a log."""
    with open_log(str(path)) as log:
        reading = dataclasses.replace(reading_of(log, settings, None), latest=LATEST)
        (block,) = blocks(log.stream)  # a sample is no longer than a block
        EventReader(connection, reading).read(arrow_lines(block).table)


def events(connection: DuckDBPyConnection) -> list[Event]:
    """Return the events, each without the columns that it leaves empty, in the order of the lines."""
    result = connection.execute("select * from events order by pos, kind, recipient, line_id")
    names = [column[0] for column in result.description]
    rows = result.fetchall()
    return [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in rows]


def events_in(path: Path, text: str | bytes, settings: Settings = SETTINGS) -> list[Event]:
    """Write a log and return what is read of it."""
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    connection = _used_again()
    parse(connection, path, settings)
    return events(connection)


@functools.cache
def _used_again() -> DuckDBPyConnection:
    """Return a connection for many small logs: a new one takes longer than to read them."""
    return memory()


# What load takes a missing value for, so that it need not be told.
USUAL = {
    "use": 0,
    "host": "",
    "repeats": 1,
    "asynchronous": False,
    "suspended": False,
    "begins": False,
    "closes": False,
}
# The line's place and hash change with every edit of a sample.
MOVING = {"pos", "line_id"}


def as_json(event: Event) -> str:
    """Return the line of a golden file."""
    shown = {name: _plain(value) for name, value in event.items() if name not in MOVING and USUAL.get(name) != value}
    return json.dumps(shown, ensure_ascii=False)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return round(value, 6) if isinstance(value, float) else value
