"""Blocks: whole lines, bounded, and nothing lost between them."""

from __future__ import annotations

from io import BytesIO

import pytest

from logbounce.follow import blocks
from logbounce.follow.blocks import LINE_BYTES


@pytest.mark.parametrize("size", [4, 7, 16, 1000])
def test_blocks_hold_whole_lines_and_say_where_they_start(size: int) -> None:
    data = b"one\ntwo\n\nthree\n"
    for block in blocks(BytesIO(data), size=size):
        if not block.overlong:
            assert data[block.start :].startswith(block.data + b"\n")
            assert block.end == block.start + len(block.data) + 1


def test_a_stream_that_begins_in_the_middle_keeps_its_positions() -> None:
    (block,) = blocks(BytesIO(b"b\nc\n"), start=100)
    assert (block.start, block.data, block.end, block.ended) == (100, b"b\nc", 104, True)


def test_a_last_line_without_an_end_says_so() -> None:
    whole, part = blocks(BytesIO(b"whole\npart"))
    assert (whole.ended, whole.data) == (True, b"whole")
    assert (part.ended, part.data, part.start) == (False, b"part", 6)


def test_a_line_longer_than_a_block_is_cut_and_what_follows_is_read() -> None:
    long = b"x" * (3 * LINE_BYTES)
    data = b"before\n" + long + b"\nafter\n"
    found = list(blocks(BytesIO(data), size=2 * LINE_BYTES))
    assert [b.overlong for b in found] == [False, True, False]
    assert found[1].data == long[:LINE_BYTES]
    assert (found[1].start, found[2].start) == (7, 7 + len(long) + 1)
    assert found[2].data == b"after"


def test_a_long_line_that_never_ends_ends_with_the_stream() -> None:
    (block,) = blocks(BytesIO(b"y" * (5 * LINE_BYTES)), size=LINE_BYTES)
    assert block.overlong
    assert block.end == 5 * LINE_BYTES


def test_nothing_gives_nothing() -> None:
    assert list(blocks(BytesIO(b""))) == []


def test_what_the_power_failed_to_write_is_passed_over() -> None:
    found = list(blocks(BytesIO(b"one\n" + b"\0" * 1000 + b"two\nthree\n"), 0, 64))
    lines = [(b.start + len(b.data) - len(b.data.lstrip(b"\0")), b.data.lstrip(b"\0")) for b in found]
    assert lines == [(0, b"one"), (1004, b"two\nthree")]
    assert not any(block.overlong for block in found)
    assert found[-1].end == 1014
