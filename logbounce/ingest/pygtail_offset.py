"""Takes over from pygtail: what its `.offset` file says has been read is not read again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pygtail import Pygtail

from logbounce.database import transaction
from logbounce.errors import InputError
from logbounce.follow import digest, open_log
from logbounce.follow.blocks import TAIL_BYTES
from logbounce.follow.files import explained
from logbounce.ingest import checkpoint
from logbounce.ingest.inspect import reading_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.settings import Settings


def take_over(
    connection: DuckDBPyConnection, path: str, offset: Path, settings: Settings, wanted: str | None
) -> list[str]:
    """Store how far pygtail has read the log at `path`; return the files that come after that, the oldest first.

    `offset` has the inode and the position, a line each. If the log was rotated since, pygtail finds where it is now.
    """
    if not offset.is_file():
        raise InputError(f"{offset}: is no file: expected pygtail's, usually {path}.offset")
    with explained(path):
        Path(path).stat()  # Pygtail asks for it too, and again when it is deleted
    _check(offset)
    left = Pygtail(path, offset_file=str(offset), copytruncate=False)  # with it, it may write to the file
    reads = left.rotated_logfile or path
    if Path(reads).stat().st_ino != left.offset_file_inode:
        raise InputError(f"{offset}: is about inode {left.offset_file_inode}: neither {path} nor a rotated copy of it")
    with open_log(reads) as log:
        tail = log.skip(left.offset, TAIL_BYTES)
        if left.offset and not tail.endswith(b"\n"):
            raise InputError(f"{offset}: position {left.offset} is not after a line of {reads}")
        begun = checkpoint.beginning(log, reading_of(log, settings, wanted))
        behind = replace(begun, position=left.offset, tail_fingerprint=digest(tail), tail_length=len(tail))
    with transaction(connection):
        behind.save(connection, begun)
    return list(dict.fromkeys([reads, path]))


def _check(offset: Path) -> None:
    try:
        _, _ = map(int, offset.read_text("ascii").splitlines())
    except (ValueError, OSError) as error:
        raise InputError(f"{offset}: is not of pygtail: expected an inode and a position, a line each") from error
