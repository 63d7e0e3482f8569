"""One consistent copy of the database, which appears at its place at once and whole."""

from __future__ import annotations

import os
import shutil
import stat
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database import draft, held, place, read_through
from logbounce.errors import DatabaseError

if TYPE_CHECKING:
    from typing import BinaryIO

_PRIVATE = 0o600
_COPY_BYTES = 4 * 1024 * 1024
_MAGIC = slice(8, 12), b"DUCK"  # https://duckdb.org/docs/stable/internals/storage


@dataclass(frozen=True, slots=True)
class Copied:
    """What was copied where to, and its size."""

    database: str
    copy: str
    bytes: int


def backup(database: Path, target: Path) -> Copied:
    """Copy the database to `target`, for its owner only; an older copy there is replaced."""
    if target.is_dir():
        raise DatabaseError(f"{target}: is a folder, expected the name of a file to write the copy to")
    return _copy(database, target, like=None)


def publish(database: Path, folder: Path) -> Copied:
    """Copy the database into `folder`, under its own name.

    Who has the last copy open reads that one to the end. A copy that is replaced leaves its permissions to the new one.
    """
    if not folder.is_dir():
        raise DatabaseError(f"{folder}: is no folder: create it with `mkdir -p {folder}`")
    target = folder / database.name
    return _copy(database, target, like=target.stat() if target.is_file() else None)


def _copy(database: Path, target: Path, *, like: os.stat_result | None) -> Copied:
    target = Path(os.path.realpath(target))
    _refuse(database, target)
    with draft(target) as made:
        with ExitStack() as afterwards, held(database):
            source = afterwards.enter_context(database.open("rb"))  # closed when `held` has ended, as it asks
            with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as copy:
                _pour(source, copy, target)
        read_through(made, database)  # beside the writer's way: damage must not replace a good copy
        place(made, target, like=like)
    return Copied(str(database), str(target), target.stat().st_size)


def _pour(source: BinaryIO, copy: BinaryIO, target: Path) -> None:
    try:
        shutil.copyfileobj(source, copy, _COPY_BYTES)
    except OSError as error:
        raise DatabaseError(f"{target}: cannot be written: {error.strerror}") from error


def _refuse(database: Path, target: Path) -> None:
    """Refuse to write over the database itself, or over what is no copy of one."""
    if not os.path.lexists(target):
        return
    if _is_same(database, target):
        raise DatabaseError(f"{target}: is the database itself: name another file for the copy")
    if not _is_copy(target):
        raise DatabaseError(f"{target}: is there already and no DuckDB database: name another file for the copy")


def _is_same(database: Path, target: Path) -> bool:
    try:
        return target.samefile(database)
    except OSError:  # one of them is a link to nothing
        return False


def _is_copy(target: Path) -> bool:
    """Tell whether a DuckDB database stands there; a FIFO, which who may write there can make, is not waited for."""
    where, magic = _MAGIC
    try:
        with os.fdopen(os.open(target, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
            return stat.S_ISREG(os.fstat(stream.fileno()).st_mode) and stream.read(where.stop)[where] == magic
    except OSError:
        return False
