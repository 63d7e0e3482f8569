"""The files that a log is spread over: the one that is written, and what rotation has made of those before it."""

from __future__ import annotations

import fnmatch
import glob
import os
import re
import stat
from pathlib import Path

from logbounce.errors import InputError, MissingLogError

_COMPRESSIONS = (".gz", ".bz2", ".zst")
_COMPRESSED = r"(?:\.(?:gz|bz2|zst))?"
_DATE = r"\d{4}[-_.]?\d\d[-_.]?\d\d(?:[\d_.T-]*\d)?"
# Behind the name: logrotate's number or dateext, with a dateformat of its own; savelog(8); Python's handlers.
_BEHIND = re.compile(rf"[-_.](?:\d(?:[\d_.T-]*\d)?|old){_COMPRESSED}")
# Or before its ending (`extension .log`), where mail-2.log may be another server's log, and mail.2.log is not.
_WITHIN = rf"(?:[-_.]{_DATE}|\.\d{{1,4}})"


def live(pattern: str) -> list[str]:
    """Return the files that `pattern` (a path or a glob pattern) names itself."""
    if glob.has_magic(pattern) and not os.path.lexists(pattern):  # a name may have a bracket in it
        return sorted(_matching(pattern))
    return [pattern]


def rotated(path: str) -> list[str]:
    """Return the files beside `path` whose names say that they were rotated away from it, in no order."""
    try:
        return [str(other) for other in Path(path).parent.iterdir() if is_rotation(str(other), path)]
    except OSError:
        return []


def is_rotation(other: str, path: str) -> bool:
    """Tell whether the name `other` is one that rotation gives to what was written to `path`."""
    log, rotation = Path(path), Path(other)
    if rotation.parent != log.parent:
        return False
    if rotation.name.startswith(log.name):
        return _BEHIND.fullmatch(rotation.name, len(log.name)) is not None
    within = f"{re.escape(log.stem)}{_WITHIN}{re.escape(log.suffix)}{_COMPRESSED}"
    return bool(log.suffix) and re.fullmatch(within, rotation.name) is not None


def has_twin(path: str) -> bool:
    """Tell whether a compressed file stands beside the plain one that it is being made of."""
    return path.endswith(_COMPRESSIONS) and Path(path).with_suffix("").exists()


def listing(pattern: str, kept: str | None = None) -> dict[str, tuple[int, int]]:
    """Return path to (device, inode) of every regular file that the log is spread over now.

    `kept` is a pattern of rotated files elsewhere (logrotate's `olddir`).
    """
    named = live(pattern)
    paths = [
        *named,
        *(other for path in named for other in rotated(path)),
        *_left(pattern),
        *(_matching(kept) if kept else ()),
    ]
    found = {path: _identity(path) for path in dict.fromkeys(paths)}
    return {path: identity for path, identity in found.items() if identity is not None}


def _left(pattern: str) -> list[str]:
    """Return rotated files of logs that fit a pattern and are not there any more themselves."""
    if not glob.has_magic(pattern):
        return []
    ends = ((other, re.search(f"(?:{_BEHIND.pattern})$", other)) for other in _matching(f"{pattern}[-_.]*"))
    left = [other for other, end in ends if end and fnmatch.fnmatchcase(other[: end.start()], pattern)]
    # Of a file whose name has a date, only its compressed copy may be left.
    return left + [other for ending in _COMPRESSIONS for other in _matching(pattern + ending)]


def absence(path: str) -> InputError | None:
    """Return why there is no log at `path`; None if there is one.

    MissingLogError only where it is sure that there is none: what cannot be looked at may hold anything.
    """
    folder = os.path.dirname(path)  # noqa: PTH120 - Path has no answer to a pattern
    try:
        found = os.stat(path)  # noqa: PTH116 - likewise
    except FileNotFoundError:
        if os.path.islink(path):  # noqa: PTH114 - likewise
            return InputError(f"{path}: cannot be read: a link to what is not there")
        if not glob.has_magic(folder) and not os.path.isdir(folder or "."):  # noqa: PTH112 - likewise
            return InputError(f"{path}: cannot be read: its folder is not there")
        return MissingLogError(f"{path}: is not there: it is read when it comes")
    except OSError as error:
        return InputError(f"{path}: cannot be read: {error.strerror}")
    return InputError(f"{path}: is a directory; expected log files") if stat.S_ISDIR(found.st_mode) else None


def _matching(pattern: str) -> list[str]:
    return glob.glob(pattern)  # noqa: PTH207 - Path.glob takes no absolute pattern


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return None if stat.S_ISDIR(found.st_mode) else (found.st_dev, found.st_ino)
