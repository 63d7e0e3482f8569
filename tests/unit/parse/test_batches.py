"""Bytes to rows of lines: positions, line ends, and bytes that are no text."""

from __future__ import annotations

from logbounce.follow import Block
from logbounce.follow.blocks import LINE_BYTES
from logbounce.parse import arrow_lines


def rows(data: bytes, start: int = 0) -> list[tuple[int, str]]:
    table = arrow_lines(Block(start, data, start + len(data) + 1)).table
    return list(zip(table["pos"].to_pylist(), table["line"].to_pylist(), strict=True))


def test_each_line_has_the_byte_at_which_it_starts() -> None:
    assert rows(b"one\n\nthree", 100) == [(100, "one"), (104, ""), (105, "three")]


def test_positions_are_of_bytes_not_of_characters() -> None:
    assert rows("é\nb".encode()) == [(0, "é"), (3, "b")]


def test_a_carriage_return_ends_no_line_but_belongs_to_its_end() -> None:
    assert rows(b"one\r\nt\rwo\r") == [(0, "one"), (5, "t\rwo")]


def test_a_byte_order_mark_is_no_part_of_the_first_line() -> None:
    assert rows(b"\xef\xbb\xbfone\ntwo") == [(3, "one"), (7, "two")]
    assert rows(b"\xef\xbb\xbfone", 50) == [(50, "\ufeffone")], "only the file begins with one"


def test_bytes_that_are_no_utf_8_are_kept_readable() -> None:
    assert rows(b"a\xffb\nc\0d\x1b[1m") == [(0, "a\\xffb"), (4, "c\0d\x1b[1m")]


def test_nulls_before_a_line_are_no_part_of_it() -> None:
    assert rows(b"\0" * LINE_BYTES + b"one") == [(0, "one")]
    assert rows(b"one\n\0\0\0two\0\n\0\n") == [(0, "one"), (4, "two\0"), (12, ""), (14, "")]


def test_pieces_of_a_large_block_meet_without_a_seam() -> None:
    lines = [b"line %d" % n * (n % 40) for n in range(60_000)]
    data = b"\n".join(lines)
    found = rows(data)
    assert [text.encode() for _, text in found] == lines
    assert all(data[pos : pos + len(text)].decode() == text for pos, text in found)


def test_a_line_that_is_too_long_is_kept_apart() -> None:
    lines = arrow_lines(Block(0, b"a\n" + b"x" * (LINE_BYTES + 1) + b"\nb", 0))
    assert lines.table["line"].to_pylist() == ["a", "b"]
    assert lines.overlong == [(2, "x" * LINE_BYTES)]


def test_a_line_of_the_longest_length_is_a_line() -> None:
    lines = arrow_lines(Block(0, b"x" * LINE_BYTES, 0))
    assert lines.table.num_rows == 1
    assert lines.overlong == []
