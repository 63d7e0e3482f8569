"""Fault 15: a partial last line, completed later; an unterminated last line of a rotated file: one row."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

LINE = attempt(1, "4TXAAA", "a@example.org", "bounced", "host mx[192.0.2.1] said: 550 5.1.1 (no) such user")
LOG = "".join(f"{line}\n" for line in (*arrival(0, "4TXAAA"), LINE, attempt(2, "4TXAAA", "b@example.org")))
END = LOG.index(LINE) + len(LINE)


def rows(home: Path) -> str:
    sql = "select recipient, response, (select count(*) from unparsed_lines) as n from attempts order by event_time"
    return logbounce("query", sql, "--csv", cwd=home).stdout.partition("\r\n")[2]


WHOLE = "a@example.org,550 5.1.1 (no) such user,0\r\nb@example.org,250 2.0.0 Ok,0\r\n"


@pytest.mark.parametrize("cut", [LOG.index("(no)") + 4, END - 5, END])
def test_a_line_that_is_completed_is_one_row(tmp_path: Path, cut: int) -> None:
    log = tmp_path / "mail.log"
    for text in (LOG[:cut], LOG):
        log.write_text(text)
        assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    assert rows(tmp_path) == WHOLE


def test_a_line_that_is_completed_after_the_rotation_is_one_row(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text(LOG[: END - 5])
    assert logbounce("ingest", "mail.log", cwd=tmp_path).returncode == 0
    log.rename(tmp_path / "mail.log.1").write_text(LOG)
    log.write_text(attempt(9, "4TXBBB", "c@example.org") + "\n")
    assert logbounce("ingest", "mail.log", "mail.log.1", cwd=tmp_path).returncode == 0
    assert rows(tmp_path) == f"{WHOLE}c@example.org,250 2.0.0 Ok,0\r\n"


def test_the_last_line_of_a_rotated_file_has_no_end_and_is_one_row(tmp_path: Path) -> None:
    (tmp_path / "mail.log.1").write_text(LOG.removesuffix("\n"))
    for _ in range(3):
        assert logbounce("ingest", "mail.log.1", cwd=tmp_path).returncode == 0
    assert rows(tmp_path) == WHOLE


CUTS = pytest.mark.parametrize("cut", [1, 60, -1], ids=["begun", "in the recipient", "all but its end"])


def quiet(log: Path) -> None:
    """Make it a file that nobody has written to for an hour."""
    then = time.time() - 3600
    os.utime(log, (then, then))


@CUTS
def test_tail_waits_for_the_end_of_the_last_line(site: Site, cut: int) -> None:
    site.write()
    last = site.take(1)
    with site.log.open("ab", buffering=0) as file:
        file.write(last[:cut])
        site.once()
        assert site.stored() == list(range(10))
        site.once()
        file.write(last[cut:])
    site.once()
    site.check()


@CUTS
def test_tail_waits_while_it_follows(site: Site, cut: int) -> None:
    site.write()
    running = site.start()
    with site.log.open("ab", buffering=0) as file:
        for _ in range(3):
            last = site.take(1)
            file.write(last[:cut])
            running.wait_for(lambda: site.has(site.written - 1))
            time.sleep(0.2)
            assert not site.has(site.written)
            file.write(last[cut:])
            running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.check()


@CUTS
@pytest.mark.parametrize("run_before", [True, False])
def test_the_line_ends_after_the_rotation(site: Site, logrotate: Logrotate, cut: int, *, run_before: bool) -> None:
    site.write()
    last = site.take(1)
    with site.log.open("ab", buffering=0) as file:
        file.write(last[:cut])
        if run_before:
            site.once()
        logrotate.rotate()
        site.write()
        site.once()
        file.write(last[cut:])
    site.once()
    site.check()


@pytest.mark.parametrize("directives", [(), ("compress",)], ids=["plain", "compressed"])
@pytest.mark.parametrize("run_before", [True, False])
def test_the_last_line_of_a_rotated_quiet_file_needs_no_end(
    site: Site, logrotate: Logrotate, directives: tuple[str, ...], *, run_before: bool
) -> None:
    logrotate.configure(*directives)
    site.write()
    with site.log.open("ab") as file:
        file.write(site.take(1).removesuffix(b"\n"))
    quiet(site.log)
    if run_before:
        site.once()
    logrotate.rotate()
    site.write()
    for _ in range(3):
        site.once()
        site.check()


def test_a_cut_line_of_a_rotated_quiet_file_is_counted_as_not_understood(site: Site, logrotate: Logrotate) -> None:
    site.write()
    with site.log.open("ab") as file:
        file.write(site.take(1)[:-10])
    quiet(site.log)
    logrotate.rotate()
    site.write()
    for _ in range(2):
        site.once()
        assert site.stored() == [number for number in range(site.written) if number != 10]
        assert site.query("select count(*) from unparsed_lines") == [(1,)]
