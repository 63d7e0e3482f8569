"""`tail` through what happens to logs: each line is stored once, and what cannot be had is told."""

from __future__ import annotations

import gzip
import os
import shutil
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from logbounce.follow import Followed, follower
from logbounce.ingest import Pace, Pipeline, Tail, checkpoint, complaints, session
from logbounce.ingest import tail as tail_module
from logbounce.settings import Settings, Source
from tests.unit.ingest.following import HARD, Following, kept_open, message, messages
from tests.unit.ingest.logs import RULES, START, attempt

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block
    from tests.unit.ingest.state import Memory


@pytest.fixture
def following(database: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Following]:
    kept_open(database.connection, monkeypatch)
    following = Following(database, tmp_path, rotated=str(tmp_path / "old/*"))
    yield following
    following.close()


def age(path: Path, seconds: float) -> None:
    """Say that a file was written so long ago."""
    os.utime(path, (time.time() - seconds,) * 2)


def pack(path: Path) -> Path:
    packed = path.with_name(f"{path.name}.gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    shutil.copystat(path, packed)
    path.unlink()
    return packed


def test_a_log_that_grows(following: Following) -> None:
    for number in range(3):
        following.append(message(number))
        assert following.steps() == 4
    assert following.steps() == 0
    assert following.recipients() == ["0", "1", "2"]
    assert following.counts() == (12, 0)


def test_once_reads_what_is_there(following: Following) -> None:
    following.append(messages(0, 1) + message(2)[:-30])
    following.once()
    assert following.recipients() == ["0", "1", "2"]
    following.append(message(2)[-30:])
    following.once(lines=1)
    assert following.recipients() == ["0", "1", "2"]
    assert following.counts() == (12, 0)
    assert following.said == []


def test_a_line_is_read_when_it_is_whole(following: Following) -> None:
    text = message(0)
    for start in range(0, len(text), 90):
        following.append(text[start : start + 90])
        following.steps()
    assert following.recipients() == ["0"]
    assert following.counts() == (4, 0)


def test_another_run_goes_on_where_the_last_one_was(following: Following) -> None:
    following.append(messages(0, 1))
    following.steps()
    following.close()
    following.append(message(2))
    assert following.steps() == 4


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
@pytest.mark.parametrize("running", [False, True], ids=["down", "up"])
def test_a_rotation(following: Following, packed: bool, running: bool) -> None:  # noqa: FBT001
    following.append(messages(0, 1))
    following.steps()
    following.append(message(2))
    if not running:
        following.close()
    rotated = following.log.rename(following.log.with_name("mail.log.1"))
    age(rotated, 60)
    if packed:
        pack(rotated)
    following.append(message(3))
    following.steps()
    following.once()
    assert following.recipients() == ["0", "1", "2", "3"]
    assert following.rows("select sum(lines_read), count(*) from sources") == [(16, 2)]
    assert (following.gaps(), following.said) == ([], [])


@pytest.mark.parametrize("rotations", [1, 5])
def test_rotations_while_it_was_down(following: Following, rotations: int) -> None:
    following.append(message(0))
    following.once()
    for number in range(1, rotations + 1):
        following.append(message(number))
        for old in range(number, 0, -1):
            for ending in ("", ".gz"):
                name = following.log.with_name(f"mail.log.{old}{ending}")
                if name.exists():
                    name.rename(following.log.with_name(f"mail.log.{old + 1}{ending}"))
        age(following.log.rename(following.log.with_name("mail.log.1")), 1000 - number)
        if following.log.with_name("mail.log.2").exists():
            pack(following.log.with_name("mail.log.2"))
    following.log.touch()
    following.once()
    assert following.recipients() == [str(number) for number in range(rotations + 1)]
    assert (following.gaps(), following.said) == ([], [])
    finished = following.rows("select count(*) filter (finished), count(*) from sources")
    assert finished == [(rotations, rotations)]


def test_a_rotated_file_and_its_twin(following: Following) -> None:
    """Compressed while the plain file is still there, first half written."""
    text = messages(0, 1, 2)
    following.append(text)
    following.once()
    rotated = following.log.rename(following.log.with_name("mail.log.1"))
    following.append(message(3))
    packed = following.log.with_name("mail.log.1.gz")
    whole = gzip.compress(text.encode())
    for size in (0, len(whole) // 2, len(whole)):
        packed.write_bytes(whole[:size])
        following.once()
    rotated.unlink()
    assert following.once().unreadable is False
    assert following.recipients() == ["0", "1", "2", "3"]
    assert (following.gaps(), following.said) == ([], [])


def test_a_half_written_copy_without_a_twin_is_told(following: Following) -> None:
    following.append(message(1))
    packed = following.log.with_name("mail.log.1.gz")
    packed.write_bytes(gzip.compress(message(0).encode())[:-20])
    age(packed, 60)
    tail = following.once()
    assert tail.unreadable
    assert [text.partition(": ")[2] for text in following.said] == [
        "the compressed data is damaged or cut short: Compressed file ended before the end-of-stream marker was reached"
    ]
    packed.write_bytes(gzip.compress(message(0).encode()))
    assert following.once().unreadable is False
    assert following.recipients() == ["0", "1"]


def test_copytruncate_with_a_copy(following: Following) -> None:
    following.append(message(0))
    following.steps()
    following.append(message(1))
    shutil.copy2(following.log, following.log.with_name("mail.log.1"))
    os.truncate(following.log, 0)
    following.append(messages(2, 3, 4))
    following.steps()
    assert following.recipients() == ["0", "1", "2", "3", "4"]
    assert following.gaps() == []


@pytest.mark.parametrize("numbers", [(2,), (2, 3, 4)], ids=["smaller", "regrown past the place"])
def test_copytruncate_without_a_copy(following: Following, numbers: tuple[int, ...]) -> None:
    following.append(messages(0, 1))
    following.steps()
    os.truncate(following.log, 0)
    following.append(messages(*numbers))
    following.steps()
    assert following.recipients() == ["0", "1", *map(str, numbers)]
    (gap,) = following.gaps()
    assert gap == (str(following.log), len(messages(0, 1)), START.replace(second=12))
    assert following.tail.lost
    (said,) = following.said
    assert said.startswith(f"{following.log}: was rotated away, deleted or emptied before it was read to its end: ")
    following.steps()
    assert len(following.gaps()) == 1


def test_a_rotated_file_that_was_deleted_unread_is_a_gap(following: Following) -> None:
    following.append(message(0))
    following.once()
    following.append(message(1))
    following.log.unlink()
    following.append(message(2))
    assert following.once().lost
    assert following.recipients() == ["0", "2"]
    assert following.gaps() == [(str(following.log), len(message(0)), START.replace(second=2))]
    assert following.once().lost is False
    assert len(following.gaps()) == 1


def test_a_rotated_file_that_was_read_to_its_end_may_be_deleted(following: Following) -> None:
    following.append(message(0))
    rotated = following.log.rename(following.log.with_name("mail.log.1"))
    following.append(message(1))
    following.once()
    rotated.unlink()
    assert following.once().lost is False
    assert following.gaps() == []


def test_a_log_that_is_missing_and_comes(following: Following) -> None:
    tail = following.once()
    assert (tail.unreadable, tail.lost) == (False, False)
    assert following.said == [f"{following.log}: is not there: it is read when it comes"]
    following.steps()
    assert len(following.said) == 2
    following.steps()
    assert len(following.said) == 2  # once a run
    following.append(message(0))
    assert following.steps() == 4


def test_an_empty_log_is_nothing_to_talk_about(following: Following) -> None:
    following.log.touch()
    assert following.steps() == 0
    assert following.once().unreadable is False
    assert following.said == []


def test_a_file_of_no_known_format_that_later_is_one(following: Following) -> None:
    following.log.write_bytes(b"\0\n" * 100)
    assert following.once().unreadable
    following.steps()
    assert [text.partition("; ")[0] for text in following.said] == [f"{following.log}: is a binary file"] * 2
    following.log.write_text(messages(0, 1))
    assert following.steps() == 8
    assert following.recipients() == ["0", "1"]


def test_a_log_that_cannot_be_read_once_more_is_told_of_once_more(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.log.write_bytes(b"\0\n" * 100)
    following.steps()
    following.steps()
    assert len(following.said) == 1
    monkeypatch.setattr(complaints, "_AGAIN_SECONDS", 0.0)  # a day later
    following.steps()
    assert len(following.said) == 2
    assert len(set(following.said)) == 1


@pytest.mark.parametrize("plain", [True, False], ids=["plain", "gz"])
def test_the_unended_last_line_of_a_rotated_file_is_one_row_and_is_judged(following: Following, plain: bool) -> None:  # noqa: FBT001
    text = message(0) + "".join(message(1, "bounced", HARD).splitlines(keepends=True)[:3])
    following.append(text.removesuffix("\n"))
    rotated = following.log.rename(following.log.with_name("mail.log.1"))
    age(rotated, 60)
    if not plain:
        pack(rotated)
    following.append(message(2))
    for _ in range(3):
        following.once()
    assert following.recipients() == ["0", "1", "2"]
    assert following.rows("select address from suppressions") == [("r1@example.org",)]
    assert following.gaps() == []


def test_an_unended_last_line_that_says_nothing_is_counted_once(following: Following) -> None:
    following.append(message(0) + "rubbish")
    age(following.log.rename(following.log.with_name("mail.log.1")), 60)
    following.append(message(1))
    for _ in range(3):
        following.once()
    assert following.rows("select line from unparsed_lines") == [("rubbish",)]


def test_the_unended_last_line_of_a_log_is_read_when_nobody_has_written_for_long(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.append(message(0) + message(1).removesuffix("\n"))
    following.steps()
    following.log.rename(following.log.with_name("mail.log.1"))
    following.append(message(2))
    following.steps()
    assert following.counts() == (11, 0)  # its writer may still write
    monkeypatch.setattr(follower, "GRACE_SECONDS", 0.0)
    following.steps()
    with following.log.with_name("mail.log.1").open("a") as late:
        late.write("\n" + message(3))
    following.steps()
    assert following.recipients() == ["0", "1", "2", "3"]
    assert following.counts() == (16, 0)


def test_a_tail_that_never_lives_for_long_sees_the_end_of_a_rotated_log(following: Following) -> None:
    """By the time of its last write; else it would be missed when rotation deletes it, though all of it was read."""
    following.append(messages(0, 1))
    following.steps()
    following.close()
    away = following.log.rename(following.log.with_name("mail.log.1"))
    age(away, 60)
    following.append(message(2))
    following.steps()
    following.close()
    away.unlink()
    following.append(message(3))
    following.steps()
    assert following.recipients() == ["0", "1", "2", "3"]
    assert (following.gaps(), following.said) == ([], [])


def test_a_server_that_never_pauses(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was rotated away is let go of, and what was lost is told, though each look at the log finds something."""
    monkeypatch.setattr(tail_module, "_SETTLE_SECONDS", 0.0)
    following.append(messages(0, 1))
    assert following.tail.step()
    following.close()
    lost, away = (following.log.with_name(f"mail.log.{number}") for number in (2, 1))
    following.log.rename(lost)
    following.append(message(2))
    assert following.tail.step()
    following.close()
    lost.unlink()
    age(following.log.rename(away), 60)
    for number in (3, 4, 5):
        following.append(message(number))
        assert following.tail.step()
    assert following.rows("select finished from sources order by first_time") == [(True,), (True,), (False,)]
    assert [path for path, _, _ in following.gaps()] == [str(following.log)]


def test_a_commit_that_needs_more_memory_gets_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_MEMORY", "4MB")
    opened: list[bool] = []
    opens = session.Sessions.open

    def noted(self: session.Sessions, *, roomy: bool = False) -> AbstractContextManager[DuckDBPyConnection]:
        opened.append(roomy)
        return opens(self, roomy=roomy)

    monkeypatch.setattr(session.Sessions, "open", noted)
    log = tmp_path / "mail.log"
    log.write_text(messages(*range(2000)))
    settings = Settings(database=tmp_path / "db", timezone="UTC", sources=(Source("mx1", "postfix", path=str(log)),))
    tail = Tail(settings, RULES, print, Pace(0), once=True)
    tail.follow_configured()
    tail.run()
    tail.close()
    assert opened[:3] == [True, False, True]
    with connect(settings.database, read_only=True) as connection:
        assert connection.execute("select count(*) from attempts").fetchall() == [(2000,)]


def test_what_is_written_through_an_old_descriptor(following: Following) -> None:
    following.append(message(0))
    following.steps()
    with following.log.open("a") as old:
        following.log.rename(following.log.with_name("mail.log.1"))
        following.append(message(2))
        following.steps()
        old.write(message(1))
        old.flush()
        following.steps()
    assert following.recipients() == ["0", "1", "2"]


def test_olddir(following: Following) -> None:
    following.append(message(0))
    following.once()
    following.append(message(1))
    (following.log.parent / "old").mkdir()
    following.log.rename(following.log.parent / "old/anything")
    following.append(message(2))
    following.once()
    assert following.recipients() == ["0", "1", "2"]
    assert following.gaps() == []


HEADER = "type,timeLogged,rcpt,orig,dsnStatus,dsnDiag,dlvSourceIp,vmta,jobId,queue\n"


def account(number: int) -> str:
    stamp = f"2026-11-20 10:{number:02}:00+0000"
    reply = "2.0.0 (success),smtp;250 ok"
    return f"d,{stamp},r{number}@example.org,news@sender.example,{reply},192.0.2.1,v1,,example.org/v1\n"


def test_files_that_a_pattern_names(database: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PowerMTA begins a file with its date in its name, and each with the same header."""
    kept_open(database.connection, monkeypatch)
    following = Following(database, tmp_path, "acct-*.csv", format="powermta")
    for day in (1, 2, 3):
        path = tmp_path / f"acct-2026-11-0{day}.csv"
        path.write_text(HEADER)
        following.steps()
        for number in (0, 1):
            with path.open("a") as file:
                file.write(account(day * 10 + number))
            following.steps()
    following.close()
    assert following.recipients() == ["10", "11", "20", "21", "30", "31"]
    pack(tmp_path / "acct-2026-11-01.csv")
    with (tmp_path / "acct-2026-11-03.csv").open("a") as file:
        file.write(account(32))
    following.once()
    assert following.recipients() == ["10", "11", "20", "21", "30", "31", "32"]
    assert (following.gaps(), following.said, following.counts()[1]) == ([], [], 0)


def test_a_log_of_two_mail_servers_is_followed_for_each(
    database: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept_open(database.connection, monkeypatch)
    following = Following(database, tmp_path)
    exim = Source(name="mx1-exim", format="exim", path=str(following.log))
    line = '2026-11-20 10:00:05 1vM2aB-0000000Cd3e-1AbC => x@example.org R=dns T=smtp H=mx [192.0.2.1] C="250 OK"'
    following.append(f"{messages(1)}Nov 20 10:00:05 mx1 exim[9]: {line}\n{messages(2)}")
    following.once()
    following.settings = replace(following.settings, sources=(*following.settings.sources, exim))
    following.once()
    following.once()
    assert sorted(database.rows("select recipient, mta from attempts")) == [
        ("r1@example.org", "postfix"),
        ("r2@example.org", "postfix"),
        ("x@example.org", "exim"),
    ]


def test_decisions_are_made_with_each_commit(following: Following) -> None:
    following.append(message(0, "bounced", HARD))
    assert following.tail.step() == 4
    assert following.rows("select address, reason from suppressions") == [("r0@example.org", "hard")]


def test_decisions_that_an_earlier_run_had_no_time_for(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    following.append(message(0, "bounced", HARD))
    with monkeypatch.context() as patch:
        patch.setattr("logbounce.ingest.deciding.decide", lambda *_: 0)
        following.once()
    assert following.rows("from suppressions") == []
    following.tail  # noqa: B018 - it begins with them
    assert following.rows("select address from suppressions") == [("r0@example.org",)]


def test_a_commit_holds_about_so_many_lines(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logbounce.follow.follower.BLOCK_BYTES", 1000)
    following.append(messages(*range(20)))
    tail = Tail(following.settings, RULES, following.said.append, Pace(0, 10), stop=following.stop)
    tail.follow_configured()
    commits = list(iter(tail.step, 0))
    assert sum(commits) == 80
    assert len(commits) >= 5
    assert max(commits) <= 20
    tail.close()


@pytest.mark.parametrize(
    ("took", "pause"),
    [(0.0, 2.0), (0.25, 1.5), (0.5, 1.0), (0.8, 0.4), (1.0, 0.5), (1.5, 0.5), (2.0, 0.0), (60.0, 0.0)],
)
def test_a_pause_leaves_time_for_the_next_commit(took: float, pause: float) -> None:
    assert Pace(2.0).pause(took) == pytest.approx(pause)


def test_the_next_commit_begins_after_the_pause(following: Following, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, waits = [100.0], list[float]()

    def stepping(tail: Tail) -> int:
        clock[0] += 0.5
        following.append(message(len(waits)))
        return step(tail)

    def waiting(seconds: float | None = None) -> bool:
        waits.append(seconds or 0.0)
        if len(waits) == 3:
            following.stop.set()
        return following.stop.is_set()

    step = Tail.step
    monkeypatch.setattr(Tail, "step", stepping)
    monkeypatch.setattr("logbounce.ingest.tail.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(following.stop, "wait", waiting)
    following.tail.run()
    assert waits == [1.0, 1.0, 1.0]
    assert following.recipients() == ["0", "1", "2", "3"]


def test_the_checkpoint_is_that_of_the_file(following: Following, database: Memory) -> None:
    following.append(message(0))
    following.steps()
    following.append(message(1))
    following.steps()
    found = following.log.stat()
    (mark,) = checkpoint.known(database.connection)
    assert (mark.source_name, mark.path, mark.position) == ("mx1", str(following.log), found.st_size)
    assert (mark.device, mark.inode, mark.size_bytes) == (found.st_dev, found.st_ino, found.st_size)
    assert (mark.fingerprint_length, mark.finished) == (min(found.st_size, 1024), False)
    (row,) = following.rows("select committed_at from sources")
    assert abs((row[0] - datetime.now(UTC).replace(tzinfo=None)).total_seconds()) < 60


def test_a_line_that_repeats_one_of_an_ingested_file_adds_nothing(following: Following) -> None:
    following.append(messages(0, 1))
    following.once()
    copy = following.log.with_name("mail.log.9")
    copy.write_text(attempt(9, "4TX0000", "other@example.org") + "\n" + messages(0, 1))
    age(copy, 600)
    following.once()
    assert sorted(following.recipients()) == sorted(["0", "1", "ther"])


def test_a_first_line_of_another_kind_does_not_tell_how_the_others_come(following: Following) -> None:
    following.append("==> a note of the rotation\n")
    following.steps()
    following.append(messages(0, 1))
    following.steps()
    assert following.recipients() == ["0", "1"]


def test_a_log_that_is_emptied_between_two_looks_is_read_anew(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.append(messages(0, 1))
    following.steps()
    whole = Followed.whole

    def emptied_first(file: Followed) -> Block | None:
        monkeypatch.setattr(Followed, "whole", whole)
        following.log.write_text(messages(2, 3, 4))  # in place, and longer than before
        return whole(file)

    monkeypatch.setattr(Followed, "whole", emptied_first)
    following.steps()
    following.steps()
    assert following.recipients() == ["0", "1", "2", "3", "4"]


@pytest.mark.parametrize("gone", ["mail.log.1", "mail.log"])
def test_what_ingest_has_read_to_its_end_may_be_deleted_and_what_is_written_not(
    following: Following, database: Memory, gone: str
) -> None:
    rotated = following.log.with_name("mail.log.1")
    rotated.write_text(message(0))
    following.append(message(1))
    pipeline = Pipeline(database.connection, following.settings, RULES)
    pipeline.ingest(str(rotated))
    pipeline.ingest(str(following.log))
    following.log.with_name(gone).unlink()
    assert following.once().lost is (gone == "mail.log")


def test_a_server_that_never_stops_writing_does_not_delay_the_commit(
    following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    following.append(message(0))
    whole, numbers = Followed.whole, iter(range(1, 1000))

    def written_meanwhile(file: Followed) -> Block | None:
        block = whole(file)
        following.append(message(next(numbers)))
        return block

    monkeypatch.setattr(Followed, "whole", written_meanwhile)
    assert following.tail.step() == 4
    assert following.tail.step() == 4
