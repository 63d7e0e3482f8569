"""`logbounce parse`: what a log says, as JSON lines; nothing is stored."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from logbounce.cli import output
from logbounce.cli.ingest import Files, Format, readable
from logbounce.cli.options import Config, load_settings
from logbounce.errors import Exit

if TYPE_CHECKING:
    from logbounce.settings import Settings


def parse(files: Files, wanted: Format = None, config: Config = None) -> None:
    """Print what is read as JSON lines, one an event, in the order of the lines; store nothing.

    Each has `file`, `kind` (attempt, message, own, expiry, complaint, unparsed), `pos` (the byte at which its line
    starts) and what the line says.
    """
    settings = load_settings(config, None)
    bad: list[str] = []
    for path in readable(settings, list(dict.fromkeys(files)), wanted, bad):
        _print_events(path, settings, wanted)
    if bad:
        raise typer.Exit(Exit.INPUT)


def _print_events(path: str, settings: Settings, wanted: str | None) -> None:
    from logbounce.ingest import events_of  # noqa: PLC0415 - DuckDB takes 0.1 s to import

    for event in events_of(path, settings, wanted):
        sys.stdout.write(output.encode({"file": path, **event}) + "\n")
