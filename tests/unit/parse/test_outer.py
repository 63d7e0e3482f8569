"""What the stamps around lines tell of those in them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from logbounce.parse import detect
from tests.unit.ingest.state import Memory

if TYPE_CHECKING:
    from pathlib import Path

TO = "postfix/smtp[7]: 4F1B2C: to=<a@dom.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (x)"


def docker(time: str, stamp: str = "Nov 20 10:00:00") -> str:
    return json.dumps({"log": f"{stamp} mx1 {TO}\n", "stream": "stdout", "time": time})


@pytest.mark.parametrize(
    "line",
    [
        docker("2026-11-20T10:00:00.123456789Z"),
        docker("2026-11-20T10:00:59Z"),
        docker("2026-11-20T10:00:00.1Z", "2026-11-20 09:59:59.900"),
        docker("2026-11-21T00:00:01Z", "Nov 20 23:59:59"),
        f"2026-11-20T11:00:01.5+01:00 stdout F Nov 20 10:00:00 mx1 {TO}",
        f"mail-1  | 2026-11-20T10:00:00.5Z Nov 20 10:00:00 mx1 {TO}",
        f"2026-11-20T10:00:00.5Z Nov 20 10:00:00 mx1 {TO}",
    ],
)
def test_a_container_in_utc(line: str) -> None:
    assert detect(line.encode(), "a.log").utc


@pytest.mark.parametrize(
    "line",
    [
        docker("2026-11-20T09:00:00Z"),
        docker("2026-11-20T10:01:30Z"),
        docker("2026-13-20T10:00:00Z"),
        docker("0001-01-01T00:00:00+14:00"),
        docker("2026-11-20T10:00:00Z", "2026-11-20T10:00:00+01:00"),
        f"2026-11-20T11:00:01.5Z stdout F Nov 20 10:00:00 mx1 {TO}",
        f"mail-1  | Nov 20 10:00:00 mx1 {TO}",
        f"Nov 20 10:00:00 mx1 {TO}",
    ],
)
def test_one_in_another_zone_or_that_does_not_tell(line: str) -> None:
    assert not detect(line.encode(), "a.log").utc


def test_most_lines_decide() -> None:
    utc, local = docker("2026-11-20T10:00:00Z"), docker("2026-11-20T09:00:00Z")
    assert detect(f"{utc}\n{utc}\n{local}".encode(), "a.log").utc
    assert not detect(f"{utc}\n{local}".encode(), "a.log").utc


@pytest.mark.parametrize(("time", "stored"), [("10:00:00", "10:00:00"), ("09:00:00", "09:00:00")])
def test_the_zone_of_the_settings_is_for_those_that_do_not_tell(tmp_path: Path, time: str, stored: str) -> None:
    (tmp_path / "a.log").write_text(docker(f"2026-11-20T{time}Z") + "\n")
    database = Memory(timezone="Europe/Berlin")
    database.ingest(tmp_path / "a.log")
    assert database.rows("select event_time::varchar from attempts") == [(f"2026-11-20 {stored}",)]
