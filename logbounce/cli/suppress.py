"""`logbounce suppress`: the addresses not to mail."""

from __future__ import annotations

from typing import Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.database import connect
from logbounce.errors import Exit
from logbounce.suppress import AddressError, Suppression, as_written, is_suppressed, listing, was_mailed

_CHECKED = ("address", "suppressed", *Suppression._fields[1:])
_SHORT = ("address", "stream", "reason", "category", "bounces", "last_evidence")


def list_suppressed(as_json: Json = False, as_csv: Csv = False, db: Db = None, config: Config = None) -> None:
    """List the addresses not to mail."""
    form = output.shape(as_json=as_json, as_csv=as_csv)
    with connect(load_settings(config, db).database, read_only=True) as connection:
        rows = listing(connection)
        if form is output.Shape.TEXT:
            output.table(_SHORT, ([getattr(row, name) for name in _SHORT] for row in rows), form)
        else:
            output.table(Suppression._fields, rows, form)


def check(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="Compared without case.")],
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say whether an address is suppressed: exit 0 or 1.

    0 when it is, and is not to be mailed; 1 when it is not; 2 when that is no address.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    address = as_written(address)
    with connect(load_settings(config, db).database, read_only=True) as connection:
        found = is_suppressed(connection, address)
        if found is None and "@" not in address and not was_mailed(connection, address):
            raise AddressError(f"{address}: is no address, and nobody of that name was mailed")
    if form is output.Shape.JSON:
        output.document({"address": address, "suppressed": found is not None, "because": found and found._asdict()})
    elif form is output.Shape.CSV:
        row = {"address": address, "suppressed": found is not None, **(found._asdict() if found else {})}
        output.table(_CHECKED, [tuple(map(row.get, _CHECKED))], form)
    elif found:
        typer.echo(output.visible(_sentence(found)))
    else:
        output.say(f"{address}: not suppressed")
    raise typer.Exit(Exit.OK if found else Exit.NO)


def _sentence(row: Suppression) -> str:
    where = f" for the stream {row.stream}" if row.stream else ""
    return f"{row.address}: suppressed{where}: {because(row)}"


def because(row: Suppression) -> str:
    """Return why an address is suppressed, as half a sentence."""
    if row.first_evidence is None or row.last_evidence is None:
        return f"{row.reason}, {row.decided_at:%Y-%m-%d %H:%M} UTC" + (f" ({row.note})" if row.note else "")
    until = f" and {row.last_evidence:%Y-%m-%d %H:%M:%S}" if row.last_evidence != row.first_evidence else ""
    between = f"{'between' if until else 'at'} {row.first_evidence:%Y-%m-%d %H:%M:%S}{until} UTC"
    rule = f", rule {row.rule_id}" if row.rule_id else ""
    return f"{_counted(row)} {between} ({row.category}{rule}{f', policy {row.policy}' if row.policy else ''})"


def _counted(row: Suppression) -> str:
    number = row.bounces or 1
    if row.reason == "complaint":
        return "complaint"
    kind = "" if row.reason == "any" else f"{row.reason} "
    return f"{number} {kind}bounce{'' if number == 1 else 's'}"
