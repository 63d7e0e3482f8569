"""Files are read oldest first; what is read in another order gives, as far as it can, the same rows."""

from __future__ import annotations

import os
from itertools import permutations
from typing import TYPE_CHECKING

import pytest

from tests.unit.ingest.logs import arrival, attempt, expired, line, removed
from tests.unit.ingest.state import Memory, differences

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ingest.state import Stored

A, B = "a@example.org", "b@example.org"
DAY = 86_400


def _write(folder: Path, *parts: list[str]) -> list[Path]:
    """Write logs, the oldest first."""
    paths = [folder / f"mail.log.{number}" for number in range(len(parts), 0, -1)]
    for path, lines in zip(paths, parts, strict=True):
        path.write_text("".join(f"{text}\n" for text in lines))
    return paths


def _read(database: Memory, paths: list[Path]) -> Stored:
    database.empty()
    for path in paths:
        database.ingest(path)
    return database.stored()


def test_files_given_newest_first_are_read_oldest_first(database: Memory, tmp_path: Path) -> None:
    old, new = _write(
        tmp_path, [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", A, "deferred", "later")], [attempt(DAY, "4TXAAA", A)]
    )
    os.utime(old, (2e9, 2e9))  # what a log says counts, not when it was copied
    assert [result.path for result in database.run(new, old)] == [str(old), str(new)]
    assert database.rows("select sender, outcome, attempts from outcomes") == [("news@sender.example", "delivered", 2)]


def test_a_file_without_any_time_comes_last(database: Memory, tmp_path: Path) -> None:
    odd, log = tmp_path / "a.log", tmp_path / "b.log"
    odd.write_text("postfix/smtp[7]: no time at all\n")
    log.write_text(f"{attempt(1, '4TXAAA', A)}\n")
    assert [result.path for result in database.run(odd, log)] == [str(log), str(odd)]


SPANNING = [
    [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", A, "deferred", "later"), attempt(1, "4TXAAA", B, "deferred", "later")],
    [attempt(DAY, "4TXAAA", A, "deferred", "still later"), attempt(DAY, "4TXAAA", B)],
    [attempt(2 * DAY, "4TXAAA", A), removed(2 * DAY, "4TXAAA")],
]


@pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
def test_a_message_that_spans_files_is_one_whatever_their_order(
    database: Memory, tmp_path: Path, order: tuple[int, ...]
) -> None:
    paths = _write(tmp_path, *SPANNING)
    expected = _read(database, paths)
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}
    assert [row[0] for row in database.rows("select attempts from outcomes order by recipient")] == [3, 2]


def test_a_message_of_which_no_beginning_is_known_is_one_too(database: Memory, tmp_path: Path) -> None:
    paths = _write(tmp_path, *SPANNING[1:])
    expected = _read(database, paths)
    assert differences(_read(database, paths[::-1]), expected) == {}


def test_exim_parts_meet_though_nothing_says_which_is_the_first(database: Memory, tmp_path: Path) -> None:
    head = "1tDabc-000000001aB-2xYz"
    paths = _write(
        tmp_path,
        [
            f"2026-11-20 10:00:00 {head} <= news@sender.example H=app [192.0.2.9] P=esmtp S=1000 id=x@sender.example",
            f"2026-11-20 10:00:01 {head} == {A} R=dnslookup T=remote_smtp defer (110): Connection timed out",
        ],
        [
            f'2026-11-21 10:00:00 {head} => {A} R=dnslookup T=remote_smtp H=mx.example.org [192.0.2.1] C="250 Ok"',
            f"2026-11-21 10:00:00 {head} Completed",
        ],
    )
    expected = _read(database, paths)
    assert differences(_read(database, paths[::-1]), expected) == {}
    assert database.rows("select sender, attempts from outcomes") == [("news@sender.example", 2)]


def test_another_use_of_the_id_does_not_adopt(database: Memory, tmp_path: Path) -> None:
    """What was removed does not go on; of two messages with the id, the nearest that is open does."""
    old = [
        *arrival(0, "A1B2C3", "one@sender.example"),
        removed(10, "A1B2C3"),
        *arrival(100, "A1B2C3", "two@sender.example"),
        attempt(101, "A1B2C3", A, "deferred", "later"),
    ]
    new = [
        attempt(DAY, "A1B2C3", A),
        removed(DAY, "A1B2C3"),
        *arrival(DAY + 100, "A1B2C3", "three@sender.example"),
        attempt(DAY + 101, "A1B2C3", A),
    ]
    paths = _write(tmp_path, old, new)
    expected = _read(database, paths)
    assert differences(_read(database, paths[::-1]), expected) == {}
    assert database.rows("select sender, attempts from outcomes order by sender") == [
        ("three@sender.example", 1),
        ("two@sender.example", 2),
    ]
    paths = _write(tmp_path, old[:3], [attempt(DAY, "A1B2C3", A)])
    _read(database, paths[::-1])
    assert database.rows("select sender from attempts") == [(None,)]


def test_our_own_report_is_known_for_one_when_its_notice_is_read_later(database: Memory, tmp_path: Path) -> None:
    notice = line(1, "4TXAAA: sender non-delivery notification: 4TXOWN", "postfix/bounce")
    paths = _write(
        tmp_path,
        [notice, *arrival(1, "4TXOWN", ""), attempt(2, "4TXOWN", "news@sender.example", "deferred", "451 4.3.0 later")],
        [attempt(DAY, "4TXOWN", "news@sender.example", "deferred", "451 4.3.0 still")],
    )
    expected = _read(database, paths)
    assert [row[0] for row in database.rows("select outcome from attempts")] == ["relayed", "relayed"]
    found = _read(database, paths[::-1])
    del expected["templates"], found["templates"]  # the answer was one to judge, until it was known to be to a report
    assert differences(found, expected) == {}


def test_a_message_that_was_read_from_its_middle_gets_its_sender_in_any_block(database: Memory, tmp_path: Path) -> None:
    """Postfix names the sender again at each try: lines before it are the same message's."""
    first = attempt(1, "4TXAAA", A, "deferred", "later")
    again = [arrival(DAY, "4TXAAA")[1], attempt(DAY + 1, "4TXAAA", A)]
    expected = _read(database, _write(tmp_path, [first, *again]))
    assert differences(_read(database, _write(tmp_path, [first], again)), expected) == {}
    assert database.rows("select distinct sender from attempts") == [("news@sender.example",)]


def test_who_is_adopted_is_judged_again(database: Memory, tmp_path: Path) -> None:
    """Tries of one message on three days are three soft bounces."""
    soft = "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"
    paths = _write(
        tmp_path,
        [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", A, "deferred", soft)],
        [attempt(DAY + 1, "4TXAAA", A, "deferred", soft), attempt(2 * DAY + 1, "4TXAAA", A, "deferred", soft)],
    )
    _read(database, paths[::-1])
    assert database.rows("select address, bounces from suppressions") == [(A, 3)]


def test_giving_up_closes_what_it_closes_when_it_is_read_after_it(database: Memory, tmp_path: Path) -> None:
    """The other way round is a limit that docs/sql.md tells of: the line names no recipient."""
    _read(database, _write(tmp_path, SPANNING[0], [expired(5 * DAY, "4TXAAA"), removed(5 * DAY, "4TXAAA")]))
    assert database.rows("select distinct outcome from outcomes") == [("expired",)]


def test_two_reports_with_one_queue_id_are_known_each_by_its_notice(database: Memory, tmp_path: Path) -> None:
    def report(second: float) -> list[str]:
        return [
            *arrival(second, "A1B2C3", ""),
            attempt(second + 1, "A1B2C3", "news@sender.example"),
            removed(second + 1, "A1B2C3"),
        ]

    notices = [
        line(second, "4TXAAA: sender non-delivery notification: A1B2C3", "postfix/bounce") for second in (0, 1000)
    ]
    _read(database, _write(tmp_path, [notices[0], *report(1)], [notices[1]], report(1001)))
    assert database.rows("select outcome from attempts") == [("relayed",), ("relayed",)]


def test_a_notice_is_not_about_a_message_that_was_gone_before_it(database: Memory, tmp_path: Path) -> None:
    before = [*arrival(0, "A1B2C3"), attempt(1, "A1B2C3", A), removed(1, "A1B2C3")]
    _read(
        database,
        _write(tmp_path, before, [line(600, "4TXAAA: sender non-delivery notification: A1B2C3", "postfix/bounce")]),
    )
    assert database.rows("select outcome from attempts") == [("delivered",)]


GONE = "host mx[192.0.2.1] said: 550 5.1.1 no such user (in reply to RCPT TO command)"
REUSED = [
    arrival(0, "A1B2C3", "one@sender.example"),
    [
        attempt(100, "A1B2C3", A),
        removed(100, "A1B2C3"),
        *arrival(1000, "A1B2C3", "two@sender.example", "two@sender.example"),
        attempt(1001, "A1B2C3", A, "deferred", "later"),
    ],
    [attempt(DAY, "A1B2C3", A, "bounced", GONE), removed(DAY, "A1B2C3")],
]


@pytest.mark.parametrize("order", [(0, 2, 1), (2, 0, 1), (2, 1, 0)], ids=str)
@pytest.mark.parametrize("ended", [True, False])
def test_what_a_later_use_of_the_id_said_is_not_the_earlier_ones(
    database: Memory, tmp_path: Path, order: tuple[int, ...], *, ended: bool
) -> None:
    paths = _write(tmp_path, *REUSED[:2], REUSED[2] if ended else REUSED[2][:1])
    expected = _read(database, paths)
    assert database.rows("select sender, outcome, attempts from outcomes order by sender") == [
        ("one@sender.example", "delivered", 1),
        ("two@sender.example", "bounced", 2),
    ]
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}


@pytest.mark.parametrize("order", [(0, 3, 1, 2), (0, 3, 2, 1), (3, 0, 1, 2), (3, 2, 0, 1)], ids=str)
def test_a_later_use_that_begins_in_a_file_of_its_own_gets_what_it_said(
    database: Memory, tmp_path: Path, order: tuple[int, ...]
) -> None:
    paths = _write(tmp_path, REUSED[0], REUSED[1][:2], REUSED[1][2:], REUSED[2])
    expected = _read(database, paths)
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}


# Stamps of whole seconds, all the same.
SECOND = [
    arrival(0, "4TXAAA"),
    [attempt(0, "4TXAAA", A, "deferred", "later"), attempt(0, "4TXAAA", B)],
    [attempt(0, "4TXAAA", A), removed(0, "4TXAAA")],
]


@pytest.mark.parametrize("order", [(2, 1, 0), (2, 0, 1), (1, 2, 0)], ids=str)
def test_a_message_that_is_cut_within_a_second_is_one_whatever_the_order(
    database: Memory, tmp_path: Path, order: tuple[int, ...]
) -> None:
    paths = _write(tmp_path, *SECOND)
    expected = _read(database, paths)
    assert database.rows("select distinct sender, message_id from attempts") == [
        ("news@sender.example", "4TXAAA@sender.example")
    ]
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}


@pytest.mark.parametrize("order", [(2, 1, 0), (2, 0, 1), (1, 2, 0)], ids=str)
def test_our_own_report_that_is_cut_within_a_second_is_known_for_one(
    database: Memory, tmp_path: Path, order: tuple[int, ...]
) -> None:
    notice = line(0, "4TXAAA: sender non-delivery notification: 4TXOWN", "postfix/bounce")
    end = [attempt(0, "4TXOWN", "news@sender.example"), removed(0, "4TXOWN")]
    paths = _write(tmp_path, arrival(0, "4TXOWN", ""), [notice], end)
    expected = _read(database, paths)
    assert database.rows("select outcome, sender from attempts") == [("relayed", "")]
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}


def _of(host: str, lines: list[str]) -> list[str]:
    return [text.replace(" mx1 ", f" {host} ") for text in lines]


# mx1 gives the message to mx2, which has had it for a moment when mx1 says so.
HOP = [
    arrival(0, "4TXAAA", message_id="m1@sender.example"),
    [
        attempt(1.3, "4TXAAA", A, reason="250 2.0.0 Ok: queued as 4TXBBB", relay="mx2.sender.example[10.0.0.2]:25"),
        removed(1.4, "4TXAAA"),
    ],
    _of("mx2", arrival(1.15, "4TXBBB", message_id="m1@sender.example")),
    _of("mx2", [attempt(5.3, "4TXBBB", A), removed(5.4, "4TXBBB")]),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 1, 0, 2), (2, 3, 1, 0), (1, 2, 0, 3)], ids=str)
def test_a_hop_between_own_hosts_is_known_whichever_log_is_read_first(
    database: Memory, tmp_path: Path, order: tuple[int, ...]
) -> None:
    paths = _write(tmp_path, *HOP)
    expected = _read(database, [paths[n] for n in (2, 0, 1, 3)])  # as the lines follow one another
    assert database.rows("select host, outcome from attempts order by host") == [
        ("mx1", "relayed"),
        ("mx2", "delivered"),
    ]
    assert differences(_read(database, [paths[n] for n in order]), expected) == {}


def test_another_message_of_that_id_or_one_of_another_day_is_no_next_hop(database: Memory, tmp_path: Path) -> None:
    for host, second, message_id in (("mx2", 1, "m2@sender.example"), ("mx3", DAY, "m1@sender.example")):
        other = _of(host, arrival(second, "4TXBBB", message_id=message_id))
        for paths in (_write(tmp_path, [*HOP[0], *HOP[1]], other), _write(tmp_path, other, [*HOP[0], *HOP[1]])):
            _read(database, paths)
            assert database.rows("select outcome from attempts") == [("delivered",)]


def test_a_hop_that_is_known_late_begins_no_count_again(database: Memory, tmp_path: Path) -> None:
    """mx2 said that the mailbox is full before and after mx1 gave it another message."""
    soft = "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"
    before = [
        text
        for n, second in enumerate((-3000, -2000))
        for text in [*arrival(second, f"4TXCC{n}"), attempt(second, f"4TXCC{n}", A, "deferred", soft)]
    ]
    after = [*arrival(3000, "4TXDDD"), attempt(3000, "4TXDDD", A, "deferred", soft)]
    paths = _write(tmp_path, [*HOP[0], *HOP[1]], _of("mx2", [*before, *after]), HOP[2])
    _read(database, paths)
    assert database.rows("select address, reason, bounces from suppressions") == [(A, "soft", 3)]
