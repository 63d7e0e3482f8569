"""The files of one log through every kind of rotation: each is read to its end, the oldest first, and none twice."""

from __future__ import annotations

import gzip
import os
import shutil
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pygtail import Pygtail

from logbounce.errors import DamagedLogError, InputError, MissingLogError
from logbounce.follow import Follower
from tests.unit.follow.marks import Read, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from logbounce.follow import Followed


class Reader:
    """Reads what a follower finds, and keeps marks of it as its user does."""

    def __init__(self, pattern: Path | str, kept: str | None = None, marks: tuple[Read, ...] = ()) -> None:
        self.follower = Follower(str(pattern), kept=kept)
        self.marks = list(marks)

    def lines(self) -> list[str]:
        """Return the lines that have come since the last time."""
        found = []
        for file in self.follower.poll(self.marks):
            while (block := file.whole()) is not None:
                found += block.data.decode().split("\n")
                self._mark(file, block.end)
        return found

    def finish(self) -> list[str]:
        """Close what was rotated away; return the last lines that were not ended."""
        found = []
        for file in self.follower.poll(self.marks):
            if not file.live:
                rest = file.rest()
                found += [rest.data.decode()] if rest else []
                self.follower.close(file)
        return found

    def open(self) -> list[tuple[str, bool]]:
        """Return the name and whether it is written, for each open file in order."""
        return [(file.path.rpartition("/")[2], file.live) for file in self.follower.poll(self.marks)]

    def orphans(self) -> list[tuple[int, bool]]:
        """Return the position of each mark whose file is gone, and whether another file has its bytes."""
        self.follower.poll(self.marks)
        return [(mark.position, elsewhere) for mark, elsewhere in self.follower.orphans(self.marks)]

    def _mark(self, file: Followed, end: int) -> None:
        file.renew()
        fileno = file.log.raw.fileno()
        data = os.pread(fileno, end, 0) if file.log.growing else gzip.decompress(os.pread(fileno, 1 << 20, 0))[:end]
        now = read(data)
        if file.mark:
            self.marks.remove(cast("Read", file.mark))
        file.mark = now
        self.marks.append(now)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "mail.log"


@pytest.fixture
def reader(log: Path) -> Iterator[Reader]:
    reader = Reader(log, str(log.parent / "old/*"))
    yield reader
    reader.follower.close_all()


def write(path: Path, *lines: str, end: str = "\n", at: float | None = None) -> None:
    with path.open("a") as file:
        file.write("\n".join(lines) + end)
    if at is not None:
        os.utime(path, (at, at))


def pack(path: Path) -> None:
    path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
    shutil.copystat(path, f"{path}.gz")
    path.unlink()


def test_a_log_that_grows(log: Path, reader: Reader) -> None:
    write(log, "one", "two")
    assert reader.lines() == ["one", "two"]
    write(log, "three", "fo", end="")
    assert reader.lines() == ["three"]
    write(log, "ur")
    assert reader.lines() == ["four"]
    assert reader.lines() == []


def test_a_log_that_is_missing_is_read_when_it_comes(log: Path, reader: Reader) -> None:
    assert reader.lines() == []
    assert [type(error) for error in reader.follower.refusals.values()] == [MissingLogError]
    write(log, "one")
    assert reader.lines() == ["one"]
    assert reader.follower.refusals == {}


def test_a_rotated_file_is_read_to_its_end_before_the_new_one(log: Path, reader: Reader) -> None:
    write(log, "one")
    assert reader.lines() == ["one"]
    late = log.open("a")
    log.rename(f"{log}.1")
    write(log, "three")
    print("two", file=late, flush=True)  # the daemon has not closed its file yet
    assert reader.lines() == ["two", "three"]
    assert reader.open() == [("mail.log", False), ("mail.log", True)]
    late.close()


def test_what_is_written_into_a_file_after_it_was_closed_is_read(log: Path, reader: Reader) -> None:
    write(log, "one")
    late = log.open("a")
    log.rename(f"{log}.1")
    write(log, "two")
    assert sorted(reader.lines()) == ["one", "two"]
    assert reader.finish() == []
    assert reader.open() == [("mail.log", True)]
    print("late", file=late, flush=True)
    assert reader.lines() == ["late"]
    late.close()


def test_the_whole_chain_is_read_oldest_first(log: Path) -> None:
    for number in (5, 4, 3, 2, 1, 0):
        path = log.with_name(f"mail.log.{number}") if number else log
        write(path, f"{number}a", f"{number}b", at=1_000_000 - number)
    for number in (3, 4, 5):
        pack(log.with_name(f"mail.log.{number}"))
    reader = Reader(log)
    assert reader.lines() == [f"{number}{x}" for number in (5, 4, 3, 2, 1, 0) for x in "ab"]
    reader.follower.close_all()


@pytest.mark.parametrize("rotations", [1, 2, 5])
def test_rotations_while_nobody_read(log: Path, reader: Reader, rotations: int) -> None:
    write(log, "before", at=1_000)
    assert reader.lines() == ["before"]
    reader.follower.close_all()
    again = Reader(log, marks=tuple(reader.marks))
    expected = []
    for number in range(rotations):
        expected.append(f"late {number}")
        write(log, expected[-1], at=2_000 + number)
        for old in range(number, 0, -1):
            log.with_name(f"mail.log.{old}").rename(f"{log}.{old + 1}")
        log.rename(f"{log}.1")
        log.touch()
    write(log, "new")
    assert again.lines() == [*expected, "new"]
    assert again.orphans() == []
    again.follower.close_all()


def test_olddir(log: Path, reader: Reader) -> None:
    (log.parent / "old").mkdir()
    write(log, "one", at=1_000)
    write(log.parent / "old/mail.log-20261120", "zero", at=500)
    assert reader.lines() == ["zero", "one"]
    write(log, "two", at=2_000)
    log.rename(log.parent / "old/mail.log-20261121")
    write(log, "three")
    assert reader.lines() == ["two", "three"]
    assert reader.orphans() == []


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_and_its_compressed_twin_are_one(log: Path, packed: bool) -> None:  # noqa: FBT001
    write(log, "one", at=1_000)
    reader = Reader(log)
    assert reader.lines() == ["one"]
    write(log, "two")
    log.rename(f"{log}.1")
    if packed:
        pack(log.with_name("mail.log.1"))
        reader.follower.close_all()
        reader = Reader(log, marks=tuple(reader.marks))
    log.touch()
    assert reader.lines() == ["two"]
    assert reader.finish() == []
    if not packed:
        pack(log.with_name("mail.log.1"))
        assert reader.lines() == []
    reader.follower.close_all()


@pytest.mark.parametrize("share", [0, 5, 100, 100_000, 300_000])
def test_a_compressed_file_that_is_only_half_there_is_read_when_it_is_whole(
    log: Path, reader: Reader, share: int
) -> None:
    text = b"".join(os.urandom(20).hex().encode() + b"\n" for _ in range(20_000))
    whole = gzip.compress(text)
    assert len(whole) > 300_000
    twin, packed = log.with_name("mail.log.1"), log.with_name("mail.log.1.gz")
    twin.touch()
    packed.write_bytes(whole[:share])
    for file in reader.follower.poll([]):
        while file.whole():
            pass
    assert [path for path in reader.follower.refusals if path != str(log)] == []
    twin.unlink()
    packed.write_bytes(whole)
    assert reader.lines() == text.decode().split()


def test_a_damaged_file_without_a_twin_is_told(log: Path, reader: Reader) -> None:
    log.touch()
    log.with_name("mail.log.2.gz").write_bytes(gzip.compress(b"one\n" * 1000)[:30])
    assert reader.lines() == []
    (error,) = reader.follower.refusals.values()
    assert isinstance(error, DamagedLogError)


def test_a_log_that_was_emptied_in_place_is_read_from_its_start(log: Path, reader: Reader) -> None:
    write(log, "one", "two", at=1_000)
    assert reader.lines() == ["one", "two"]
    shutil.copy2(log, f"{log}.1")
    os.truncate(log, 0)
    assert reader.lines() == []
    write(log, "three")
    assert reader.lines() == ["three"]
    assert reader.orphans() == []


def test_what_only_the_copy_has_is_read_from_the_copy(log: Path, reader: Reader) -> None:
    write(log, "one", at=1_000)
    assert reader.lines() == ["one"]
    write(log, "two", at=2_000)
    shutil.copy2(log, f"{log}.1")
    os.truncate(log, 0)
    write(log, "three")
    assert reader.lines() == ["two", "three"]
    assert reader.orphans() == []


def test_a_log_that_was_emptied_and_has_regrown_past_the_place_is_read_from_its_start(
    log: Path, reader: Reader
) -> None:
    write(log, "one", at=1_000)
    assert reader.lines() == ["one"]
    os.truncate(log, 0)
    write(log, "another", "and more")
    assert reader.lines() == ["another", "and more"]
    assert reader.orphans() == [(4, False)]


def test_a_log_that_is_deleted_unread_leaves_an_orphan(log: Path, reader: Reader) -> None:
    write(log, "one")
    assert reader.lines() == ["one"]
    reader.follower.close_all()
    log.unlink()
    write(log, "new")
    again = Reader(log, marks=tuple(reader.marks))
    assert again.lines() == ["new"]
    assert again.orphans() == [(4, False)]
    again.follower.close_all()


def test_a_file_that_is_open_can_be_read_though_it_was_deleted(log: Path, reader: Reader) -> None:
    write(log, "one")
    assert reader.lines() == ["one"]
    write(log, "two")
    log.unlink()
    write(log, "new")
    assert reader.lines() == ["two", "new"]
    assert reader.orphans() == []


def test_a_mark_that_is_finished_is_nobodys_orphan(log: Path) -> None:
    write(log, "new")
    reader = Reader(log, marks=(read(b"old\n", finished=True),))
    assert reader.lines() == ["new"]
    assert reader.orphans() == []
    reader.follower.close_all()


def test_the_unended_last_line_of_a_rotated_file_is_its_last(log: Path, reader: Reader) -> None:
    write(log, "one", "tw", end="")
    log.rename(f"{log}.1")
    write(log, "three")
    assert reader.lines() == ["one", "three"]
    assert reader.finish() == ["tw"]


def test_an_inode_that_is_used_again_is_read_from_its_start(log: Path, reader: Reader) -> None:
    write(log, "one", "two")
    assert reader.lines() == ["one", "two"]
    reader.follower.close_all()
    inode = log.stat().st_ino
    with log.open("r+") as same:
        same.write("uno\ndos\n")
    again = Reader(log, marks=tuple(reader.marks))
    assert (again.lines(), log.stat().st_ino) == (["uno", "dos"], inode)
    again.follower.close_all()


def test_of_files_that_a_pattern_names_the_newest_is_written(tmp_path: Path) -> None:
    """PowerMTA begins a new file with a new name."""
    for number in (1, 2, 3):
        write(tmp_path / f"acct-{number}.csv", f"{number}", at=1_000 * number)
    reader = Reader(tmp_path / "acct-*.csv")
    assert reader.lines() == ["1", "2", "3"]
    assert reader.open() == [("acct-1.csv", False), ("acct-2.csv", False), ("acct-3.csv", True)]
    write(tmp_path / "acct-4.csv", "4", at=4_000)
    assert reader.lines() == ["4"]
    assert reader.open()[-2:] == [("acct-3.csv", False), ("acct-4.csv", True)]
    reader.follower.close_all()


def test_two_names_of_one_file_are_one_file(log: Path, reader: Reader) -> None:
    write(log, "one")
    os.link(log, f"{log}.1")
    assert reader.lines() == ["one"]
    assert len(reader.open()) == 1


def test_a_rotation_between_the_listing_and_the_opening_loses_nothing(
    log: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    from logbounce.follow import chain  # noqa: PLC0415 - to stand between its steps

    write(log, "one")
    listing, turns = chain.listing, iter(range(3))

    def rotating(*given: str | None) -> dict[str, tuple[int, int]]:
        found = listing(*given)  # type: ignore[arg-type]
        if next(turns, None) is not None:
            for number in (2, 1):
                if log.with_name(f"mail.log.{number}").exists():
                    log.with_name(f"mail.log.{number}").rename(f"{log}.{number + 1}")
            log.rename(f"{log}.1")
            write(log, f"new {number}")
        return found

    monkeypatch.setattr(chain, "listing", rotating)
    assert sorted(reader.lines()) == ["new 1", "new 1", "new 1", "one"]


@pytest.mark.parametrize("kind", ["link", "folder", "directory", "denied"])
def test_a_log_that_cannot_be_looked_at_is_not_called_missing(
    log: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody knows what it holds: nothing is given up."""
    mark = read(b"one\n")
    if kind == "link":
        log.symlink_to(log.parent / "unmounted/mail.log")
    elif kind == "directory":
        log.mkdir()
    elif kind == "folder":
        log = log.parent / "unmounted/mail.log"
    else:
        write(log, "one")
        deny(monkeypatch)
    reader = Reader(log, marks=(mark,))
    assert reader.lines() == []
    (error,) = reader.follower.refusals.values()
    assert isinstance(error, InputError)
    assert not isinstance(error, MissingLogError)
    assert reader.orphans() == []
    reader.follower.close_all()


def deny(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the system refuse to look at logs, as in a folder that only others may enter."""
    real = os.stat

    def refuse(path: str, **how: bool) -> os.stat_result:
        if str(path).endswith(".log"):
            raise PermissionError(13, "Permission denied", path)
        return real(path, **how)

    monkeypatch.setattr(os, "stat", refuse)
    monkeypatch.setattr(os, "lstat", refuse)


TEXT = st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Zs")), max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, st.booleans()), max_size=12))
def test_appends_are_read_as_pygtail_reads_them(tmp_path: Path, appends: list[tuple[str, bool]]) -> None:
    log = tmp_path / "mail.log"
    log.write_text("")
    (tmp_path / "mail.log.offset").unlink(missing_ok=True)
    reader = Reader(log)
    for text, ended in appends:
        write(log, text, end="\n" if ended else "")
        assert reader.lines() == [line.removesuffix("\n") for line in Pygtail(str(log), full_lines=True)]
    reader.follower.close_all()
