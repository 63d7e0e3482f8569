"""`logbounce explain`: why an address is suppressed or not, and what happened to the mail to it."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from logbounce.cli import explain_text, output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.errors import Exit
from logbounce.explain import Explained
from logbounce.explain import explain as ask

_Flat = tuple[str, str, str, object]
_SECTIONS = ("suppressions", "decisions", "limits", "bounces", "mail", "rules")


def explain(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Compared without case.")],
    *,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="Messages, and bounces that do not count, at most.")
    ] = 10,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say why an address is suppressed or not, to the log line.

    Every decision with its evidence; where it may be mailed, what counts against it, what does not and why; what became
    of the last messages to it. Exits with 1 if the address is not in the database.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    found = ask(load_settings(config, db).database, address, limit=limit, now=dt.datetime.now(dt.UTC))
    if form is output.Shape.JSON:
        output.document(_document(found))
    elif form is output.Shape.CSV:
        output.table(("section", "key", "metric", "value"), _flat(_document(found)), form)
    elif found.known:
        sys.stdout.writelines(line + "\n" for line in explain_text.lines(found))
    else:
        output.say(f"{found.address}: not in the database")
    raise typer.Exit(Exit.OK if found.known else Exit.NO)


def _document(found: Explained) -> dict[str, Any]:
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


def _flat(document: Mapping[str, Any]) -> Iterator[_Flat]:
    """Yield a row for each value. The first section has what is one; each other counts its keys, `evidence` twice."""
    yield from _metrics("address", "", {name: value for name, value in document.items() if name not in _SECTIONS})
    for section in _SECTIONS:
        for number, row in enumerate(document[section], 1):
            yield from _metrics(section, str(number), {name: row[name] for name in row if name != "evidence"})
            for part, each in enumerate(row.get("evidence", ()), 1):
                yield from _metrics("evidence", f"{number}.{part}", each)


def _metrics(section: str, key: str, row: Mapping[str, object]) -> Iterator[_Flat]:
    return ((section, key, metric, value) for metric, value in row.items())
