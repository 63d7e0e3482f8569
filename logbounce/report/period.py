"""Periods as people say them: `yesterday`, `7d`, `2026-11-20`."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce.errors import Exit, LogbounceError

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

_AGO = re.compile(r"([1-9]\d{0,4})([hdw])", re.ASCII)
_UNITS = {"h": dt.timedelta(hours=1), "d": dt.timedelta(days=1), "w": dt.timedelta(weeks=1)}
_EXPECTED = "a date (2026-11-20), a time (2026-11-20T08:00), today, yesterday, or so long ago (24h, 7d, 2w)"


class PeriodError(LogbounceError):
    """What was said is no period."""

    exit = Exit.USAGE


@dataclass(frozen=True, slots=True)
class Period:
    """The time from `since` until just before `until`, in UTC; None has no bound."""

    since: dt.datetime | None
    until: dt.datetime | None

    @classmethod
    def of(cls, since: str | None, until: str | None, zone: ZoneInfo, now: dt.datetime) -> Period:
        """Return the period between two moments that a person named."""
        begin = moment("--since", since, zone, now) if since is not None else None
        end = moment("--until", until, zone, now) if until is not None else None
        if begin and end and begin >= end:
            raise PeriodError(f"--since {since} is not before --until {until}: the period is empty")
        return cls(begin, end)

    def before(self, now: dt.datetime) -> Period:
        """Return the period of the same length just before this one; one without an end has lasted until now."""
        if self.since is None:
            raise PeriodError("--compare needs --since: without it there is nothing before")
        length = (self.until or now) - self.since
        if length <= dt.timedelta():
            raise PeriodError("--compare needs a --since in the past, or an --until")
        return Period(self.since - length, self.since)


def moment(option: str, said: str, zone: ZoneInfo, now: dt.datetime) -> dt.datetime:
    """Return the moment that was named; a day begins at midnight of the zone."""
    today = now.astimezone(zone).date()
    try:
        if said in ("today", "yesterday"):
            return _midnight(today if said == "today" else today - dt.timedelta(days=1), zone)
        if ago := _AGO.fullmatch(said):
            return now.astimezone(dt.UTC) - int(ago[1]) * _UNITS[ago[2]]
        if len(said) == len("2026-11-20"):
            return _midnight(dt.date.fromisoformat(said), zone)
        found = dt.datetime.fromisoformat(said)
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(dt.UTC)
    except (ValueError, OverflowError) as error:
        raise PeriodError(f"{option}: '{said}' is no time, expected {_EXPECTED}") from error


def _midnight(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
