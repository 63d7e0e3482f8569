"""`logbounce tail`: follow the logs for ever."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.allocator import one_arena
from logbounce.cli import output
from logbounce.cli.options import Config, Db, Json, load_settings
from logbounce.errors import Exit, SettingsError

if TYPE_CHECKING:
    from logbounce.ingest import Committed
    from logbounce.rules import Rules
    from logbounce.settings import Settings

_INTERRUPTED = 130  # 128 + SIGINT, as shells count
Input = Annotated[str | None, typer.Argument(metavar="[-]", help="Read standard input, and not the settings' sources.")]
Format = Annotated[str | None, typer.Option("--format", help="Of standard input (default: by content).")]
Once = Annotated[bool, typer.Option("--once", help="Read what is there now, and end: for cron.")]
Seconds = Annotated[
    float, typer.Option("--commit-seconds", min=0.0, help="Store a line so many seconds after it came.")
]
Lines = Annotated[int, typer.Option("--commit-lines", min=1, help="Commit at the latest after so many lines.")]


def tail(
    source: Input = None,
    *,
    wanted: Format = None,
    once: Once = False,
    commit_seconds: Seconds = 2.0,
    commit_lines: Lines = 50_000,
    as_json: Json = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Follow the logs of the settings for ever, or once: each attempt is stored exactly once, and judged, in seconds.

    It goes on through every rotation, and after an end or a crash where it was.
    The database is open only while something is committed, so that others can read it. SIGTERM ends it, SIGHUP has it
    read its settings and rules again. With - it reads standard input and prints, after each commit, how many bytes of
    it are stored. With --json it prints a line for each commit instead: what is new of which source, and how far it is
    stored. With --once, exit code 1 says that lines were lost for good, 3 that a file could not be read.
    """
    one_arena()
    from logbounce.database import alone  # noqa: PLC0415 - DuckDB takes 0.1 s to import
    from logbounce.ingest import Pace, Service  # noqa: PLC0415

    if source not in (None, "-"):
        raise typer.BadParameter(f"{source!r}: expected nothing (the settings' sources) or - (standard input)")
    settings, _ = first = load(config, db)
    if source is None and not (settings.sources or settings.mailboxes):
        raise SettingsError(_no_sources(settings.file))
    pace, told = Pace(commit_seconds, commit_lines), _print if as_json else None
    confirm = None if source is None else _quiet if as_json else _confirm
    service = Service(lambda: load(config, db), _say, pace, once, wanted, confirm, told)
    with alone(settings.database):
        found = service.run(*first)
    if service.interrupted:
        raise typer.Exit(_INTERRUPTED)
    if once and found and found.unreadable:
        raise typer.Exit(Exit.INPUT)
    if once and found and found.lost:
        raise typer.Exit(Exit.NO)


def load(config: Path | None, db: Path | None) -> tuple[Settings, Rules]:
    """Read the settings and the rules that they name."""
    from logbounce.rules import load_rules  # noqa: PLC0415 - YAML takes 20 ms to import

    settings = load_settings(config, db)
    return settings, load_rules(settings.rules)


def _no_sources(file: Path | None) -> str:
    if file is None:
        return "there is no logbounce.yaml, which names what to follow: `logbounce init` writes one"
    return f"{file}: names no source to follow: add `sources:` (`logbounce init` finds them)"


def _say(text: str) -> None:
    output.say(f"logbounce: {text}")


def _quiet(_: int) -> None:
    """Confirm nothing: the line that is printed for the commit does."""


def _print(committed: Committed) -> None:
    print(output.encode(asdict(committed)), flush=True)  # noqa: T201 - for whoever reads along, at once


def _confirm(count: int) -> None:
    print(count, flush=True)  # noqa: T201 - for whoever writes to our standard input, at once
