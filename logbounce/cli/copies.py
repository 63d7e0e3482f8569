"""`logbounce backup` and `logbounce publish`: copies of the database."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.publish import Copied
from logbounce.publish import backup as make_backup
from logbounce.publish import publish as make_public

_COLUMNS = ("database", "copy", "bytes")


def backup(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", readable=False, help="Where to write the copy; an older one is replaced.")
    ],
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Copy the database to a file of its own, while `tail` runs: whole, checked, readable by its owner only."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    _print(make_backup(load_settings(config, db).database, file), form)


def publish(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", readable=False, help="The folder to copy into, under the database's name.")
    ],
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Put a copy of the database into a folder for analysts, who read it for as long as they like and block nobody.

    A reader of the last copy reads it to the end. The new copy has the permissions of the one that it replaces.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    _print(make_public(load_settings(config, db).database, folder), form)


def _print(copied: Copied, form: output.Shape) -> None:
    output.table(_COLUMNS, [(copied.database, copied.copy, copied.bytes)], form)
