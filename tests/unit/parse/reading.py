"""Reads lines as ingest does: detection, carrier, parser."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

from logbounce import database
from logbounce.follow import blocks
from logbounce.parse import EventReader, Reading, arrow_lines, detect

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

LATEST = datetime.fromisoformat("2026-12-01")

Event = dict[str, Any]


def events(*lines: str | bytes, mta: str | None = None, zone: str = "UTC", latest: datetime = LATEST) -> list[Event]:
    """Return what the parser says of the lines, in their order, without what is null."""
    data = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines) + b"\n"
    reading = Reading(detect(data, "a.log", mta), "a", zone, latest)
    connection, reader = _prepared(reading)
    found: list[Event] = []
    for block in blocks(BytesIO(data)):
        reader.read(arrow_lines(block).table)
        result = connection.execute("select * from events order by pos, kind")
        names = [column[0] for column in result.description]
        found += [_given(dict(zip(names, row, strict=True))) for row in result.fetchall()]
    return found


@cache
def _prepared(reading: Reading) -> tuple[DuckDBPyConnection, EventReader]:
    connection = database.memory()
    return connection, EventReader(connection, reading)


def of_kind(kind: str, found: list[Event]) -> list[Event]:
    """Return the events of one kind."""
    return [event for event in found if event["kind"] == kind]


def _given(event: Event) -> Event:
    return {name: value for name, value in event.items() if value is not None}
