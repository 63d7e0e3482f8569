"""`logbounce fetch`: bounce messages from mailboxes."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Db, Json, load_settings
from logbounce.errors import Exit, SettingsError
from logbounce.mailbox import Tried, try_out
from logbounce.settings import Mailbox, Settings, local

if TYPE_CHECKING:
    from collections.abc import Sequence

Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME|PATH]...", help="Mailboxes of the settings, Maildirs, mbox files (default: all)."),
]
Test = Annotated[bool, typer.Option("--test", help="Log in, count, read one message; store and change nothing.")]


def fetch(
    names: Names = None,
    test: Test = False,
    as_json: Json = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Read the mailboxes of the settings.

    With --test: say for each whether it can be reached, entered and read, and what would be done; exit 8 if one cannot.
    """
    if not test:
        raise typer.BadParameter("this version can only try mailboxes out: add --test")
    settings = load_settings(config, db)
    _try(_accounts(settings, names or []), as_json=as_json)


def _accounts(settings: Settings, names: Sequence[str]) -> list[Mailbox]:
    """Return the accounts that were named, or all."""
    known = {account.name: account for account in settings.mailboxes}
    if not names and not known:
        raise SettingsError(f"{settings.file or 'logbounce.yaml'}: has no mailboxes; docs/mailboxes.md shows one")
    return [_account(known, name) for name in names] if names else list(known.values())


def _account(known: dict[str, Mailbox], name: str) -> Mailbox:
    if name in known:
        return known[name]
    if Path(name).exists():
        return local(Path(name))
    has = ", ".join(known) or "none"
    raise SettingsError(f"no mailbox '{name}' in the settings (they have: {has}), and no Maildir or mbox of that name")


def _try(accounts: Sequence[Mailbox], *, as_json: bool) -> None:
    tried = [try_out(account) for account in accounts]
    if as_json:
        output.document([asdict(one) for one in tried])
    for one in tried:
        if one.failure:
            output.say(f"logbounce: {one.failure}")
        elif not as_json:
            _print(one)
    if any(one.failure for one in tried):
        raise typer.Exit(Exit.MAILBOX)


def _print(tried: Tried) -> None:
    folder = f" in {tried.folder}" if tried.folder else ""
    lines = [f"{tried.name}: {tried.protocol} {tried.where} ({tried.manner}): {tried.messages} messages{folder}"]
    if sample := tried.sample:
        lines.append(f"  read: {sample.bytes} bytes from {sample.sender or 'nobody'}: {sample.subject or 'no subject'}")
    lines += [f"  would: {line}" for line in tried.would]
    for line in lines:
        typer.echo(output.visible(line))
