"""`logbounce query`: one SELECT, any shape."""

from __future__ import annotations

from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.database.query import select


def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One SELECT, in DuckDB's SQL.")],
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Run one read-only SQL query."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    with select(load_settings(config, db).database, sql) as result:
        output.table(result.columns, result.rows, form)
