"""A pipe gives what has come and never waits; a writer waits when nobody takes what it wrote."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from logbounce.follow.blocks import BlockReader
from logbounce.follow.pipe import Pipe

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 60.0  # that a thread is waited for; it takes none of them


class Side:
    """Both ends: what is written, and what was told."""

    def __init__(self) -> None:
        self.reads, self.writes = os.pipe()
        self.told = threading.Event()
        self.pipe = Pipe(self.reads, self.told.set)

    def write(self, data: bytes) -> None:
        """Write, and wait until it is told that something came."""
        self.told.clear()
        os.write(self.writes, data)
        assert self.told.wait(SECONDS)

    def end(self) -> None:
        """End the writing, and wait until it is told."""
        self.told.clear()
        os.close(self.writes)
        assert self.told.wait(SECONDS)


@pytest.fixture
def side() -> Iterator[Side]:
    side = Side()
    yield side
    os.close(side.reads)


def test_what_has_come_is_given_once(side: Side) -> None:
    assert side.pipe.read(100) == b""
    side.write(b"one\ntwo\n")
    assert (side.pipe.read(4), side.pipe.read(100), side.pipe.read(100)) == (b"one\n", b"two\n", b"")
    assert not side.pipe.ended
    side.end()
    assert side.pipe.ended


def test_it_has_not_ended_before_everything_was_taken(side: Side) -> None:
    side.write(b"last")
    side.end()
    assert not side.pipe.ended
    assert side.pipe.read(100) == b"last"
    assert side.pipe.ended


def test_lines_come_whole(side: Side) -> None:
    reader = BlockReader(side.pipe)
    side.write(b"one\ntw")
    assert getattr(reader.whole(), "data", None) == b"one"
    assert reader.whole() is None
    side.write(b"o\n")
    assert getattr(reader.whole(), "data", None) == b"two"
    side.end()


def test_a_writer_waits_while_nobody_reads(side: Side) -> None:
    data = os.urandom(6 * 1024 * 1024)
    written = threading.Event()

    def write() -> None:
        left = memoryview(data)
        while left:
            left = left[os.write(side.writes, left) :]
        written.set()

    threading.Thread(target=write, daemon=True).start()
    assert not written.wait(0.2)
    assert side.pipe.full
    found = b""
    while len(found) < len(data):
        assert side.told.wait(SECONDS)
        found += side.pipe.read(100_000)
    assert written.wait(SECONDS)
    assert found == data
    side.end()


def test_what_fills_it_at_once_is_told(side: Side, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.follow.pipe._HELD_BYTES", 4)
    side.write(b"one\ntwo\n")
    assert side.pipe.full
    assert side.pipe.read(100) == b"one\ntwo\n"
    side.end()


def test_a_descriptor_that_was_closed_is_an_end() -> None:
    reads, writes = os.pipe()
    os.close(reads)
    told = threading.Event()
    pipe = Pipe(reads, told.set)
    assert told.wait(SECONDS)
    assert pipe.ended
    os.close(writes)


def test_a_writer_that_was_ended_in_mid_flow_leaves_nothing_open() -> None:
    reads, writes = os.pipe()
    told = threading.Event()
    pipe = Pipe(reads, told.set)
    os.write(writes, bytes(60_000))
    assert told.wait(SECONDS)
    threading.Timer(0.05, os.close, [writes]).start()
    pipe.close()
    assert pipe.ended
    os.close(reads)
