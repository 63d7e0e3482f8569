"""A stream that grows: however it comes, the lines are those of the whole, and they stand where they stand in it."""

from __future__ import annotations

from importlib import import_module
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.follow import Block, blocks
from logbounce.follow.blocks import LINE_BYTES, BlockReader

LINES = st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b"")), max_size=20)


class Growing:
    """Gives what has been written to it, at most `at_once` bytes a read, and nothing when it has been given."""

    def __init__(self, at_once: int = 1 << 20) -> None:
        self._held = b""
        self._at_once = at_once

    def write(self, data: bytes) -> None:
        """Let there be more."""
        self._held += data

    def read(self, size: int, /) -> bytes:
        """Return some of what is left."""
        size = min(size, self._at_once)
        part, self._held = self._held[:size], self._held[size:]
        return part


def lines(found: list[Block]) -> list[tuple[int, bytes, bool]]:
    """Return where each line starts, its bytes, and whether it is too long to be kept whole."""
    each = []
    for block in found:
        at = block.start
        for line in block.data.split(b"\n"):
            each.append((at, line, block.overlong))
            at += len(line) + 1
        assert block.overlong or block.end == at - (not block.ended)
    return each


def grown(parts: list[bytes], size: int, at_once: int) -> list[Block]:
    """Return the blocks of a stream that was read each time when it had grown by a part, and at last its rest."""
    stream = Growing(at_once)
    reader = BlockReader(stream, size=size)
    found = []
    for part in parts:
        stream.write(part)
        while (block := reader.whole()) is not None:
            found.append(block)
            assert block.end <= reader.position
    rest = reader.rest()
    return [*found, rest] if rest else found


def parts_of(data: bytes, cuts: list[int]) -> list[bytes]:
    ends = [*sorted(min(cut, len(data)) for cut in cuts), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


@given(LINES, st.booleans(), st.lists(st.integers(0, 400), max_size=12), st.integers(31, 200), st.integers(1, 64))
def test_any_growth_gives_the_lines_of_the_whole(
    texts: list[bytes], ended: bool, cuts: list[int], size: int, at_once: int  # noqa: FBT001 - drawn
) -> None:  # fmt: skip
    data = b"\n".join(texts) + (b"\n" if ended else b"")
    found = grown(parts_of(data, cuts), size, at_once)
    assert lines(found) == lines(list(blocks(BytesIO(data), size=1 << 20)))
    assert [block.end for block in found[:-1]] == [block.start for block in found[1:]]


@given(
    st.lists(st.integers(0, 60), max_size=8),
    st.lists(st.integers(0, 300), max_size=8),
    st.integers(8, 40),
    st.booleans(),
)
def test_any_growth_of_long_lines_gives_those_of_the_whole(
    lengths: list[int], cuts: list[int], size: int, ended: bool  # noqa: FBT001 - drawn
) -> None:  # fmt: skip
    """With a cap of 8 bytes a line: which lines are cut depends on the blocks, but never where the next one stands."""
    texts = [bytes([97 + n]) * length for n, length in enumerate(lengths)]
    data = b"\n".join(texts) + (b"\n" if ended else b"")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(import_module("logbounce.follow.blocks"), "LINE_BYTES", 8)
        found = grown(parts_of(data, cuts), size, 7)
    whole = lines(list(blocks(BytesIO(data), size=1 << 20)))
    given_back = lines(found)
    assert [at for at, _, _ in given_back] == [at for at, _, _ in whole]
    for (_, text, overlong), (_, expected, _) in zip(given_back, whole, strict=True):
        assert text == (expected[:8] if overlong else expected)
        assert overlong == (len(expected) >= size) or not overlong


def test_a_line_is_given_when_it_is_whole() -> None:
    stream = Growing()
    reader = BlockReader(stream)
    for part in (b"one", b" line", b""):
        stream.write(part)
        assert reader.whole() is None
    assert reader.position == 8
    stream.write(b"\ntwo")
    assert reader.whole() == Block(0, b"one line", 9)
    assert (reader.whole(), reader.position) == (None, 12)
    assert reader.rest() == Block(9, b"two", 12, ended=False)
    assert reader.rest() is None


def test_after_its_rest_a_stream_is_read_on() -> None:
    stream = Growing()
    reader = BlockReader(stream, start=100)
    stream.write(b"half")
    assert reader.whole() is None
    assert reader.rest() == Block(100, b"half", 104, ended=False)
    stream.write(b" and half\n")
    assert reader.whole() == Block(104, b" and half", 114)


def test_an_overlong_line_that_comes_in_parts_is_cut_and_what_follows_is_read() -> None:
    stream = Growing()
    reader = BlockReader(stream, size=LINE_BYTES)
    total = 0
    for _ in range(5):
        stream.write(b"x" * LINE_BYTES)
        total += LINE_BYTES
        assert (reader.whole(), reader.position) == (None, total)
    stream.write(b"\nnext\n")
    assert reader.whole() == Block(0, b"x" * LINE_BYTES, total + 1, overlong=True)
    assert reader.whole() == Block(total + 1, b"next", total + 6)


def test_memory_does_not_grow_with_a_line() -> None:
    stream = Growing()
    reader = BlockReader(stream, size=4 * LINE_BYTES)
    for _ in range(40):
        stream.write(b"y" * LINE_BYTES)
        reader.whole()
    assert len(reader._held) <= 4 * LINE_BYTES  # noqa: SLF001 - what it keeps is the point
    assert reader.position == 40 * LINE_BYTES


def test_the_rest_of_an_overlong_line_is_its_beginning() -> None:
    stream = Growing()
    reader = BlockReader(stream, size=LINE_BYTES)
    stream.write(b"z" * (3 * LINE_BYTES))
    assert reader.whole() is None
    assert reader.rest() == Block(0, b"z" * LINE_BYTES, 3 * LINE_BYTES, ended=False, overlong=True)
