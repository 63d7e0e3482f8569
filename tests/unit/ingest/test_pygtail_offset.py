"""Taking over from pygtail: what its offset file says was read is not read, and all that follows is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from pygtail import Pygtail

from logbounce.errors import InputError
from logbounce.ingest import take_over
from tests.unit.ingest.following import messages

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ingest.state import Memory


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


def offset_of(log: Path) -> Path:
    return log.with_name("mail.log.offset")


def read_by_pygtail(log: Path) -> int:
    """Have pygtail read the log; return how many lines that were."""
    return len(Pygtail(str(log)).readlines())


def taken(database: Memory, log: Path) -> list[str]:
    """Take over and read what comes after; return the numbers of the recipients."""
    paths = take_over(database.connection, str(log), offset_of(log), database.settings, None)
    for path in paths:
        database.pipeline.ingest(path)
    return [row[0] for row in database.rows("select recipient[2:-13] from attempts order by event_time")]


def refused(database: Memory, log: Path) -> str:
    with pytest.raises(InputError) as caught:
        take_over(database.connection, str(log), offset_of(log), database.settings, None)
    assert database.rows("from sources") == []
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_what_pygtail_read_is_not_read_again(database: Memory, log: Path) -> None:
    log.write_text(messages(0, 1))
    assert read_by_pygtail(log) == 8
    log.write_text(messages(0, 1, 2))
    assert taken(database, log) == ["2"]
    assert database.rows("select position, lines_read from sources") == [(len(messages(0, 1, 2)), 4)]


def test_nothing_new_is_nothing(database: Memory, log: Path) -> None:
    log.write_text(messages(0, 1))
    read_by_pygtail(log)
    assert taken(database, log) == []


@pytest.mark.parametrize("name", ["mail.log.1", "mail.log-20261122", "mail.log.2026-11-22"])
def test_a_log_that_was_rotated_since_is_read_to_its_end_first(database: Memory, log: Path, name: str) -> None:
    log.write_text(messages(0))
    read_by_pygtail(log)
    log.write_text(messages(0, 1))
    log.rename(log.with_name(name))
    log.write_text(messages(2))
    assert taken(database, log) == ["1", "2"]


def test_the_offset_file_is_pygtails_and_stays_as_it_is(database: Memory, log: Path) -> None:
    log.write_text(messages(0))
    read_by_pygtail(log)
    before = offset_of(log).read_bytes()
    log.unlink()
    log.with_name("other").touch()  # so that the inode is another
    log.write_text(messages(5))
    refused(database, log)
    assert offset_of(log).read_bytes() == before


def test_an_offset_file_that_is_missing(database: Memory, log: Path) -> None:
    log.write_text(messages(0))
    assert refused(database, log) == f"{offset_of(log)}: is no file: expected pygtail's, usually {log}.offset"


@pytest.mark.parametrize("text", ["", "rubbish\n", "1\n", "1\n2\n3\n", "\xff\n", "inode\n5\n"])
def test_an_offset_file_that_is_none(database: Memory, log: Path, text: str) -> None:
    log.write_text(messages(0))
    offset_of(log).write_text(text, "latin-1")
    assert "mail.log.offset: is not of pygtail: expected an inode and a position, a line each" in refused(database, log)


def test_an_offset_file_of_another_log(database: Memory, log: Path) -> None:
    log.write_text(messages(0))
    offset_of(log).write_text("12345678901\n10\n")
    assert ": neither " in refused(database, log)


def test_a_log_that_is_missing(database: Memory, log: Path) -> None:
    log.write_text(messages(0))
    read_by_pygtail(log)
    log.unlink()
    assert refused(database, log) == f"{log}: cannot be read: No such file or directory"


@pytest.mark.parametrize("position", [5, 10_000_000])
def test_a_position_that_is_not_between_two_lines(database: Memory, log: Path, position: int) -> None:
    log.write_text(messages(0))
    offset_of(log).write_text(f"{log.stat().st_ino}\n{position}\n")
    assert f"position {position} is not after a line of {log}" in refused(database, log)


def test_pygtail_had_read_nothing(database: Memory, log: Path) -> None:
    log.write_text(messages(0))
    offset_of(log).write_text(f"{log.stat().st_ino}\n0\n")
    assert taken(database, log) == ["0"]
