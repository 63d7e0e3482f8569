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
_READ_BYTES = 4 * 1024 * 1024
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


def blocks(stream: Readable, start: int = 0, size: int = BLOCK_BYTES) -> Iterator[Block]:
    """Yield the lines of `stream`, whose next byte is number `start`, in blocks of about `size` bytes."""
    held = b""
    while True:
        part = _fill(stream, size - len(held))
        held += part
        cut = held.rfind(b"\n")
        if cut >= 0:
            yield Block(start, held[:cut], start + cut + 1)
            start += cut + 1
            held = held[cut + 1 :]
        elif len(held) >= size:
            start, held, block = _skip_line(stream, start, held)
            yield block
        elif not part:
            break
    if held:
        yield Block(start, held, start + len(held), ended=False)


def _fill(stream: Readable, wanted: int) -> bytes:
    parts = []
    while wanted > 0 and (part := stream.read(min(wanted, _READ_BYTES))):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)


def _skip_line(stream: Readable, start: int, held: bytes) -> tuple[int, bytes, Block]:
    """Read on to the end of a line that is longer than a block, keeping only its beginning."""
    length = len(held)
    rest = b""
    cut = -1
    while part := stream.read(_READ_BYTES):
        cut = part.find(b"\n")
        if cut >= 0:
            length += cut + 1
            rest = part[cut + 1 :]
            break
        length += len(part)
    block = Block(start, held[:LINE_BYTES], start + length, ended=cut >= 0, overlong=True)
    return start + length, rest, block
