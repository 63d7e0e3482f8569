"""Fault 15: a partial last line, completed later; an unterminated last line of a rotated file: one row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.command import logbounce
from tests.unit.ingest.logs import arrival, attempt

if TYPE_CHECKING:
    from pathlib import Path

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
