"""DuckDB's messages, turned into one line that says what to do."""

from __future__ import annotations

import os
import pwd
import re
from contextlib import suppress
from pathlib import Path

import duckdb

from logbounce.errors import DamagedError, DatabaseError, LockedError

_NO_DATABASE = "run `logbounce ingest FILE...` to make one, or name another with --db PATH"
_PERMISSION = "Permission denied"
# DuckDB's LocalFileSystem::OpenFile: "Conflicting lock is held in PROGRAM (PID 1234)" or "... in PID 1234".
_LOCKED = re.compile(r"Could not set lock on file|already attached|different configuration than existing")
_PID = re.compile(r"PID (\d+)")
_FULL = "No space left on device"
_NO_COMMIT = "Failed to commit: "  # a TransactionException, whatever the reason: a full disk, a file that may not grow
_NO_ROOM = "failed to offload data block"  # temporary data, which lies beside the database
_STOPPED = (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException)
# A block whose checksum is wrong, a file cut short, a catalog that cannot be read (SerializationException).
_DAMAGED = re.compile(
    r"Corrupt database|checksum|Could not read enough bytes|Serialization Error|[Ff]ailed to (de)?seriali[sz]e"
)
_REBUILD = "`logbounce rebuild` makes it again from the logs, or put a backup in its place"
_SQLITE = "sqlite_scanner"  # the extension that DuckDB would read it with
_NEWER_FILE = re.compile(r"Trying to read a database file with version number (\d+)")


def missing(path: Path) -> DatabaseError:
    """Return the error for a database that should be there."""
    return DatabaseError(f"{path}: there is no database: {_NO_DATABASE}")


def homeless(path: Path) -> DatabaseError:
    """Return the error for a file whose folder is not there."""
    return DatabaseError(f"{path}: its folder does not exist: create it with `mkdir -p {path.parent}`")


def forbidden(path: Path) -> DatabaseError:
    """Return the error for a database that another user owns."""
    return DatabaseError(f"{path}: no permission to open the database: run as its owner, or `chmod` it")


def unmade(path: Path, error: duckdb.Error) -> DatabaseError:
    """Return the error for a database that could not be made."""
    said = _FULL if _FULL in str(error) else first_line(error)
    return DatabaseError(f"{path}: cannot make the database: {said}")


def unwritable(path: Path) -> DatabaseError:
    """Return the error for a folder in which this user can make no file."""
    user = f"user {os.geteuid()}"
    with suppress(KeyError):
        user = pwd.getpwuid(os.geteuid()).pw_name
    return DatabaseError(
        f"{path}: {user} may not write to the folder {path.parent}: "
        "name a database in a folder of your own with --db PATH"
    )


def check_name(path: Path) -> None:
    """Refuse a name that DuckDB cannot be told: bytes of it that are no text are lone surrogates (PEP 383)."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        raise DatabaseError(f"{path}: the name of the database is not UTF-8: name another with --db PATH") from None


def check_file(path: Path) -> None:
    """Refuse what DuckDB would describe badly: a folder, a device, an empty file."""
    if path.is_dir():
        raise DatabaseError(f"{path}: is a folder, expected a database file")
    if not path.is_file():
        raise DatabaseError(f"{path}: is not a regular file, expected a database file")
    if path.stat().st_size == 0:
        raise DatabaseError(f"{path}: is an empty file and not a database: delete it, or name another with --db PATH")


def is_lock(error: duckdb.Error) -> bool:
    """Tell whether another process, or another connection of this one, holds the file."""
    return _LOCKED.search(str(error)) is not None


def locked(path: Path, error: duckdb.Error) -> LockedError:
    """Return the error that names the process which holds the database."""
    pid = _PID.search(str(error))
    number = int(pid[1]) if pid else _holder(path)
    if not number:
        return LockedError(f"{path}: the database is held by another process: try again when it has ended")
    return LockedError(f"{path}: the database is held by PID {number}: try again when it has ended (`ps -p {number}`)")


def _holder(path: Path) -> int:
    """Return the PID that holds a lock on the file, from /proc/locks (proc_locks(5)), or 0."""
    try:
        inode, table = path.stat().st_ino, Path("/proc/locks").read_text(encoding="ascii")
    except OSError:
        return 0
    for line in table.splitlines():
        fields = line.split()
        if len(fields) > 5 and fields[5].rpartition(":")[2] == str(inode):  # noqa: PLR2004 - the sixth field is MAJOR:MINOR:INODE
            return max(int(fields[4]), 0)
    return 0


def refused(path: Path, error: duckdb.Error) -> DatabaseError:
    """Return the error for a file that DuckDB will not open."""
    said = str(error)
    if _PERMISSION in said:
        return forbidden(path)
    if "not a valid DuckDB database" in said:
        return DamagedError(f"{path}: is not a DuckDB database; if it was one, it is damaged: {_REBUILD}")
    if _SQLITE in said:
        return DatabaseError(f"{path}: is not a DuckDB database, but one of SQLite: name another with --db PATH")
    if newer := _NEWER_FILE.search(said):
        return DatabaseError(f"{path}: was written by a newer DuckDB (storage version {newer[1]}): upgrade logbounce")
    if is_damage(error):
        return damaged(str(path), error)
    return DatabaseError(f"{path}: cannot be opened: {first_line(error)}")


def is_damage(error: Exception) -> bool:
    """Tell whether DuckDB found the file itself to be damaged."""
    return _DAMAGED.search(str(error)) is not None


def damaged(what: str, error: Exception) -> DamagedError:
    """Return the error for a database of which a part cannot be read any more."""
    return DamagedError(f"{what}: is damaged: {_REBUILD} ({first_line(error)})")


def first_line(error: Exception) -> str:
    """Return the first line of DuckDB's message."""
    return without_kind((str(error).splitlines() or [type(error).__name__])[0])


def without_kind(said: str) -> str:
    """Return a message of DuckDB's without the kind of error before it (`IO Error: `)."""
    return re.sub(r"^[A-Z][A-Za-z ]* Error: ", "", said)


def at_work(error: Exception) -> DatabaseError | None:
    """Return what stopped a database that was open: a full disk, too little memory, damage; None for anything else."""
    if isinstance(error, duckdb.Error) and is_damage(error):
        return damaged("the database", error)
    if isinstance(error, _STOPPED) or (
        isinstance(error, duckdb.Error) and re.search(f"{_FULL}|{_NO_COMMIT}", str(error))
    ):
        told = f"{_FULL}: {first_line(error)}" if _NO_ROOM in str(error) else first_line(error)
        return DatabaseError(f"the database stopped, and what was not committed is not in it: {told}")
    return None
