"""One process at a time follows logs into a database: the second is told who the first is."""

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
def alone(path: Path) -> Iterator[None]:
    """Hold DATABASE.lock, which has our PID in it, until the end; LockedError says who holds it."""
    refusals.check_name(path)
    path = Path(os.path.realpath(path))
    file = path.with_name(f"{path.name}.lock")
    if os.path.exists(path):  # noqa: PTH110 - Path.exists() raises where it is not permitted to look
        refusals.check_file(path)
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except PermissionError as error:
        raise (refusals.forbidden(file) if os.path.lexists(file) else refusals.unwritable(path)) from error
    except FileNotFoundError as error:
        raise refusals.homeless(path) from error
    except OSError as error:
        raise DatabaseError(f"{file}: cannot be locked: {error.strerror}") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise LockedError(_held_by(path, os.pread(descriptor, 32, 0))) from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _held_by(path: Path, written: bytes) -> str:
    holder = written.decode("ascii", "replace").strip()
    who = f"PID {holder} (`ps -p {holder}`)" if holder.isdigit() else "another process"
    return f"{path}: {who} reads logs into this database: try again when it has ended"
