"""The options that commands share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.errors import SettingsError

if TYPE_CHECKING:
    from logbounce.settings import Settings

# `readable=False`, here and elsewhere: who opens a file says why that fails, with an exit code of its own.
Db = Annotated[
    Path | None,
    typer.Option(
        "--db",
        metavar="PATH",
        readable=False,
        help="The database (default: ./logbounce.duckdb, or as the settings say).",
    ),
]
UnopenedDb = Annotated[
    Path | None,
    typer.Option(
        "--db",
        metavar="PATH",
        readable=False,
        help="Not opened by this command: scripts may give all commands the same flags.",
    ),
]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        metavar="FILE",
        readable=False,
        help="The settings file (default: ./logbounce.yaml, ~/.config, /etc).",
    ),
]
SINCE = typer.Option(metavar="TIME", help="From here on: 2026-11-20, 2026-11-20T08:00, today, yesterday, 24h, 7d.")
Since = Annotated[str | None, SINCE]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Csv = Annotated[bool, typer.Option("--csv", help="Print CSV (RFC 4180).")]


def load_settings(config: Path | None, db: Path | None) -> Settings:
    """Return the settings under the flags --config and --db."""
    from logbounce import settings  # noqa: PLC0415 - YAML takes 20 ms to import, and --help needs none

    return settings.load(config, database=db)


def rules_file(given: Path | None, config: Path | None, db: Path | None) -> Path | None:
    """Return the user's own rules: those of the flag --rules, else of the settings.

    Settings that nobody named are not read for nothing: they may be another user's.
    """
    named = load_settings(config, db).rules if given is None or config is not None else None
    return given or named


def lacking(settings: Settings, what: str) -> SettingsError:
    """Return the error for settings that do not have what a command needs."""
    where = f"{settings.file}: has" if settings.file else "there is no logbounce.yaml, and so"
    return SettingsError(f"{where} {what}")
