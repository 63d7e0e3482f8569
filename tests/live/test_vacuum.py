"""What a real journald removes before it was read is a gap, told once; what had been read is none."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.live import journal, journald
from tests.live.carriers import Line
from tests.live.journald import Journald, until
from tests.live.namespace import ROOT
from tests.live.program import query

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "4f3Xyz0000000000"
MAIL = "to=<a@example.com>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (connect: timed out)"


@dataclass
class Lab:
    """A journald, and a logbounce that reads its journal."""

    folder: Path
    journald: Journald
    logged: int = 0

    def mail(self, count: int) -> None:
        """Let Postfix log so many lines."""
        texts = [f"{ID}{number}: {MAIL}" for number in range(self.logged, self.logged + count)]
        self.journald.log("postfix/smtp", *texts)
        self.logged += count

    def others(self, count: int) -> None:
        """Let other programs log so many lines."""
        self.journald.log("cron", *(f"a job {number}" for number in range(count)))

    def forget(self) -> None:
        """Vacuum everything that has been logged."""
        self.journald.rotate()
        self.journald.vacuum()

    def logbounce(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it."""
        return subprocess.run(self.command(*arguments), cwd=ROOT, capture_output=True, text=True, check=False)

    def command(self, *arguments: str) -> list[str]:
        """Return how it is called."""
        given = ["--config", str(self.folder / "logbounce.yaml"), "--db", str(self.database)]
        return [sys.executable, "-m", "logbounce", *arguments, *given]

    def tail(self) -> tuple[int, str]:
        """Read what is there; return the exit code and what was said."""
        done = self.logbounce("tail", "--once")
        return done.returncode, done.stderr

    @property
    def database(self) -> Path:
        """Return where it stores."""
        return self.folder / "db"

    def lines(self) -> int:
        """Return how many lines it has read."""
        (row,) = query(self.database, "select lines_read from sources") or [{"lines_read": 0}]
        return int(row["lines_read"])

    def gaps(self) -> list[dict[str, Any]]:
        """Return what it knows to be lost."""
        return query(self.database, "select source_name, reason, last_time is not null as last from source_gaps")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    if reason := journald.missing():
        pytest.skip(reason)
    text = "timezone: UTC\nsources: [{name: mx, format: postfix, journal: postfix, journal_directory: journal}]\n"
    (tmp_path / "logbounce.yaml").write_text(text)
    with journald.running(tmp_path) as running:
        yield Lab(tmp_path, running)


@pytest.mark.parametrize("first", ["others", "mail"])
def test_what_was_read_may_be_removed(lab: Lab, first: str) -> None:
    lab.mail(5)
    lab.others(5)
    assert lab.tail() == (0, "")
    lab.forget()
    getattr(lab, first)(3)
    lab.mail(3)
    for _ in range(2):
        assert lab.tail() == (0, "")
        assert lab.lines() == lab.logged
    assert lab.gaps() == []
    assert lab.logbounce("status").returncode == 0


def test_nothing_came_after_what_was_read(lab: Lab) -> None:
    lab.mail(5)
    assert lab.tail() == (0, "")
    lab.forget()
    for _ in range(2):
        assert lab.tail() == (0, "")
    assert (lab.lines(), lab.gaps()) == (5, [])


def test_what_others_log_moves_on_where_it_was_left(lab: Lab) -> None:
    lab.mail(5)
    for _ in range(3):
        lab.others(5)
        assert lab.tail() == (0, "")
        lab.forget()
    lab.mail(5)
    assert lab.tail() == (0, "")
    assert (lab.lines(), lab.gaps()) == (10, [])


@pytest.mark.parametrize("after", [0, 3])
def test_what_was_not_read_is_a_gap(lab: Lab, after: int) -> None:
    lab.mail(5)
    assert lab.tail() == (0, "")
    lab.mail(5)
    lab.forget()
    if after:
        lab.mail(after)
    lab.others(1)
    code, said = lab.tail()
    assert code == 1
    assert said.count("\n") == 1
    assert "was vacuumed or deleted before it was read to its end" in said
    assert lab.tail() == (0, "")
    assert lab.lines() == 5 + after
    reason = "was vacuumed or deleted before it was read to its end"
    assert lab.gaps() == [{"source_name": "mx", "reason": reason, "last": True}]
    status = lab.logbounce("status")
    assert status.returncode == 1
    assert "what came after entry" in status.stdout + status.stderr
    lab.logbounce("status", "--accept-gaps")
    assert lab.logbounce("status").returncode == 0


def test_the_journal_is_vacuumed_while_it_is_followed(lab: Lab) -> None:
    lab.mail(1)
    command = lab.command("tail", "--commit-seconds", "0.1")
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        try:
            for _ in range(3):
                lab.others(3)
                lab.mail(20)
                until(lambda: lab.database.exists() and lab.lines() == lab.logged)
                lab.forget()
            process.terminate()
            assert process.communicate()[1] == b""
        finally:
            process.kill()
    lab.mail(2)
    assert lab.tail() == (0, "")
    assert (lab.lines(), lab.gaps()) == (lab.logged, [])


def test_the_journal_of_this_machine_and_not_of_another(lab: Lab) -> None:
    (lab.folder / "logbounce.yaml").write_text(
        "timezone: UTC\nsources: [{name: mx, format: postfix, journal: postfix}]\n"
    )
    elsewhere = Line(datetime.now(UTC), "mx9", "postfix/smtp", "7", f"{ID}: {MAIL}")
    journal.write(lab.journald.journal / ("a" * 32), [elsewhere])  # as a container's is linked
    lab.mail(20)
    for once in ((), ("--once",)):
        command = lab.journald.within(lab.command("tail", *once))
        with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
            try:
                until(lambda: lab.database.exists() and lab.lines() == lab.logged)
                process.terminate()
                assert process.communicate()[1] == b""
            finally:
                process.kill()
        lab.mail(3)
