"""Checks of log files: there, readable, and of a format that is known."""

from __future__ import annotations

import glob
import grp
import itertools
import os
import pwd
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbounce.doctor.finding import Finding
from logbounce.errors import InputError
from logbounce.follow import open_log
from logbounce.follow.journal import Journal
from logbounce.ingest import events_of
from logbounce.parse import detect

if TYPE_CHECKING:
    from collections.abc import Iterable

    from logbounce.settings import Settings, Source

_WHY = "its lines are not counted"
_EVENTS = 20_000  # enough to know a log by
_SHOWN = 120


def examine_source(source: Source, settings: Settings) -> list[Finding]:
    """Return what is wrong with a source of the settings: with its newest file, where its path is a pattern."""
    if source.journal is not None:
        return _journal(source.journal, source.journal_directory)
    paths = glob.glob(source.path)  # noqa: PTH207 - the pattern is absolute, and Path.glob wants a relative one
    if not paths:
        return [_absent(Path(source.path))]
    newest = max(paths, key=lambda path: Path(path).lstat().st_mtime)
    return examine_file(newest, settings, source.format)


def _journal(name: str, directory: str | None) -> list[Finding]:
    """Return what keeps journalctl from reading a journal; which of its entries are of `name` only reading tells."""
    where = f"the journal in {directory}" if directory else "the journal"
    try:
        last = Journal.named(name, directory).last()
    except InputError as error:
        return [Finding(str(error), _WHY, "install it (it is part of systemd), or name a log file: `path:`")]
    if last is None:
        user = pwd.getpwuid(os.geteuid()).pw_name
        mend = f"sudo usermod -aG systemd-journal {user}, then log in again; `journalctl -n 1` says more"
        return [Finding(f"{where}: cannot be read", _WHY, mend)]
    if not last:
        mend = f"`journalctl --field=SYSLOG_IDENTIFIER` lists who logs: correct `journal: {name}` in the settings"
        return [Finding(f"{where}: has no entry of {name}, nor of any mail program", _WHY, mend)]
    return []


def _absent(path: Path) -> Finding:
    if path.parent.is_dir() and not os.access(path.parent, os.R_OK | os.X_OK):
        return Finding(f"{path.parent}: no permission to look into it", _WHY, _permit(path.parent, "rx"))
    return Finding(
        f"{path}: there is no such file", _WHY, f"ls -l {path.parent}, then correct the path in the settings"
    )


def examine_file(path: str, settings: Settings, expected: str | None = None) -> list[Finding]:
    """Return what is wrong with a log."""
    if os.path.lexists(path) and not os.access(path, os.R_OK):
        return [Finding(f"{path}: no permission to read it", _WHY, _permit(Path(path)))]
    try:
        with open_log(path) as log:
            found = detect(log.head, path)
        if expected and found.format != expected:
            what = f"{path}: holds {found.format} lines, and the settings say {expected}"
            return [Finding(what, "lines of another format are not understood", f"say `format: {found.format}`")]
        return _unread(path, itertools.islice(events_of(path, settings, None), _EVENTS))
    except InputError as error:
        is_file = Path(path).is_file()
        mend = "name a mail server's log, or read it with `logbounce ingest --format FORMAT`"
        return [Finding(str(error), _WHY, mend if is_file else "name a mail server's log: `logbounce init` finds them")]


def _unread(path: str, events: Iterable[dict[str, Any]]) -> list[Finding]:
    """Return what the lines themselves lack: attempts, or sense."""
    attempts, unparsed = 0, []
    for event in events:
        attempts += event["kind"] == "attempt"
        if event["kind"] == "unparsed":
            unparsed.append(event)
    if unparsed:
        first = f"the first at byte {unparsed[0]['pos']}: {unparsed[0]['line'][:_SHOWN]!r}"
        what = f"{path}: {len(unparsed)} lines were not understood, {first}"
        return [
            Finding(
                what,
                "what they say is not counted",
                "report such a line, or correct the parser (docs/adding-a-format.md)",
            )
        ]
    if not attempts:
        what = f"{path}: tells of no delivery attempt"
        return [Finding(what, "nothing comes of reading it", "name the log of outgoing mail")]
    return []


def _permit(file: Path, rights: str = "r") -> str:
    """Return the command that lets this user read a file: joining its group where that helps."""
    user = pwd.getpwuid(os.geteuid()).pw_name
    found = file.stat()
    if found.st_mode & 0o040:
        return f"sudo usermod -aG {grp.getgrgid(found.st_gid).gr_name} {user}, then log in again"
    return f"sudo setfacl -m u:{user}:{rights} {file}"
