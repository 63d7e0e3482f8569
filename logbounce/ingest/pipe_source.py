"""Standard input as a source of `tail`: what comes can be had once, so each commit is confirmed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from logbounce.clock import utc_now
from logbounce.follow.blocks import BlockReader
from logbounce.ingest import checkpoint
from logbounce.ingest.inspect import Beginning, reading_of
from logbounce.ingest.line_parser import LineParser
from logbounce.ingest.source import Piece, together, up_to

if TYPE_CHECKING:
    from collections.abc import Callable

    from logbounce.follow import Block
    from logbounce.follow.pipe import Pipe
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.session import Sessions
    from logbounce.parse import Parsed, Reading
    from logbounce.settings import Settings

_PRESSING_BYTES = 1024 * 1024


@dataclass
class PipeSource:
    """Reads the lines that somebody writes to us; `confirm` gets the number of bytes of them that are stored."""

    name: str
    pipe: Pipe
    settings: Settings
    wanted: str | None
    stored: Checkpoint | None
    confirm: Callable[[int], None]
    unreadable: bool = False

    def __post_init__(self) -> None:
        """Read nothing yet."""
        self._reader = BlockReader(self.pipe)
        self._read_to_its_end = False
        self._parser: LineParser | None = None

    @property
    def ended(self) -> bool:
        """Tell whether the writer has closed its end, and all of it was read."""
        return self._read_to_its_end

    @property
    def pressing(self) -> bool:
        """Tell whether the writer will soon have to wait."""
        return self.pipe.held >= _PRESSING_BYTES

    def read(self, most: int) -> Piece | None:
        """Return what has come; InputError if it is of no known format."""
        blocks = (block for block in up_to(most, self._next) if self._parser or block.data.strip())
        parsed = together(map(self._parse, blocks))
        if parsed is None or self._parser is None:
            return None
        stored = self.stored or checkpoint.unread(self.name, self._parser.reading)
        return Piece(parsed, self._parser.reading, stored, self._at(stored), growing=False, committed=self._committed)

    def settle(self, sessions: Sessions) -> bool:
        """Do nothing: what has come was read."""
        del sessions
        return False

    def close(self) -> None:
        """Do nothing: the pipe is its maker's."""

    def _parse(self, block: Block) -> Parsed:
        if self._parser is None:
            self._parser = LineParser(self._reading(block.data))
        return self._parser.parse(block, utc_now(), None)

    def _next(self) -> Block | None:
        block = self._reader.whole()
        if block is None and self.pipe.ended:
            rest = self._reader.rest()
            self._read_to_its_end = rest is None
            return rest and replace(rest, ended=True)  # nobody will write on
        return block

    def _reading(self, head: bytes) -> Reading:
        return reading_of(Beginning(self.name, head, utc_now()), self.settings, self.wanted)

    def _at(self, stored: Checkpoint) -> Checkpoint:
        """Return the checkpoint before what was read, as it is to be carried on."""
        return stored

    def _committed(self, after: Checkpoint) -> None:
        self.stored = after
        self.confirm(after.position)
