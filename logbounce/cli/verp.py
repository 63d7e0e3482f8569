"""`logbounce verp`: envelope senders that prove a bounce."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Json, UnopenedDb, lacking, load_settings
from logbounce.errors import Exit

if TYPE_CHECKING:
    from logbounce.verp import Signer

Recipients = Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="Whom the message is for.")]
Senders = Annotated[list[str], typer.Argument(metavar="ADDRESS...", help="What a bounce was sent to.")]


def sign(
    recipients: Recipients,
    *,
    as_json: Json = False,
    as_csv: Csv = False,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Print the envelope sender for a message to an address, one a line: a bounce to it is proved.

    `verp:` in the settings names domain and secrets. An address that does not fit (RFC 5321: 64 octets) is an error.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    signer = _signer(config, db)
    today = datetime.now(UTC).date()
    try:
        signed = [(recipient, signer.sign(recipient, today)) for recipient in recipients]
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    if form is not output.Shape.TEXT:
        output.table(("recipient", "address"), signed, form)
        return
    for _, address in signed:
        typer.echo(output.visible(address))


def check(
    addresses: Senders,
    *,
    as_json: Json = False,
    as_csv: Csv = False,
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Say whether an address is one that sign made: exit 0 or 1.

    Prints for whom it was made, and till when it is good.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    signer = _signer(config, db)
    today = datetime.now(UTC).date()
    found = [(address, signer.check(address, today)) for address in addresses]
    rows = [(address, proof.verdict.value, proof.recipient, proof.expires) for address, proof in found]
    output.table(("address", "verdict", "recipient", "expires"), rows, form)
    if any(verdict != "good" for _, verdict, _, _ in rows):
        raise typer.Exit(Exit.NO)


def _signer(config: Config, db: UnopenedDb) -> Signer:
    from logbounce.verp import Signer  # noqa: PLC0415 - its room imports nothing that `--help` needs

    settings = load_settings(config, db)
    if settings.verp is None:
        raise lacking(settings, "no section `verp:`, which names domain and keys")
    return Signer.of(settings.verp)
