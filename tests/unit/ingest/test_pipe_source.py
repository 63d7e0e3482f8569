"""Standard input: what was stored is confirmed, byte by byte, and nothing else; the last line needs no end."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, cast

import pytest

from logbounce.errors import InputError
from logbounce.ingest.checkpoint import known
from logbounce.ingest.pipe_source import PipeSource
from tests.unit.ingest.following import HARD, message, messages
from tests.unit.ingest.logs import line

if TYPE_CHECKING:
    from logbounce.follow.pipe import Pipe
    from tests.unit.ingest.state import Memory


class Given:
    """A pipe into which a test puts what it likes."""

    def __init__(self) -> None:
        self.held = b""
        self.closed = False

    @property
    def ended(self) -> bool:
        """Tell whether nothing will come any more."""
        return self.closed and not self.held

    def read(self, size: int, /) -> bytes:
        """Return what has come."""
        part, self.held = self.held[:size], self.held[size:]
        return part


class Lab:
    """A source, what it confirmed, and the database."""

    def __init__(self, database: Memory, wanted: str | None = None) -> None:
        self.database = database
        self.pipe = Given()
        self.confirmed: list[int] = []
        stored = next(iter(known(database.connection)), None)
        pipe = cast("Pipe", self.pipe)
        self.source = PipeSource("standard input", pipe, database.settings, wanted, stored, self.confirmed.append)

    def come(self, text: str, most: int = 50_000) -> bool:
        """Let `text` come; store what can be read of it, and tell whether that was something."""
        self.pipe.held += text.encode()
        piece = self.source.read(most)
        if piece:
            piece.commit(self.database.connection)
        return piece is not None

    def end(self) -> int:
        """Let the writer close its end; return how many pieces still came."""
        self.pipe.closed = True
        count = 0
        while self.come(""):
            count += 1
        assert self.source.ended
        return count

    def recipients(self) -> list[str]:
        """Return the number of each recipient, as often as it was stored."""
        return [row[0] for row in self.database.rows("select recipient[2:-13] from attempts order by event_time")]


@pytest.fixture
def lab(database: Memory) -> Lab:
    return Lab(database)


def test_what_is_stored_is_confirmed(lab: Lab) -> None:
    texts = [message(0), message(1), message(2)]
    for text in texts:
        assert lab.come(text)
    assert lab.confirmed == [sum(map(len, texts[: n + 1])) for n in range(3)]
    assert lab.recipients() == ["0", "1", "2"]


def test_nothing_is_confirmed_before_it_is_stored(lab: Lab) -> None:
    lab.pipe.held = message(0).encode()
    piece = lab.source.read(100)
    assert piece is not None
    assert lab.confirmed == []
    piece.commit(lab.database.connection)
    assert lab.confirmed == [len(message(0))]


def test_a_part_of_a_line_is_confirmed_with_the_whole_line(lab: Lab) -> None:
    text = message(0)
    cut = text.index("to=<")
    assert lab.come(text[:cut])
    assert lab.confirmed == [text.rindex("\n", 0, cut) + 1]
    assert not lab.come("")
    assert lab.come(text[cut:])
    assert lab.confirmed[-1] == len(text)
    assert lab.recipients() == ["0"]


def test_the_last_line_needs_no_end(lab: Lab) -> None:
    text = message(0) + "".join(message(1, "bounced", HARD).splitlines(keepends=True)[:3]).removesuffix("\n")
    lab.come(text)
    assert lab.recipients() == ["0"]
    assert lab.end() == 1
    assert lab.recipients() == ["0", "1"]
    assert lab.confirmed[-1] == len(text)
    assert lab.database.rows("select address from undecided_addresses") == [("r1@example.org",)]


def test_a_source_has_not_ended_while_it_has_a_line_to_give(lab: Lab) -> None:
    """The writer may end between the reading and the question."""
    lab.come(message(0) + message(1).removesuffix("\n"))
    assert not lab.come("")
    lab.pipe.closed = True
    assert lab.source.ended is False
    assert lab.end() == 1


def test_blank_lines_before_the_log_tell_nothing_of_its_format(lab: Lab) -> None:
    assert not lab.come("\n\n")
    assert lab.come("\n" + message(0))
    assert lab.confirmed[-1] == 3 + len(message(0))


def test_nothing_gives_nothing(lab: Lab) -> None:
    assert lab.end() == 0
    assert (lab.confirmed, lab.recipients()) == ([], [])


@pytest.mark.parametrize("text", ["good morning\n", gzip.compress(b"x", mtime=0).hex() + "\n"])
def test_what_is_no_log_is_an_error(lab: Lab, text: str) -> None:
    with pytest.raises(InputError, match=r"standard input:1: not understood: .*; expected one of "):
        lab.come(text)
    assert lab.confirmed == []


def test_a_format_that_is_named_need_not_be_told_from_the_first_lines(database: Memory) -> None:
    lab = Lab(database, "postfix")
    lab.come(line(0, "Server listening", "sshd") + "\n")
    lab.come(message(0))
    assert lab.recipients() == ["0"]
    assert database.rows("select lines_read, noise, unparsed from sources") == [(5, 1, 0)]


def test_each_run_counts_its_own_bytes_and_the_lines_of_all(database: Memory) -> None:
    for number in (0, 1):
        lab = Lab(database)
        lab.come(message(number))
        lab.end()
        assert lab.confirmed == [len(message(number))]
    assert database.rows("select source_name, lines_read, attempts from sources") == [("standard input", 8, 2)]


def test_lines_that_were_stored_and_not_confirmed_come_again_and_add_nothing(database: Memory) -> None:
    """The writer sends again what it has no confirmation of."""
    Lab(database).come(messages(0, 1))
    lab = Lab(database)
    lab.come(messages(1, 2))
    assert lab.recipients() == ["0", "1", "2"]


def test_a_commit_holds_about_so_many_lines(lab: Lab) -> None:
    lab.source._reader._size = 400  # noqa: SLF001 - a block is far more lines than a test should write
    lab.come(messages(*range(6)), 4)
    pieces = 1 + lab.end()
    assert pieces >= 2
    assert len(lab.confirmed) == pieces
    assert lab.recipients() == [str(number) for number in range(6)]
