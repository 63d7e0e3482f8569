"""How far each file has been read: a row that commits with the rows that were read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logbounce.clock import utc_now
from logbounce.database import statement
from logbounce.follow import digest
from logbounce.follow.blocks import TAIL_BYTES

if TYPE_CHECKING:
    from datetime import datetime

    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block, LogFile
    from logbounce.load import Loaded
    from logbounce.parse import Reading


@dataclass(frozen=True)
class Checkpoint:
    """A row of `sources`. A file is known by its first bytes and by the last ones that were read, not by its name.

    One that holds the lines of two mail servers has a row for each format that it was read as.
    """

    source_name: str
    path: str
    format: str
    carrier: str
    device: int | None
    inode: int | None
    fingerprint: str
    fingerprint_length: int
    tail_fingerprint: str
    tail_length: int
    position: int
    provisional: list[int]
    size_bytes: int | None
    lines_read: int = 0
    attempts: int = 0
    noise: int = 0
    unparsed: int = 0
    first_time: datetime | None = None
    last_time: datetime | None = None
    finished: bool = False
    cursor: str | None = None

    def after(self, block: Block, loaded: Loaded, provisional: list[int]) -> Checkpoint:
        """Return the checkpoint after a block. A last line without an end will be read again, as it then is."""
        if not block.ended:
            return replace(self, provisional=provisional)
        tail = (b"" if block.overlong else block.data)[-TAIL_BYTES + 1 :] + b"\n"
        return replace(
            self,
            position=block.end,
            provisional=[],
            tail_fingerprint=digest(tail),
            tail_length=len(tail),
            lines_read=self.lines_read + loaded.lines,
            attempts=self.attempts + loaded.attempts,
            noise=self.noise + loaded.noise,
            unparsed=self.unparsed + loaded.unparsed,
            first_time=min(filter(None, (self.first_time, loaded.first_time)), default=None),
            last_time=max(filter(None, (self.last_time, loaded.last_time)), default=None),
            finished=False,
        )

    def renewed(self, log: LogFile) -> Checkpoint:
        """Return the checkpoint as of the file that is open now, by more of its first bytes if it has grown."""
        return replace(
            self,
            path=log.path,
            device=log.device,
            inode=log.inode,
            size_bytes=log.size,
            fingerprint=log.fingerprint(log.fingerprint_length),
            fingerprint_length=log.fingerprint_length,
        )

    def drop(self, connection: DuckDBPyConnection) -> None:
        """Delete the row, within the caller's transaction."""
        names = ("format", "fingerprint", "fingerprint_length", "position", "tail_fingerprint")
        connection.execute(statement("ingest_checkpoint_drop"), {name: getattr(self, name) for name in names})

    def save(self, connection: DuckDBPyConnection, instead_of: Checkpoint) -> None:
        """Write the row in the place of an earlier one, within the caller's transaction."""
        instead_of.drop(connection)
        self.drop(connection)
        values = self.__dict__ | {"committed_at": utc_now()}
        connection.execute(statement("ingest_checkpoint_save"), values)


def unread(path: str, reading: Reading) -> Checkpoint:
    """Return the checkpoint of something of which nothing has been read, and which is known by its name alone."""
    return Checkpoint(
        source_name=reading.source_name,
        path=path,
        format=reading.detected.format,
        carrier="+".join((*reading.detected.wrappers, reading.detected.carrier)),
        device=None,
        inode=None,
        fingerprint=digest(path.encode()),
        fingerprint_length=0,
        tail_fingerprint=digest(b""),
        tail_length=0,
        position=0,
        provisional=[],
        size_bytes=None,
    )


def beginning(log: LogFile, reading: Reading) -> Checkpoint:
    """Return the checkpoint of a file of which nothing has been read."""
    return unread(log.path, reading).renewed(log)


def known(connection: DuckDBPyConnection) -> list[Checkpoint]:
    """Return the checkpoint of every file of which something was read."""
    return [Checkpoint(*row) for row in connection.execute(statement("ingest_checkpoint_known")).fetchall()]
