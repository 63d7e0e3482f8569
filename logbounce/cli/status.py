"""`logbounce status`: what has been read, and what has not been understood."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.doctor.status import Status, read_status
from logbounce.doctor.status import accept_gaps as accept
from logbounce.errors import Exit
from logbounce.rules import load_rules

_COLUMNS = ("source_name", "format", "carrier", "lines_read", "attempts", "noise", "unparsed", "lag_bytes", "last_time")
_DETAILS = ("path", "position", "lag_seconds", "files", "committed_at")
MaxLag = Annotated[
    float | None, typer.Option("--max-lag", metavar="SECONDS", min=0, help="Exit with 1 if a source is further behind.")
]
AcceptGaps = Annotated[bool, typer.Option("--accept-gaps", help="Take note of what was lost: it is not told again.")]


def status(
    *,
    max_lag: MaxLag = None,
    accept_gaps: AcceptGaps = False,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say what has been read, and what has not been understood. CSV has the sources alone.

    For monitoring: exits with 1 if lines were lost that could never be read (see --accept-gaps), or a source is too far
    behind its log.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    if accept_gaps:
        accept(settings.database)
    named = [source.name for source in settings.sources]
    found = read_status(settings.database, named, load_rules(settings.rules), max_lag)
    if form is output.Shape.JSON:
        output.document(asdict(found))
    elif form is output.Shape.CSV:
        columns = (*_COLUMNS, *_DETAILS)
        output.table(columns, ([source[column] for column in columns] for source in found.sources), form)
    else:
        _print(found)
    if not found.well(max_lag):
        raise typer.Exit(Exit.NO)


def _print(found: Status) -> None:
    totals = found.totals
    size = f"{found.database_bytes / 1_000_000:.1f} MB"
    _line(f"{found.database}: {size}, schema version {totals['schema_version']}, {totals['attempts']} attempts")
    if found.sources:
        typer.echo()
        rows = (
            [*(source[column] for column in _COLUMNS[:-1]), _second(source["last_time"])] for source in found.sources
        )
        output.table(_COLUMNS, rows, output.Shape.TEXT)
    for source in found.sources:
        if example := source["unparsed_example"]:
            typer.echo()
            _line(f"not understood in {source['source_name']} at {example['source_offset']} ({example['reason']}):")
            _line(f"  {example['line']}")
    for note in found.notes:
        typer.echo()
        _line(note)


def _second(time: dt.datetime | None) -> dt.datetime | None:
    return time and time.replace(microsecond=0)


def _line(text: str) -> None:
    typer.echo(output.visible(text))
