"""How long something is kept: `400d`, `26w`, `2y`."""

from __future__ import annotations

import datetime as dt
import re

from logbounce.clock import utc
from logbounce.errors import Exit, LogbounceError

_WRITTEN = re.compile(r"([1-9][0-9]{0,4})([dwy])", re.ASCII)
_DAYS = {"d": 1, "w": 7, "y": 365}


class KeepError(LogbounceError):
    """A time to keep something that cannot be meant."""

    exit = Exit.USAGE


def cutoff(keep: str, now: dt.datetime) -> dt.datetime:
    """Return the UTC time (without a zone, as the database has it) before which nothing is kept."""
    written = _WRITTEN.fullmatch(keep.strip())
    if not written:
        raise KeepError(f"--keep {keep}: expected a number of days, weeks or years such as 400d, 26w or 2y")
    try:
        return utc(now) - dt.timedelta(days=int(written[1]) * _DAYS[written[2]])
    except OverflowError as error:
        raise KeepError(f"--keep {keep}: that is before the year 1: nothing is so old") from error
