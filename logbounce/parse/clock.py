"""The hour that a time zone repeats in autumn: a stamp without zone means two times in it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Iterable

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_LAST_YEAR = 9998  # of which a stamp may be; Python knows one more, and the days around a year are looked at


@dataclass(frozen=True, order=True)
class SetBack:
    """When a zone's clocks were set back by `by`: at `utc` (without zone).

    Local times from `local_from` up to `local_to` came twice: before `utc`, then after it.
    """

    utc: datetime
    local_from: datetime
    local_to: datetime
    by: timedelta


def set_backs(zone: str, years: Iterable[int]) -> list[SetBack]:
    """Return when clocks in `zone` were set back in the years (UTC): all that a time of theirs may have come after."""
    return sorted({change for year in years for change in _of_year(zone, year)})


@functools.cache
def _of_year(zone: str, year: int) -> tuple[SetBack, ...]:
    place = ZoneInfo(zone)
    before = (
        datetime(min(year, _LAST_YEAR), 1, 1, tzinfo=UTC) - _DAY
    )  # what was set back then repeats an hour of the year
    days = [before + n * _DAY for n in range(368)]
    return tuple(_set_back(place, day) for day in days if _offset(place, day) > _offset(place, day + _DAY))


def _offset(place: ZoneInfo, time: datetime) -> timedelta:
    return time.astimezone(place).utcoffset() or timedelta(0)


def _set_back(place: ZoneInfo, day: datetime) -> SetBack:
    """Describe the change that came in the day after `day`."""
    before, after = _offset(place, day), _offset(place, day + _DAY)
    early, late = day, day + _DAY
    while late - early > _SECOND:
        middle = early + (late - early) // 2
        early, late = (early, middle) if _offset(place, middle) == after else (middle, late)
    utc = late.replace(microsecond=0, tzinfo=None)
    return SetBack(utc, utc + after, utc + before, before - after)
