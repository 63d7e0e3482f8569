"""Holds the database still: nobody writes it, and all of it is in its one file."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from logbounce.database import refusals
from logbounce.database.connection import beside, connect, literal, patiently
from logbounce.errors import LockedError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

PATIENCE_SECONDS = 30.0  # commits of `tail` are short; a report may take longer
# DuckDB's StorageManager::GetWALPath, GetCheckpointWALPath and GetRecoveryWALPath.
_LOGS = (".wal", ".wal.checkpoint", ".wal.recovery")


def write_ahead_logs(path: Path) -> list[Path]:
    """Return the files beside the database that hold what is committed and not yet in it."""
    path = Path(os.path.realpath(path))  # DuckDB puts them beside the file itself, not beside a link to it
    return [file for suffix in _LOGS if (file := path.with_name(path.name + suffix)).exists()]


@contextmanager
def held(path: Path, patience_seconds: float = PATIENCE_SECONDS) -> Iterator[DuckDBPyConnection]:
    """Yield a connection that has the database at `path` attached, read-only, as `held`.

    Readers read on, and a writer waits: `tail` tries again. What a process that was killed has left in the write-ahead
    log is brought into the file before. LockedError says who would not let go of it.

    DuckDB's lock is one of the process (fcntl(2)): it ends when any descriptor of the file is closed. Whoever opens the
    file meanwhile may close it only after this ends.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        connect(path, read_only=True, patience_seconds=patience_seconds).close()  # ours, whole and of today's schema
        connection = patiently(path, lambda: _attached(path), patience_seconds)
        try:
            if not (left := write_ahead_logs(path)):
                yield connection
                return
        except duckdb.Error as error:
            raise refusals.at_work(error) or error from error
        finally:
            connection.close()
        if time.monotonic() >= deadline:
            raise LockedError(f"{path}: {left[0].name} stays beside the database: another process is writing it")
        _bring_in(path, patience_seconds)


def _attached(path: Path) -> DuckDBPyConnection:
    connection = beside()
    try:
        attach(connection, path, "held (read_only)")
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_in(path: Path, patience_seconds: float) -> None:
    with connect(path, patience_seconds=patience_seconds) as connection:
        connection.execute("checkpoint")


def attach(connection: DuckDBPyConnection, path: Path, name: str) -> None:
    """Attach the file at `path`. ATTACH takes no parameter; only a quote has a meaning in an SQL string."""
    connection.execute("attach '" + literal(path).replace("'", "''") + f"' as {name}")
