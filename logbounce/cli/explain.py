"""`logbounce explain`: why an address is suppressed or not, and what happened to the mail to it."""

from __future__ import annotations

import datetime as dt
import sys
from typing import Annotated

import typer

from logbounce.cli import explain_text, output
from logbounce.cli.options import Config, Db, Json, load_settings
from logbounce.errors import Exit
from logbounce.explain import Explained
from logbounce.explain import explain as ask


def explain(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Compared without case.")],
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="Messages, and bounces that do not count, at most.")
    ] = 10,
    as_json: Json = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say why an address is suppressed or not, to the log line.

    Every decision with its evidence; where it may be mailed, what counts against it, what does not and why; what became
    of the last messages to it. Exits with 1 if the address is not in the database.
    """
    found = ask(load_settings(config, db).database, address, limit=limit, now=dt.datetime.now(dt.UTC))
    if as_json:
        output.document(_document(found))
    elif found.known:
        sys.stdout.writelines(line + "\n" for line in explain_text.lines(found))
    else:
        output.say(f"{found.address}: not in the database")
    raise typer.Exit(Exit.OK if found.known else Exit.NO)


def _document(found: Explained) -> dict[str, object]:
    standing = [{key: value for key, value in row.items() if key != "evidence"} for row in found.in_force]
    return {
        "address": found.address,
        "known": found.known,
        "suppressed": bool(found.in_force),
        "suppressions": standing,
        "decisions": found.decisions,
        "limits": found.limits,
        "bounces": found.bounces,
        "bounces_left_out": found.left_out,
        **found.summary,
        "mail": found.mail,
        "rules": found.rules,
    }
