from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from logbounce.cli import report_text
from logbounce.errors import Exit
from logbounce.report import Period, PeriodError

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 30, 0, 30, tzinfo=dt.UTC)  # in Berlin 02:30, the day after the clocks sprang


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("said", "since"),
    [
        ("today", utc(2026, 3, 29, 22)),
        ("yesterday", utc(2026, 3, 28, 23)),  # that day had 23 hours
        ("2026-01-02", utc(2026, 1, 1, 23)),
        ("2026-01-02T03:04", utc(2026, 1, 2, 2, 4)),
        ("2026-01-02 03:04:05", utc(2026, 1, 2, 2, 4, 5)),
        ("2026-01-02T03:04:05+05:00", utc(2026, 1, 1, 22, 4, 5)),
        ("2026-01-02T03:04:05Z", utc(2026, 1, 2, 3, 4, 5)),
        ("24h", utc(2026, 3, 29, 0, 30)),
        ("7d", utc(2026, 3, 23, 0, 30)),
        ("2w", utc(2026, 3, 16, 0, 30)),
    ],
)
def test_a_moment_may_be_said_as(said: str, since: dt.datetime) -> None:
    assert Period.of(said, None, BERLIN, NOW) == Period(since, None)
    assert Period.of(None, said, BERLIN, NOW) == Period(None, since)


@pytest.mark.parametrize(
    "said", ["", "tomorrow", "7", "d", "0d", "-1d", "99999999d", "2026-13-01", "\u0667d", "999999w"]
)
def test_anything_else_is_refused_with_what_was_expected(said: str) -> None:
    with pytest.raises(PeriodError, match="expected a date") as refused:
        Period.of(said, None, BERLIN, NOW)
    assert refused.value.exit is Exit.USAGE


def test_an_empty_period_is_refused() -> None:
    with pytest.raises(PeriodError, match="not before"):
        Period.of("today", "yesterday", BERLIN, NOW)


def test_the_period_before_is_as_long() -> None:
    yesterday = Period.of("yesterday", "today", BERLIN, NOW)
    assert yesterday.before(NOW) == Period(utc(2026, 3, 28, 0), utc(2026, 3, 28, 23))
    assert Period.of("24h", None, BERLIN, NOW).before(NOW) == Period(utc(2026, 3, 28, 0, 30), utc(2026, 3, 29, 0, 30))


@pytest.mark.parametrize("since", [None, "2027-01-01"])
def test_there_is_nothing_before_the_beginning_or_before_the_future(since: str | None) -> None:
    with pytest.raises(PeriodError, match="--compare needs"):
        Period.of(since, None, BERLIN, NOW).before(NOW)


@pytest.mark.parametrize(
    ("since", "until", "shown"),
    [
        ("2026-11-20T10:00:01", "2026-11-20T10:00:59", "from 2026-11-20 10:00:01 to 2026-11-20 10:00:59 UTC"),
        ("2026-11-20", "2026-11-21", "from 2026-11-20 00:00 to 2026-11-21 00:00 UTC"),
        ("0001-01-01", None, "from 0001-01-01 00:00 UTC until now"),
    ],
)
def test_a_period_is_shown_to_the_second(since: str, until: str | None, shown: str) -> None:
    zone = ZoneInfo("UTC")
    assert report_text.span(Period.of(since, until, zone, NOW), zone) == shown
