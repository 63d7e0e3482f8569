"""The hour that came twice: a log that is read while it grows gives what it gives when it is read whole."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.unit.ingest.following import Following, kept_open

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.unit.ingest.state import Memory


CHANGES = {  # in UTC, and the minutes that came twice
    "Europe/Berlin": ("2026-10-25T01:00:00+00:00", 60),
    "America/New_York": ("2026-11-01T06:00:00+00:00", 60),
    "Australia/Lord_Howe": ("2026-04-04T15:00:00+00:00", 30),
}
PMTA = "type,timeLogged,timeQueued,orig,rcpt,dsnAction,dsnStatus,dsnDiag,dsnMta,bounceCat,dlvSourceIp,vmta\n"
SENT = "relay=mx.x.example[203.0.113.1]:25, delay=60, delays=59/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)"


def times(zone: str) -> list[datetime]:
    """Return times (UTC) before, in and after both passes, so that the clock stands still for long in the second."""
    change, minutes = CHANGES[zone]
    return [
        datetime.fromisoformat(change) + timedelta(minutes=minute)
        for minute in (-minutes - 2, 2 - minutes, 3 - minutes, -3, 4, minutes - 2, minutes + 2)
    ]


def postfix(time: datetime, number: int) -> str:
    return f"{time:%b %e %H:%M:%S} mx1 postfix/smtp[1]: AAAA{number:06}: to=<r{number}@x.example>, {SENT}\n"


def exim(time: datetime, number: int) -> str:
    tail = f'r{number}@x.example R=r T=t H=mx.x.example [203.0.113.1] C="250 Ok" QT=60s'
    return f"{time:%Y-%m-%d %H:%M:%S} 1wAbCd-0000a{number}-1c => {tail}\n"


def powermta(time: datetime, number: int) -> str:
    queued = (time.astimezone(UTC) - timedelta(minutes=1)).astimezone(time.tzinfo)
    row = f"d,{time:%F %T},{queued:%F %T},a@y.example,r{number}@x.example,relayed,2.0.0 (success),smtp;250 Ok"
    return f"{row},mx.x.example (203.0.113.1),,192.0.2.1,v1\n"


WRITERS = {"postfix": postfix, "exim": exim, "powermta": powermta}


def lines_of(form: str, zone: str) -> list[str]:
    write: Callable[[datetime, int], str] = WRITERS[form]
    lines = [write(time.astimezone(ZoneInfo(zone)), number) for number, time in enumerate(times(zone))]
    return [PMTA + lines[0], *lines[1:]] if form == "powermta" else lines


@pytest.fixture
def zoned(database: Memory, zone: str) -> Memory:
    """Return the database, reading logs of the zone."""
    database.settings = replace(database.settings, timezone=zone)
    database.pipeline = replace(database.pipeline, settings=database.settings)
    return database


@pytest.fixture
def following(zoned: Memory, tmp_path: Path, form: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Following]:
    kept_open(zoned.connection, monkeypatch)
    following = Following(zoned, tmp_path, format=form)
    following.settings = replace(following.settings, timezone=zoned.settings.timezone)
    yield following
    following.close()


def written(path: Path, text: str, time: datetime) -> None:
    path.write_text(text)
    os.utime(path, (time.timestamp(),) * 2)


def stored(database: Memory) -> list[tuple[object, ...]]:
    rows = database.rows("select event_time, recipient, delay_seconds from attempts order by recipient")
    return [(time.replace(tzinfo=UTC), recipient, delay) for time, recipient, delay in rows]


def expected(zone: str) -> list[tuple[object, ...]]:
    return [(time, f"r{number}@x.example", 60.0) for number, time in enumerate(times(zone))]


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("zone", CHANGES)
def test_a_log_that_is_read_after_each_line(zoned: Memory, tmp_path: Path, form: str, zone: str) -> None:
    lines = lines_of(form, zone)
    for end in range(1, len(lines) + 1):
        written(tmp_path / "a.log", "".join(lines[:end]), times(zone)[end - 1])
        zoned.ingest(tmp_path / "a.log", form)
    assert stored(zoned) == expected(zone)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("zone", ["Europe/Berlin"])
def test_wherever_the_first_read_ends(zoned: Memory, tmp_path: Path, form: str, zone: str) -> None:
    text = "".join(lines_of(form, zone))
    ends = lengths(lines_of(form, zone))
    found = []
    for end, time in ((ends[1], 1), (ends[2] + 30, 3), (ends[3], 3), (ends[6], 6)):
        zoned.empty()
        written(tmp_path / "a.log", text[:end], times(zone)[time])
        zoned.ingest(tmp_path / "a.log", form)
        written(tmp_path / "a.log", text, times(zone)[-1])
        zoned.ingest(tmp_path / "a.log", form)
        assert stored(zoned) == expected(zone)
        found.append(zoned.stored())
    assert all(rows == found[0] for rows in found)


@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("zone", ["Europe/Berlin"])
@pytest.mark.parametrize("once", [True, False])
def test_a_log_that_is_followed(following: Following, zoned: Memory, form: str, zone: str, *, once: bool) -> None:
    lines = lines_of(form, zone)
    for end, time in enumerate(times(zone), 1):
        written(following.log, "".join(lines[:end]), time)
        if once:
            following.once()
        else:
            following.steps()
    assert stored(zoned) == expected(zone)


def lengths(lines: list[str]) -> list[int]:
    return [sum(map(len, lines[: number + 1])) for number in range(len(lines))]


@pytest.mark.parametrize("zone", ["Europe/Berlin"])
def test_a_message_that_was_queued_in_the_first_pass_and_sent_in_the_second(zoned: Memory, tmp_path: Path) -> None:
    queued, tail = "2026-10-25 02:49:00,a@y.example,b@x.example", "mx.x.example (203.0.113.1),,192.0.2.1,v1\n"
    rows = (
        f"t,2026-10-25 02:50:00,{queued},delayed,4.2.0 (busy),smtp;450 busy,{tail}",
        f"d,2026-10-25 02:10:00,{queued},relayed,2.0.0 (success),smtp;250 Ok,{tail}",
    )
    written(tmp_path / "acct.csv", PMTA + "".join(rows), datetime(2026, 10, 25, 1, 10, tzinfo=UTC))
    zoned.ingest(tmp_path / "acct.csv")
    assert zoned.rows("select outcome, attempts, delay_seconds from outcomes") == [("delivered", 2, 21 * 60)]
