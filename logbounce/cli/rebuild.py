"""`logbounce rebuild`: a new database from the logs."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.cli import ingest as reading
from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.errors import InputError
from logbounce.rebuild import Rebuilding, logs_of, rebuilding

if TYPE_CHECKING:
    from logbounce.ingest import Ingested
    from logbounce.settings import Settings

_COLUMNS = ("file", "format", "carrier", "lines", "attempts", "new", "unparsed", "noise", "suppressed")


def rebuild(
    files: Annotated[
        list[str] | None,
        typer.Argument(metavar="[FILE]...", help="The logs (default: all of the settings' sources, rotated ones too)."),
    ] = None,
    *,
    wanted: reading.Format = None,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Make the database again from the logs, beside the old one, which it replaces when all of them are read.

    What no log tells is kept: what people decided, decisions whose lines are gone, gaps. The old one stays as NAME.old.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    paths = list(dict.fromkeys(files)) if files else logs_of(settings)
    rows = [tuple(vars(result).values()) for result in _rebuild(settings, paths, wanted)]
    if form is not output.Shape.TEXT:
        output.table(_COLUMNS, rows, form)
    elif sys.stderr.isatty():
        output.table(_COLUMNS, rows, form, sys.stderr)


def _rebuild(settings: Settings, paths: list[str], wanted: str | None) -> list[Ingested]:
    bad: list[str] = []
    good = reading.readable(settings, paths, wanted, bad)
    if bad or not good:
        raise InputError(_unread(bad))
    with rebuilding(settings.database) as new:
        results = reading.run(replace(settings, database=new.draft), good, wanted, bad)
        if bad:
            raise InputError(_unread(bad))
        new.finish()
    _tell(new)
    return results


def _tell(new: Rebuilding) -> None:
    if new.unkept:
        output.say(f"logbounce: {new.unkept}")
    if new.forgotten:
        output.say(
            f"{new.forgotten} addresses were forgotten, and what the logs say of them is back: forget them again"
        )
    if new.old:
        output.say(f"the old database is {new.old}: delete it when the new one is as it should be")


def _unread(bad: list[str]) -> str:
    what = f"not read: {', '.join(bad)}" if bad else "there is nothing in the logs"
    return f"{what}: nothing is rebuilt, and the database is as it was"
