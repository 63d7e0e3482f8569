"""`logbounce purge` and `logbounce forget`: what is not to be kept any longer."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce import erase
from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings

if TYPE_CHECKING:
    from logbounce.erase import Erased


def purge(
    keep: Annotated[str, typer.Option("--keep", metavar="TIME", help="Days, weeks or years: 400d, 26w, 2y.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be deleted.")] = False,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Delete what is older: attempts, messages, complaints, lines not understood, responses that nothing has any more.

    Suppressions stay, with the ledger. A log of that time that is read again brings its rows back.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    settings = load_settings(config, db)
    before = erase.cutoff(keep, dt.datetime.now(dt.UTC))
    _print(erase.purge(settings.database, before, dry_run=dry_run), form)


def forget(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Compared without case.")],
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Erase a person from the database and its file. Where mail to them is stopped, it stays so.

    The logs, and the copies that `backup` and `publish` made, are not touched.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    _print(erase.forget(load_settings(config, db).database, address), form)


def _print(erased: list[Erased], form: output.Shape) -> None:
    output.table(("table", "rows"), erased, form)
