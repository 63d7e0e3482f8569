"""What every kind of source gives to `tail`, and gets from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from logbounce import load
from logbounce.ingest.commit import commit
from logbounce.ingest.committed import StoredLines
from logbounce.parse import in_batches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.committed import Stored
    from logbounce.ingest.session import Sessions
    from logbounce.parse import Parsed, Reading

_BYTES = 1024 * 1024  # of lines that are longer than usual, a commit holds fewer
_SMALL_BYTES = 512 * 1024
_WHOLE = 2**62


@dataclass(frozen=True)
class Piece:
    """Lines of one log that were read and parsed, and are not stored yet.

    `stored` is the checkpoint as it is in the database, `at` the same one as of now; `committed` is told the next one.
    """

    parsed: Parsed
    reading: Reading
    stored: Checkpoint
    at: Checkpoint
    growing: bool
    committed: Callable[[Checkpoint], None]

    @property
    def lines(self) -> int:
        """Return how many lines these are."""
        return self.parsed.lines

    def commit(self, connection: DuckDBPyConnection) -> StoredLines:
        """Store the lines and how far they go, in one transaction."""
        load.prepare(connection, self.reading.detected.format, self.reading.source_name)
        after, loaded, forgotten = commit(connection, self.parsed, self.stored, self.at, growing=self.growing)
        self.committed(after)
        return StoredLines.of(after, loaded, forgotten)


class Storable(Protocol):
    """Something that was read and is not stored yet."""

    @property
    def lines(self) -> int:
        """Return how much it is, in lines or messages."""

    def commit(self, connection: DuckDBPyConnection) -> Stored:
        """Store it."""


class Source(Protocol):
    """A log or a mailbox that is followed."""

    def read(self, most: int) -> Storable | None:
        """Return what comes next, `most` lines or a block more; None when there is, at the moment, nothing.

        To be asked again only when the piece is stored.
        """

    def settle(self, sessions: Sessions) -> bool:
        """See to what was read to its end; tell whether something was found to be lost.

        Asked when nothing has come, and now and then while something always does.
        """

    @property
    def ended(self) -> bool:
        """Tell whether nothing more is waited for."""

    @property
    def pressing(self) -> bool:
        """Tell whether so much is waiting that it should be read at once."""

    @property
    def unreadable(self) -> bool:
        """Tell whether it is there and could not be read, when it was last looked at."""

    def close(self) -> None:
        """Let go of everything that is open."""


def up_to(most: int, blocks: Callable[[], Block | None]) -> Iterator[Block]:
    """Yield blocks until there are `most` lines, or the end has been reached.

    A small block is the last one for now: while it is parsed, a busy server writes the next few lines, and so for ever.
    """
    lines = size = 0
    while lines < most and size < _BYTES and (block := blocks()) is not None:
        lines += block.data.count(b"\n") + 1
        size += len(block.data)
        yield block
        if len(block.data) < _SMALL_BYTES and not block.overlong:
            return


def together(parts: Iterable[Parsed]) -> Parsed | None:
    """Return what was parsed as one; None if it is nothing."""
    return next(in_batches(parts, _WHOLE), None)
