"""`logbounce parse`: what a log or a mail message says, as JSON lines; nothing is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.cli import output
from logbounce.cli.ingest import readable
from logbounce.cli.options import Config, UnopenedDb, load_settings
from logbounce.errors import Exit, InputError

if TYPE_CHECKING:
    from logbounce.settings import Settings

_MAIL = "dsn"
Files = Annotated[
    list[str],
    typer.Argument(
        metavar="FILE...", help="Logs or mail (messages, mbox, Maildir), plain or compressed; - is standard input."
    ),
]
Format = Annotated[
    str | None,
    typer.Option("--format", help="postfix, exim, powermta, kumomta, or dsn for mail messages (default: by content)."),
]
Json = Annotated[bool, typer.Option("--json", help="JSON lines, which is what is printed in any case.")]


def parse(
    files: Files,
    wanted: Format = None,
    as_json: Json = True,  # noqa: ARG001 - scripts say --json everywhere
    db: UnopenedDb = None,
    config: Config = None,
) -> None:
    """Print what is read as JSON lines; store nothing.

    Of a log, one line an event, in the order of its lines: `file`, `kind` (attempt, message, own, expiry, complaint,
    unparsed), `pos` (the byte at which its line starts) and what the line says. Of mail, one line a recipient that a
    message speaks of: `file`, `message` (its number in an mbox file), `kind` (bounce, delayed, delivered, feedback,
    autoreply, nonbounce), `recipient`, `category`, `bounce_class` and what the message says.
    """
    settings = load_settings(config, db)
    bad: list[str] = []
    for mail, paths in _by_kind(list(dict.fromkeys(files)), wanted):
        if mail:
            _print_messages(paths, settings, bad)
            continue
        for path in readable(settings, paths, wanted, bad):
            _print_events(path, settings, wanted)
    if bad:
        raise typer.Exit(Exit.INPUT)


def _by_kind(paths: list[str], wanted: str | None) -> list[tuple[bool, list[str]]]:
    """Return runs of paths that are mail, or that are not, in their order."""
    runs: list[tuple[bool, list[str]]] = []
    for path in paths:
        mail = wanted == _MAIL or (wanted is None and _is_mail(path))
        if runs and runs[-1][0] is mail:
            runs[-1][1].append(path)
        else:
            runs.append((mail, [path]))
    return runs


def _is_mail(path: str) -> bool:
    from logbounce.ingest import is_message  # noqa: PLC0415 - Arrow takes 0.1 s to import

    try:
        return path != "-" and is_message(path)
    except InputError:
        return False  # whoever reads it as a log says what is wrong


def _print_messages(paths: list[str], settings: Settings, bad: list[str]) -> None:
    from logbounce.ingest import events_of_messages  # noqa: PLC0415 - DuckDB takes 0.1 s to import
    from logbounce.rules import load_rules  # noqa: PLC0415

    for event in events_of_messages(paths, load_rules(settings.rules), lambda error: _refuse(error, bad)):
        sys.stdout.write(output.encode(event) + "\n")


def _refuse(error: InputError, bad: list[str]) -> None:
    output.say(f"logbounce: {error}")
    bad.append(str(error))


def _print_events(path: str, settings: Settings, wanted: str | None) -> None:
    from logbounce.ingest import events_of  # noqa: PLC0415 - DuckDB takes 0.1 s to import

    for event in events_of(path, settings, wanted):
        sys.stdout.write(output.encode({"file": path, **event}) + "\n")
