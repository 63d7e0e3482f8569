"""A stream of bytes as blocks of whole lines, of bounded size whatever the input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Protocol

    class Readable(Protocol):
        """What `blocks` asks of a stream."""

        def read(self, size: int, /) -> bytes:
            """Return up to `size` bytes, none at the end."""


BLOCK_BYTES = 4 * 1024 * 1024
TAIL_BYTES = 1024
LINE_BYTES = 64 * 1024  # syslog lines are at most 8 KiB, PowerMTA rows a few; what is longer is no log line


@dataclass(frozen=True)
class Block:
    """Whole lines without their last newline, and where they stand in the uncompressed stream.

    `ended` is false for a last line that the file has not ended with a newline: it may be a part.
    """

    start: int
    data: bytes
    end: int
    ended: bool = True
    overlong: bool = False  # the first LINE_BYTES of one line that does not fit in a block

    def without_lines(self) -> Block:
        """Return the block with only its last bytes, by which the place is known again."""
        return replace(self, data=self.data[-TAIL_BYTES:])


class BlockReader:
    """Reads a stream that may still grow, block by block; what is no whole line yet is kept until it is one."""

    def __init__(self, stream: Readable, start: int = 0, size: int = BLOCK_BYTES) -> None:
        """Read `stream`, whose next byte is number `start`, in blocks of about `size` bytes."""
        self._stream = stream
        self._start = start  # of what is held
        self._size = size
        self._held = b""
        self._overlong = False  # what is held is the beginning of a line that does not fit in a block
        self._skipped = 0  # how many bytes of that line are not held any more

    @property
    def position(self) -> int:
        """Return how many bytes of the stream have been taken from it."""
        return self._start + len(self._held) + self._skipped

    def whole(self) -> Block | None:
        """Return the next whole lines; None when there is, at the moment, none."""
        block = None if self._overlong else self._cut()
        while block is None and (part := self._fill()):
            block = self._skip(part) if self._overlong else self._cut(part)
        return block

    def rest(self) -> Block | None:
        """Return the last line, which the stream has not ended; reading goes on behind it."""
        return self._taken(len(self._held), ended=False) if self._held else None

    def _fill(self) -> bytes:
        parts, wanted = [], self._size - (0 if self._overlong else len(self._held))
        while wanted > 0 and (part := self._stream.read(wanted)):
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)

    def _cut(self, part: bytes = b"") -> Block | None:
        """Return the whole lines of what is held and of `part`."""
        self._held += part
        cut = self._held.rfind(b"\n")
        if cut >= 0:
            return self._taken(cut)
        if len(self._held) >= self._size and not self._held.strip(b"\0"):  # what the power failure left may be long
            self._start += len(self._held)
            self._held = b""
        elif len(self._held) >= self._size:
            self._overlong = True
            self._skipped = max(len(self._held) - LINE_BYTES, 0)
            self._held = self._held[:LINE_BYTES]
        return None

    def _skip(self, part: bytes) -> Block | None:
        """Read on to the end of an overlong line."""
        cut = part.find(b"\n")
        self._skipped += len(part) if cut < 0 else cut
        if cut < 0:
            return None
        block = self._taken(len(self._held))
        self._held = part[cut + 1 :]
        return block

    def _taken(self, length: int, *, ended: bool = True) -> Block:
        end = self._start + length + self._skipped + ended
        block = Block(self._start, self._held[:length], end, ended=ended, overlong=self._overlong)
        self._start, self._held, self._overlong, self._skipped = end, self._held[length + 1 :], False, 0
        return block


def blocks(stream: Readable, start: int = 0, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the lines of `stream`, whose next byte is number `start`, in blocks of about `size` bytes, to its end."""
    reader = BlockReader(stream, start, size)
    yield from iter(reader.whole, None)  # no name here: it would keep each block until the next one
    if (block := reader.rest()) is not None:
        yield block
