"""`logbounce ingest`: log files into the database."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from logbounce.allocator import one_arena
from logbounce.cli import output
from logbounce.cli.options import Config, Csv, Db, Json, load_settings
from logbounce.errors import EmptyLogError, Exit, InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from logbounce.ingest import Ingested
    from logbounce.settings import Settings

Files = Annotated[
    list[str], typer.Argument(metavar="FILE...", help="Logs, plain or .gz, .zst, .bz2; - is standard input.")
]
Format = Annotated[
    str | None, typer.Option("--format", help="postfix, exim, powermta or kumomta (default: by content).")
]
PygtailOffset = Annotated[
    Path | None,
    typer.Option(
        "--pygtail-offset",
        metavar="OFFSET-FILE",
        readable=False,
        help="Begin where pygtail left the one FILE (FILE.offset).",
    ),
]
_COLUMNS = ("file", "format", "carrier", "lines", "attempts", "new", "unparsed", "noise", "suppressed")
_MEGABYTE = 1_000_000
_MEMORY = "88MB"  # DuckDB fills what it may, and 400 MB are for everything


def ingest(
    files: Files,
    *,
    wanted: Format = None,
    pygtail_offset: PygtailOffset = None,
    as_json: Json = False,
    as_csv: Csv = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Read log files into the database. What it holds already adds nothing, so a file can be read again at any time.

    On a terminal it says what each file brought; under cron it is silent unless something is wrong.
    """
    form = output.shape(as_json=as_json, as_csv=as_csv)
    one_arena()
    settings = load_settings(config, db)
    paths = list(dict.fromkeys(files))
    if pygtail_offset:
        paths = begin_behind(settings, paths, pygtail_offset, wanted)
    bad: list[str] = []
    good = readable(settings, paths, wanted, bad)
    results = run(settings, good, wanted, bad) if good else []
    rows = [tuple(vars(result).values()) for result in results]
    if form is not output.Shape.TEXT:
        output.table(_COLUMNS, rows, form)
    elif rows and sys.stderr.isatty():
        output.table(_COLUMNS, rows, form, sys.stderr)
    if bad:
        raise typer.Exit(Exit.INPUT)


def begin_behind(settings: Settings, paths: list[str], offset: Path, wanted: str | None) -> list[str]:
    """Take over where pygtail left a log; return the files that come after it."""
    from logbounce.database import alone, connect  # noqa: PLC0415 - DuckDB takes 0.1 s to import
    from logbounce.ingest import take_over  # noqa: PLC0415

    if len(paths) != 1:
        raise typer.BadParameter("--pygtail-offset goes with one FILE, whose offset it is")
    with alone(settings.database), connect(settings.database) as connection:
        return take_over(connection, paths[0], offset, settings, wanted)


def readable(settings: Settings, paths: list[str], wanted: str | None, bad: list[str]) -> list[str]:
    """Return the files that can be read, before anything is written.

    Each other gets its line on stderr and is put into `bad`.
    An empty one among others is what a rotation leaves, and no error.
    """
    from logbounce.ingest import inspect  # noqa: PLC0415 - Arrow takes 0.1 s to import

    good = []
    for path in paths:
        try:
            inspect(path, settings, wanted)
        except EmptyLogError as error:
            if len(paths) == 1:
                _refuse(path, error, bad)
        except InputError as error:
            _refuse(path, error, bad)
        else:
            good.append(path)
    return good


def _refuse(path: str, error: InputError, bad: list[str]) -> None:
    output.say(f"logbounce: {error}")
    bad.append(path)


def run(settings: Settings, paths: list[str], wanted: str | None, bad: list[str]) -> list[Ingested]:
    """Read files into the database of the settings, oldest first.

    One that breaks off is put into `bad`, and the others are read.
    """
    from logbounce.database import alone, connect  # noqa: PLC0415 - DuckDB takes 0.1 s to import
    from logbounce.ingest import Pipeline, oldest_first  # noqa: PLC0415
    from logbounce.rules import load_rules  # noqa: PLC0415

    rules = load_rules(settings.rules)
    results = []
    with alone(settings.database), connect(settings.database, memory_limit=_MEMORY) as connection:
        pipeline = Pipeline(connection, settings, rules)
        for path in oldest_first(paths, settings, wanted):
            with _progress(path) as progress:
                try:
                    results.append(pipeline.ingest(path, wanted, progress))
                except InputError as error:
                    _refuse(path, error, bad)
    return results


@contextmanager
def _progress(path: str) -> Iterator[Callable[[int], None]]:
    """Show how far a long read has come, on a terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - only for a person
    from rich.markup import escape  # noqa: PLC0415

    shown = escape(output.visible(path))
    with Console(stderr=True).status(f"{shown}") as status:
        yield lambda position: status.update(f"{shown}: {position / _MEGABYTE:,.0f} MB")
