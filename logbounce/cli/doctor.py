"""`logbounce doctor`: what is wrong here, why it matters, and what mends it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json
from logbounce.doctor.examine import Examination, examine
from logbounce.errors import Exit


def doctor(
    files: Annotated[list[str] | None, typer.Argument(metavar="[FILE]...", help="Logs to look at too.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say what is wrong here, and what mends it: exit 1 when anything is."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    done = examine(config, db, files or [])
    if form is output.Shape.JSON:
        output.document(asdict(done))
    elif form is output.Shape.CSV:
        output.table(("what", "why", "mend"), ((f.what, f.why, f.mend) for f in done.findings), form)
    else:
        _print(done)
    if done.findings:
        raise typer.Exit(Exit.NO)


def _print(done: Examination) -> None:
    for subject in done.healthy:
        typer.echo(output.visible(f"ok     {subject}"))
    for finding in done.findings:
        typer.echo(output.visible(f"WRONG  {finding.what}"))
        typer.echo(output.visible(f"       why:  {finding.why}"))
        typer.echo(output.visible(f"       mend: {finding.mend}"))
