"""Looks at a file before it is read: what it is, and when it begins."""

from __future__ import annotations

import fnmatch
import os
import warnings
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

import pyarrow.compute as pc

from logbounce.errors import InputError, LogbounceWarning
from logbounce.follow import Block, chain, open_log
from logbounce.follow.files import STDIN
from logbounce.parse import Detected, Reading, detect, parse_blocks, speaks

if TYPE_CHECKING:
    from logbounce.follow import LogFile
    from logbounce.settings import Settings, Source

_FIRST_BYTES = 64 * 1024


class Beginning(NamedTuple):
    """What is known of lines that are in no file: whence they come, the first of them, and the time now (UTC)."""

    path: str
    head: bytes
    latest: datetime


def reading_of(
    log: LogFile | Beginning, settings: Settings, wanted: str | None, source: Source | None = None
) -> Reading:
    """Return how `log` is to be read: by --format, by its source in the settings, by its content."""
    source = source or _configured(log.path, settings.sources)
    wanted = wanted or (source.format if source else None)
    detected = detect(log.head, _shown(log.path), wanted, source.carrier if source else None)
    return Reading(
        detected=detected,
        source_name=source.name if source else _shown(log.path),
        zone="UTC" if detected.utc else settings.timezone,
        latest=log.latest,
        host=source.host if source else None,
        columns=_columns(detected, source, log.path),
    )


def is_written(log: LogFile, settings: Settings) -> bool:
    """Tell whether somebody may write to `log`: not to a compressed file, nor to one that was rotated away."""
    source = _configured(log.path, settings.sources)
    return log.growing and (source is None or os.path.abspath(log.path) in chain.live(source.path))  # noqa: PTH100 - likewise


def inspect(path: str, settings: Settings, wanted: str | None) -> None:
    """Raise InputError if the log at `path` cannot be read or is none. Standard input is not looked into.

    Warns of a log that looks like another format's than it is said to be: its lines would be taken for noise.
    """
    if path == STDIN:
        return
    with open_log(path) as log:
        said = reading_of(log, settings, wanted).detected.format
        with suppress(InputError):  # of no format that is known: it was said which
            if (seen := detect(log.head, path).format) != said and not speaks(log.head, said):
                told = (
                    f"{path}: looks like a log of {seen}, and is read as one of {said}, as --format or the settings say"
                )
                warnings.warn(told, LogbounceWarning, stacklevel=2)


def oldest_first(paths: list[str], settings: Settings, wanted: str | None) -> list[str]:
    """Order files by when they begin: `mail.log*` names the newest first, and a message begins before it ends."""
    if len(paths) < 2 or STDIN in paths:  # noqa: PLR2004 - one file has an order
        return paths
    return sorted(paths, key={path: _first_time(path, settings, wanted) for path in paths}.__getitem__)


def _first_time(path: str, settings: Settings, wanted: str | None) -> datetime:
    """Return the first time (UTC) of a log; one without any comes last."""
    with open_log(path) as log:
        whole = log.head[:_FIRST_BYTES].rpartition(b"\n")[0] or log.head
        (parsed,) = parse_blocks([Block(0, whole, len(whole))], reading_of(log, settings, wanted))
    times = pc.min(parsed.events["event_time"]).as_py()
    return times or datetime.max  # noqa: DTZ901 - UTC without a zone


def _shown(path: str) -> str:
    return "standard input" if path == STDIN else path


def _configured(path: str, sources: tuple[Source, ...]) -> Source | None:
    """Return the source whose path, or pattern, the file is; a rotated copy is its source's too."""
    full = os.path.abspath(path)  # noqa: PTH100 - a link in the path is part of its name
    return next((source for source in sources if _is_of(full, source.path)), None)


def _is_of(path: str, configured: str) -> bool:
    return bool(configured) and (
        path == configured
        or fnmatch.fnmatch(path, configured)
        or path.startswith(f"{configured}.")
        or chain.is_rotation(path, configured)
    )


def _columns(detected: Detected, source: Source | None, path: str) -> tuple[str, ...] | None:
    if detected.header is not None:
        return tuple(name.strip().strip('"') for name in detected.header.split(","))
    if source and source.columns:
        return source.columns
    if detected.format == "powermta":
        what = "a PowerMTA accounting file without a header line"
        raise InputError(f"{_shown(path)}:1: {what}; expected `columns:` for it in logbounce.yaml")
    return None
