"""`logbounce fetch`: bounce messages from mailboxes."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, lacking, load_settings
from logbounce.errors import Exit, MailboxError, SettingsError
from logbounce.mailbox import Tried, try_out
from logbounce.settings import Mailbox, Settings, local

if TYPE_CHECKING:
    from collections.abc import Sequence

_COLUMNS = ("mailbox", "messages", "reports", "proved", "unreadable", "suppressed", "left_out")
_PATIENCE_SECONDS = 60.0
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="[NAME|PATH]...", help="Mailboxes of the settings, Maildirs, mbox files (default: all)."),
]
Test = Annotated[bool, typer.Option("--test", help="Log in, count, read one message; store and change nothing.")]


def fetch(
    names: Names = None,
    *,
    test: Test = False,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Read the bounce messages of mailboxes: those of the settings, or those that are named.

    Nothing is moved or deleted before its rows are committed. With --test: say for each whether it can be reached,
    entered and read, and what would be done. Exit code 8: a mailbox cannot be read.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    if test and form is output.Shape.CSV:
        raise typer.BadParameter("--test prints text or --json")
    settings = load_settings(config, db)
    accounts = _accounts(settings, names or [])
    if test:
        _try(accounts, as_json=as_json)
    else:
        _fetch(settings, accounts, form)


def _fetch(settings: Settings, accounts: Sequence[Mailbox], form: output.Shape) -> None:
    from logbounce.ingest import Sessions, fetch_mailbox  # noqa: PLC0415 - DuckDB takes 0.1 s to import
    from logbounce.rules import load_rules  # noqa: PLC0415

    sessions = Sessions(settings, load_rules(settings.rules), _say, Event(), _PATIENCE_SECONDS)
    found, failed = [], False
    for account in accounts:
        try:
            found.append(fetch_mailbox(account, sessions))
        except MailboxError as error:
            _say(str(error))
            failed = True
    sessions.bring_in()
    if form is not output.Shape.TEXT or sys.stderr.isatty():
        output.table(_COLUMNS, [tuple(vars(one).values()) for one in found], form)
    if failed:
        raise typer.Exit(Exit.MAILBOX)


def _say(text: str) -> None:
    output.say(f"logbounce: {text}")


def _accounts(settings: Settings, names: Sequence[str]) -> list[Mailbox]:
    """Return the accounts that were named, or all."""
    known = {account.name: account for account in settings.mailboxes}
    if not names and not known:
        raise lacking(settings, "no mailboxes; docs/mailboxes.md shows one")
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
