"""`logbounce status`: what has been read, and what has not been understood."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.doctor.status import Status, read_status

_COLUMNS = ("source_name", "format", "carrier", "lines_read", "attempts", "noise", "unparsed", "last_time")


def status(as_json: Json = False, as_csv: Csv = False, db: Db = None, config: Config = None) -> None:
    """Say what has been read, and what has not been understood. CSV has the sources alone."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    found = read_status(load_settings(config, db).database)
    if form is output.Shape.JSON:
        output.document(asdict(found))
    elif form is output.Shape.CSV:
        output.table(_COLUMNS, ([source[column] for column in _COLUMNS] for source in found.sources), form)
    else:
        _print(found)


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
