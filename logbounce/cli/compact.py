"""`logbounce compact`: a smaller file of the same rows."""

from __future__ import annotations

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.database import compact as make_compact

_COLUMNS = ("database", "bytes_before", "bytes_after")


def compact(as_json: Json = False, as_csv: Csv = False, db: Db = None, config: Config = None) -> None:
    """Write the database anew, without the room of what was deleted, while `tail` waits."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    done = make_compact(load_settings(config, db).database)
    output.table(_COLUMNS, [(done.database, done.bytes_before, done.bytes_after)], form)
