"""A new file is made beside its place, and appears there at once and whole."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database import refusals
from logbounce.errors import DatabaseError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREFIX = ".logbounce-draft-"
_STALE_SECONDS = 60  # older than the moment between making a folder and locking it


@contextmanager
def draft(path: Path) -> Iterator[Path]:
    """Yield where to make the file that is to stand at `path`: of its name, in a folder beside it that goes afterwards.

    What a process that was killed has left there is swept up.
    """
    try:
        _sweep(path.parent)
        folder = Path(tempfile.mkdtemp(dir=path.parent, prefix=_PREFIX))  # mode 0700
    except FileNotFoundError as error:
        raise refusals.homeless(path) from error
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be made there: {error.strerror}") from error
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield folder / path.name
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def place(made: Path, path: Path, *, like: os.stat_result | None = None) -> None:
    """Put a finished file in its place, there to stay through a loss of power; `like` gives owner and permissions."""
    try:
        with made.open("rb+") as stream:
            if like is not None:
                _liken(stream.fileno(), like)
            os.fsync(stream.fileno())
        made.replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be replaced: {error.strerror}") from error


def _liken(descriptor: int, like: os.stat_result) -> None:
    made = os.fstat(descriptor)
    if (made.st_uid, made.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, like.st_mode & 0o777)


def _sweep(folder: Path) -> None:
    """Remove what is left of drafts. What cannot be removed is no hindrance, be it another's, or gone meanwhile."""
    for left in folder.glob(f"{_PREFIX}*"):
        with suppress(OSError):
            found = left.lstat()  # whoever may write here can put a link or a FIFO of this name
            stale = stat.S_ISDIR(found.st_mode) and time.time() - found.st_mtime > _STALE_SECONDS
            if stale and _is_free(left):
                shutil.rmtree(left, ignore_errors=True)


def _is_free(folder: Path) -> bool:
    """Tell whether nobody is at work in the folder."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
