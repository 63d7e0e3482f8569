"""One program at a time reads logs into a database."""

from __future__ import annotations

import fcntl
import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from logbounce.database import refusals
from logbounce.errors import DatabaseError, LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def only_reader_of_logs(database: Path) -> Iterator[None]:
    """Hold DATABASE.lock, which names our process; LockedError names the process that holds it already.

    DuckDB's own lock is not enough: `tail` opens the database only for its commits. The lock goes with the process,
    however it ends, and the file stays: to delete it would let two hold files of the same name.
    """
    path = Path(f"{os.path.realpath(database)}.lock")
    try:
        lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise refusals.forbidden(path) from error
    except OSError as error:
        raise DatabaseError(f"{path}: cannot be made: {error.strerror}") from error
    try:
        _take(lock, database)
        yield
    finally:
        os.close(lock)


def _take(lock: int, database: Path) -> None:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 20, 0).decode("ascii", "replace").strip() or "?"
        raise LockedError(
            f"{database}: PID {holder} is reading logs into it: stop that first, or let it go on"
        ) from error
    os.ftruncate(lock, 0)
    os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
