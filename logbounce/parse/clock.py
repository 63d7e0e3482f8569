"""The hour that a time zone repeats in autumn: a stamp without zone means two times in it."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

_STEP = timedelta(hours=1)
_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class SetBack:
    """When a zone's clocks were set back by `by`.

    Local times from `local_from` up to `local_to` came twice, at first from `utc_from`.
    """

    local_from: datetime
    local_to: datetime
    by: timedelta
    utc_from: datetime


@functools.cache
def last_set_back(zone: str, latest: datetime) -> SetBack | None:
    """Return when clocks in `zone` were last set back in the year before `latest` (UTC, without zone)."""
    place = ZoneInfo(zone)
    time = latest.replace(minute=0, second=0, microsecond=0, tzinfo=UTC)
    first = time - _YEAR
    while time > first:
        by = _offset(place, time - _STEP) - _offset(place, time)
        if by > timedelta(0):
            return _set_back(place, time, by)
        time -= _STEP
    return None


def _offset(place: ZoneInfo, time: datetime) -> timedelta:
    return time.astimezone(place).utcoffset() or timedelta(0)


def _set_back(place: ZoneInfo, hour: datetime, by: timedelta) -> SetBack:
    """Describe a change that came in the hour before `hour`."""
    time = hour - _STEP
    while _offset(place, time) != _offset(place, hour):
        time += timedelta(minutes=1)
    local = time.astimezone(place).replace(tzinfo=None, fold=0)
    return SetBack(local, local + by, by, (time - by).replace(tzinfo=None))
