"""Bytes to Arrow: one row a line, with the byte at which the line starts."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from logbounce.follow.blocks import LINE_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from logbounce.follow import Block

# DuckDB reads record batches in parallel, so a block is several of them.
_BATCH_BYTES = 1024 * 1024
_BOM = b"\xef\xbb\xbf"
_COUNTING = pa.array(range(64 * 1024), pa.int64())


@dataclass(frozen=True)
class Lines:
    """A block as a table (`pos` BIGINT, `line` VARCHAR).

    `overlong` are the lines that are too long to be log lines, as (position, first bytes).
    """

    table: pa.Table
    overlong: list[tuple[int, str]]


def arrow_lines(block: Block) -> Lines:
    r"""Split a block into lines: at \n only, without a \r before it; what is not UTF-8 becomes \xNN.

    NULs before a line are no part of it: a file system leaves them where the power failed.
    """
    if block.overlong:
        return Lines(_table([]), [(block.start, _decode(block.data))])
    batches, overlong = [], []
    returns, nulls = b"\r" in block.data, b"\0" in block.data
    for start, data in _pieces(block):
        batch, long = _batch(start, data, returns=returns, nulls=nulls)
        batches.append(batch)
        overlong += long
    return Lines(_table(batches), overlong)


_SCHEMA = pa.schema({"pos": pa.int64(), "line": pa.large_string()})


def _table(batches: list[pa.RecordBatch]) -> pa.Table:
    return pa.Table.from_batches(batches, _SCHEMA)


def _pieces(block: Block) -> Iterator[tuple[int, pa.Buffer]]:
    at, data = 0, block.data
    whole = pa.py_buffer(data)
    if block.start == 0 and data.startswith(_BOM):
        at = len(_BOM)
    while at <= len(data):
        end = data.find(b"\n", at + _BATCH_BYTES)
        end = len(data) if end < 0 else end
        yield block.start + at, whole.slice(at, end - at)
        at = end + 1


def _batch(start: int, data: pa.Buffer, *, returns: bool, nulls: bool) -> tuple[pa.RecordBatch, list[tuple[int, str]]]:
    # the piece as an array of one value, where it is: pa.array() would copy it
    one = pa.Array.from_buffers(pa.large_binary(), 1, [None, pa.py_buffer(struct.pack("=qq", 0, data.size)), data])
    lines = pc.split_pattern(one, pattern=b"\n").flatten()
    pos = _positions(lines, start)
    if nulls:
        lines = pa.array([line.lstrip(b"\0") for line in lines.to_pylist()], lines.type)
    long = pc.greater(pc.binary_length(lines), LINE_BYTES)
    overlong: list[tuple[int, str]] = []
    if pc.any(long).as_py():
        heads = zip(pos.filter(long).to_pylist(), lines.filter(long).to_pylist(), strict=True)
        overlong = [(p, _decode(text[:LINE_BYTES])) for p, text in heads]
        keep = pc.invert(long)
        pos, lines = pos.filter(keep), lines.filter(keep)
    text = _text(lines)
    return pa.record_batch([pos, pc.utf8_rtrim(text, characters="\r") if returns else text], schema=_SCHEMA), overlong


def _positions(lines: pa.LargeBinaryArray, start: int) -> pa.Int64Array:
    """Where each line starts: Arrow's own offsets, plus one newline for each line before it."""
    count = len(lines)
    offsets = pa.Array.from_buffers(pa.int64(), count, [None, lines.buffers()[1]], offset=lines.offset)
    numbers = _COUNTING[:count] if count <= len(_COUNTING) else pa.array(range(count), pa.int64())
    return pc.add(pc.add(offsets, numbers), start)


def _text(lines: pa.LargeBinaryArray) -> pa.LargeStringArray:
    try:
        return lines.cast(pa.large_string())
    except pa.ArrowInvalid:
        return pa.array([_decode(line) for line in lines.to_pylist()], pa.large_string())


def _decode(data: bytes) -> str:
    return data.decode("utf-8", errors="backslashreplace")
