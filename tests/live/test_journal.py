"""A real journal of a real Postfix gives the attempts that its log file gives, each once, from cursor to cursor."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from tests.live import journal
from tests.live.carriers import Line, carried, read, rfc3164
from tests.live.namespace import ROOT
from tests.live.program import Row, attempts, ingest, logbounce, query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE_SECONDS = 60.0


@pytest.fixture(scope="module")
def lines(postfix_log: Path) -> list[Line]:
    """Return what the first instance logged: another instance has another name, and is a source of its own."""
    written = dt.datetime.fromtimestamp(postfix_log.stat().st_mtime, dt.UTC)
    found = [line for line in read(postfix_log.read_text(), written.year) if line.tag.startswith("postfix/")]
    assert len(found) > 500
    return found


@pytest.fixture(scope="module")
def truth(lines: list[Line], tmp_path_factory: pytest.TempPathFactory) -> list[Row]:
    folder = tmp_path_factory.mktemp("truth")
    (folder / "log").write_bytes(carried(lines, rfc3164))
    ingest(folder / "db", folder / "log")
    return attempts(folder / "db")


@pytest.fixture(autouse=True)
def _needed() -> None:
    if reason := journal.missing():
        pytest.skip(reason)


def settings(folder: Path, *chosen: str) -> tuple[str, ...]:
    """Write settings that name journals; return the arguments that go with them."""
    entries = [f"{{name: mx{n}, format: postfix, {one}}}" for n, one in enumerate(chosen)]
    (folder / "logbounce.yaml").write_text(f"timezone: UTC\nsources: [{', '.join(entries)}]\n")
    return ("--config", str(folder / "logbounce.yaml"), "--db", str(folder / "db"))


def lines_read(folder: Path) -> list[int]:
    return [row["lines_read"] for row in query(folder / "db", "select lines_read from sources order by source_name")]


@pytest.mark.parametrize("chosen", ["postfix", journal.UNIT, "postfix@*.service"])
def test_a_journal_gives_what_the_log_file_gives(
    chosen: str, lines: list[Line], truth: list[Row], tmp_path: Path
) -> None:
    journal.write(tmp_path / "j", lines)
    given = settings(tmp_path, f'journal: "{chosen}", journal_directory: j')
    logbounce("tail", "--once", *given)
    assert attempts(tmp_path / "db") == truth
    assert lines_read(tmp_path) == [len(lines)]
    assert query(tmp_path / "db", "from unparsed_lines") == []


def test_it_goes_on_exactly_where_it_was(lines: list[Line], truth: list[Row], tmp_path: Path) -> None:
    given = settings(tmp_path, "journal: postfix, journal_directory: j")
    cuts = [0, 1, len(lines) // 3, len(lines) // 2, len(lines)]
    for start, end in pairwise(cuts):
        journal.write(tmp_path / "j", lines[start:end])
        for _ in range(2):
            logbounce("tail", "--once", *given)
            assert lines_read(tmp_path) == [end]
    assert attempts(tmp_path / "db") == truth


def test_other_units_and_identifiers_are_not_read(lines: list[Line], tmp_path: Path) -> None:
    few = lines[:10]
    journal.write(tmp_path / "j", few)
    journal.write(
        tmp_path / "j", [line for line in lines[10:30] if not line.tag.startswith("dovecot")], "other.service"
    )
    logbounce("tail", "--once", *settings(tmp_path, f"journal: {journal.UNIT}, journal_directory: j"))
    assert lines_read(tmp_path) == [10]
    logbounce("tail", "--once", *settings(tmp_path, "journal: postfi, journal_directory: j"))
    assert lines_read(tmp_path) == [10]


def machine(line: Line) -> str:
    """Return on which of two machines a line is: all that is said of a message on the same one, as its queue is."""
    queue_id = line.text.partition(":")[0]
    return "ab"[sum(queue_id.encode()) % 2]


def test_journals_of_two_machines_each_have_their_own_cursor(
    lines: list[Line], truth: list[Row], tmp_path: Path
) -> None:
    parts = {folder: [line for line in lines if machine(line) == folder] for folder in "ab"}
    assert all(parts.values())
    given = settings(tmp_path, *(f"journal: postfix, journal_directory: {folder}" for folder in parts))
    for round_ in (0, 1):
        for folder, part in parts.items():
            middle = len(part) // 2
            journal.write(tmp_path / folder, part[middle:] if round_ else part[:middle])
        logbounce("tail", "--once", *given)
    assert lines_read(tmp_path) == [len(part) for part in parts.values()]
    assert len(attempts(tmp_path / "db")) == len(truth)


def pause(lines: list[Line], least: int) -> int:
    """Return where a second begins: what is written later with an earlier time, journalctl does not show any more."""
    return next(
        n
        for n in range(least, len(lines))
        if min(line.time for line in lines[n:]) > max(line.time for line in lines[:n])
    )


@contextmanager
def followed(given: tuple[str, ...]) -> Iterator[None]:
    """Let `tail` run; it says nothing and ends well."""
    command = [sys.executable, "-m", "logbounce", "tail", "--commit-seconds", "0.1", *given]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            yield
            process.terminate()
            assert process.communicate(timeout=PATIENCE_SECONDS)[1] == b""
        finally:
            process.kill()
    assert process.returncode == 0


def test_a_journal_is_followed(lines: list[Line], tmp_path: Path) -> None:
    cut = pause(lines, 100)
    journal.write(tmp_path / "j", lines[:cut])
    given = settings(tmp_path, "journal: postfix, journal_directory: j")
    with followed(given):
        until_read(tmp_path, cut)
        journal.write(tmp_path / "j", lines[cut : cut + 50])
        until_read(tmp_path, cut + 50)


def test_what_came_before_the_last_boot_is_read_when_it_follows(lines: list[Line], tmp_path: Path) -> None:
    given = settings(tmp_path, "journal: postfix, journal_directory: j")
    first = pause(lines, 50)
    second = pause(lines, first + 50)
    journal.write(tmp_path / "j", lines[:first])
    with followed(given):
        until_read(tmp_path, first)
    journal.write(tmp_path / "j", lines[first : second - 1])
    journal.write(tmp_path / "j", lines[second - 1 : second + 20], boot="f" * 32)
    with followed(given):
        until_read(tmp_path, second + 20)


@pytest.mark.parametrize("chosen", ["postfix", "postfix@*.service"])
def test_names_that_come_while_it_follows(chosen: str, lines: list[Line], tmp_path: Path) -> None:
    cut = pause(lines, 50)
    journal.write(tmp_path / "j", lines[:cut])
    with followed(settings(tmp_path, f'journal: "{chosen}", journal_directory: j')):
        until_read(tmp_path, cut)
        new = [replace(line, tag=line.tag.replace("postfix/", "postfix/new/")) for line in lines[cut : cut + 20]]
        journal.write(tmp_path / "j", [replace(line, tag="dovecot") for line in lines[cut : cut + 5]], "other.service")
        journal.write(tmp_path / "j", new, "postfix@new.service")
        until_read(tmp_path, cut + 20)


def test_a_journal_that_was_moved_is_known_again(lines: list[Line], tmp_path: Path) -> None:
    given = settings(tmp_path, "journal: postfix, journal_directory: j")
    apart = [replace(line, time=lines[0].time + dt.timedelta(seconds=n)) for n, line in enumerate(lines[:30])]
    journal.write(tmp_path / "j", apart[:20])
    logbounce("tail", "--once", *given)
    shutil.rmtree(tmp_path / "j")
    journal.write(tmp_path / "j", apart)  # the same entries, with other numbers
    logbounce("tail", "--once", *given)
    assert lines_read(tmp_path) == [30]
    assert query(tmp_path / "db", "from source_gaps") == []


def test_a_journal_that_was_deleted_is_a_gap(lines: list[Line], tmp_path: Path) -> None:
    given = settings(tmp_path, "journal: postfix, journal_directory: j")
    journal.write(tmp_path / "j", lines[:20])
    logbounce("tail", "--once", *given)
    (tmp_path / "j/mail.journal").unlink()
    logbounce("tail", "--once", *given)  # it may be somewhere else for now
    journal.write(tmp_path / "j", lines[pause(lines, 30) :])
    command = [sys.executable, "-m", "logbounce", "tail", "--once", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    logbounce("tail", "--once", *given)
    assert lines_read(tmp_path) == [20 + len(lines) - pause(lines, 30)]
    assert len(query(tmp_path / "db", "from source_gaps")) == 1


def until_read(folder: Path, count: int) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (folder / "db").exists() or lines_read(folder) != [count]:
        assert time.monotonic() < deadline, f"{lines_read(folder)} lines were read in {PATIENCE_SECONDS} s, not {count}"
        time.sleep(0.05)


def test_a_journal_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    given = settings(tmp_path, "journal: postfix, journal_directory: none")
    command = [sys.executable, "-m", "logbounce", "tail", "--once", *given]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert "journalctl ended with exit code 1" in done.stderr
