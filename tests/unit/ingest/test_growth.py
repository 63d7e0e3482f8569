"""A last line that has no end yet: what is read of it is provisional, and gone when the line is whole."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from logbounce import shipped
from tests.unit.ingest.logs import arrival, attempt, expired, line, removed
from tests.unit.ingest.state import Memory, differences

if TYPE_CHECKING:
    from pathlib import Path

A = "a@example.org"


def text(*lines: str) -> bytes:
    return "\n".join(lines).encode()


STORY = text(
    *arrival(0, "4TXAAA"),
    attempt(1, "4TXAAA", A, "deferred", "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"),
    attempt(2, "4TXAAA", "b@example.org", "bounced", "host mx[192.0.2.1] said: 550 5.1.1 (unknown) user (gone)"),
    line(3, "4TXAAA: sender non-delivery notification: 4TXOWNER", "postfix/bounce"),
    *arrival(3, "4TXOWNER", ""),
    attempt(4, "4TXOWNER", "news@sender.example"),
    expired(9, "4TXAAA"),
    removed(9, "4TXAAA"),
    "",
)


def test_a_log_that_grows_a_few_bytes_at_a_time_is_the_whole_log(database: Memory, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(STORY)
    database.ingest(log)
    expected, sources = database.stored(), database.sources()
    database.empty()
    first = STORY.index(b"\n") + 1  # before it, nothing tells that it is a log
    ends = {n + d for n, byte in enumerate(STORY) if byte in b")\n" for d in (0, 1)}
    for end in sorted({*ends, *range(first, len(STORY), 157), len(STORY)}):
        if first <= end <= len(STORY):
            log.write_bytes(STORY[:end])
            database.ingest(log)
    assert differences(database.stored(), expected) == {}
    assert database.sources() == sources


@pytest.mark.parametrize("name", ["exim_mainlog", "kumomta.jsonl", "powermta.csv"])
def test_every_format_may_be_cut_anywhere(database: Memory, tmp_path: Path, name: str) -> None:
    data = (shipped.sample_logs() / name).read_bytes()[:6000]
    log = tmp_path / name
    log.write_bytes(data)
    database.ingest(log)
    expected = database.stored()
    database.empty()
    for end in (*range(2500, len(data), 701), len(data)):
        log.write_bytes(data[:end])
        database.ingest(log)
    assert differences(database.stored(), expected) == {}


LINE = attempt(1, "4TXAAA", A, "bounced", "host mx[192.0.2.1] said: 550 5.1.1 (unknown) user (gone)")
CUT = LINE.index("(unknown)") + len("(unknown)")  # ends in a bracket, as a whole line does


def test_what_a_part_of_a_line_said_leaves_nothing_behind(database: Memory, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(text(*arrival(0, "4TXAAA"), LINE[:CUT]))
    database.ingest(log)
    assert database.rows("select response from attempts") == [("550 5.1.1 (unknown",)]
    assert database.rows("select * from suppressions") == []
    log.write_bytes(text(*arrival(0, "4TXAAA"), LINE, ""))
    assert database.ingest(log).new == 0  # one instead of another
    assert database.rows("select response from attempts") == [("550 5.1.1 (unknown) user (gone)",)]
    assert database.rows("select sample from response_templates") == [("550 5.1.1 (unknown) user (gone)",)]
    assert database.rows("select address from suppressions") == [(A,)]


def test_a_part_of_an_unknown_line_is_not_counted_for_good(database: Memory, tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(text(*arrival(0, "4TXAAA"), LINE[:-10]))
    assert database.ingest(log).unparsed == 1
    assert database.rows("select count(*) from unparsed_lines") == [(1,)]
    log.write_bytes(text(*arrival(0, "4TXAAA"), LINE, ""))
    database.ingest(log)
    assert database.rows("select count(*) from unparsed_lines") == [(0,)]
    assert database.rows("select unparsed, lines_read from sources") == [(0, 3)]


def test_the_name_of_our_report_may_be_cut(database: Memory, tmp_path: Path) -> None:
    notice = line(5, "4TXAAA: sender non-delivery notification: 4TXOWNER", "postfix/bounce")
    log = tmp_path / "mail.log"
    for part in (notice[:-2], notice):
        log.write_bytes(text(*arrival(0, "4TXAAA"), part))
        database.ingest(log)
    log.write_bytes(text(*arrival(0, "4TXAAA"), notice, *arrival(6, "4TXOWN"), attempt(7, "4TXOWN", A), ""))
    database.ingest(log)
    assert database.rows("select outcome from attempts") == [("delivered",)]


def test_a_last_line_that_never_gets_its_end_is_one_row_however_often_it_is_read(
    database: Memory, tmp_path: Path
) -> None:
    log = tmp_path / "mail.log"
    log.write_bytes(text(*arrival(0, "4TXAAA"), LINE))
    assert [database.ingest(log).new for _ in range(3)] == [1, 0, 0]
    assert database.rows("select count(*), any_value(sender) from attempts") == [(1, "news@sender.example")]


def test_a_compressed_copy_made_in_the_middle_of_a_line_does_not_hide_the_rest(
    database: Memory, tmp_path: Path
) -> None:
    copy, log = tmp_path / "copy.gz", tmp_path / "mail.log"
    whole = text(*arrival(0, "4TXAAA"), LINE, attempt(3, "4TXAAA", "b@example.org"), "")
    log.write_bytes(whole)
    database.ingest(log)
    expected = database.stored()
    database.empty()
    copy.write_bytes(gzip.compress(whole[: whole.index(b"(unknown)") + 4]))
    assert database.ingest(copy).unparsed == 1
    log.write_bytes(whole)
    database.ingest(log)
    assert differences(database.stored(), expected) == {}


def test_a_shorter_copy_does_not_make_a_provisional_row_a_lasting_one(database: Memory, tmp_path: Path) -> None:
    lines = [attempt(n, "4TXAAA", f"{n}@example.org") for n in range(20)]
    log, copy = tmp_path / "mail.log", tmp_path / "copy.log"
    log.write_bytes(text(*lines, LINE[:-10]))
    database.ingest(log)
    copy.write_bytes(text(*lines[:15], ""))
    database.ingest(copy)
    log.write_bytes(text(*lines, LINE, ""))
    database.ingest(log)
    assert database.rows("select count(*) from unparsed_lines") == [(0,)]
    assert database.rows("select count(*) from attempts") == [(21,)]
