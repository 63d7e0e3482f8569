"""How a file is to be read: --format and the settings' source of its path come before its content."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import InputError
from logbounce.settings.model import Source
from tests.unit.ingest.logs import attempt
from tests.unit.ingest.state import Memory

if TYPE_CHECKING:
    from pathlib import Path

A = "a@example.org"
# A syslog of which another program, with stamps of its own, filled the beginning.
OTHERS = "Nov 20 10:00:00 mx1 chatter: hello\n" * 30


def _source(path: Path, **more: str) -> Source:
    return Source(name="mx1", format="postfix", path=str(path), **more)  # type: ignore[arg-type]


def test_the_carrier_that_the_settings_name_is_taken(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    stamp, host, tag, text = attempt(1, "4TXAAA", A).split(" ", 3)
    log.write_text(OTHERS + f"<22>1 {stamp} {host} {tag.partition('[')[0]} 7 - - {text}\n")
    detected = Memory(sources=(_source(log),))
    assert detected.ingest(log).carrier == "rfc3164"
    assert detected.rows("select * from attempts") == []
    told = Memory(sources=(_source(log, carrier="rfc5424"),))
    assert told.ingest(log).carrier == "rfc5424"
    assert told.rows("select recipient, source_name from attempts") == [(A, "mx1")]


def test_a_wrapping_carrier_that_the_settings_name_is_taken_off(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text(OTHERS + f"2026-11-20T10:00:01.5Z stdout F {attempt(1, '4TXAAA', A)}\n")
    detected = Memory(sources=(_source(log),))
    assert detected.ingest(log).carrier == "rfc3164"
    told = Memory(sources=(_source(log, carrier="kubernetes_cri"),))
    assert told.ingest(log).carrier.startswith("kubernetes_cri+")


def test_a_rotated_copy_is_its_sources_too_and_another_file_is_not(tmp_path: Path) -> None:
    database = Memory(sources=(_source(tmp_path / "mail.log"),))
    for number, name in enumerate(("mail.log", "mail.log.1", "sub/../mail.log.2", "other.log")):
        (tmp_path / "sub").mkdir(exist_ok=True)
        path = tmp_path / name
        path.write_text(attempt(number, "4TXAAA", A) + "\n")
        database.ingest(path)
    names = database.rows("select source_name from sources order by last_time")
    assert names == [("mx1",), ("mx1",), ("mx1",), (str(tmp_path / "other.log"),)]


def test_format_beats_the_content(tmp_path: Path) -> None:
    log = tmp_path / "mail.log"
    log.write_text("not a mail log at all\n")
    database = Memory()
    with pytest.raises(
        InputError,
        match=r"mail\.log:1: not understood: 'not a mail log at all'; expected one of exim, kumomta, postfix, powermta",
    ):
        database.ingest(log)
    assert (database.ingest(log, "postfix").unparsed, database.ingest(log, "postfix").lines) == (1, 0)
    with pytest.raises(InputError, match=r"unknown format 'sendmail', expected one of exim,"):
        database.ingest(log, "sendmail")
