from __future__ import annotations

import datetime as dt

import pytest

from logbounce.erase import cutoff
from logbounce.errors import Exit, LogbounceError

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.timezone(dt.timedelta(hours=1)))


@pytest.mark.parametrize(
    ("keep", "before"),
    [
        ("1d", "2026-11-21 11:00:00"),
        ("400d", "2025-10-18 11:00:00"),
        ("26w", "2026-05-24 11:00:00"),
        ("2y", "2024-11-22 11:00:00"),
    ],
)
def test_days_weeks_and_years(keep: str, before: str) -> None:
    assert str(cutoff(keep, NOW)) == before


@pytest.mark.parametrize(
    "keep", ["", "0d", "-1d", "1", "d", "1.5y", "1m", "400 d", "400days", "٤d", "123456d", "99999y"]
)
def test_what_is_no_time_to_keep(keep: str) -> None:
    with pytest.raises(LogbounceError, match="--keep") as error:
        cutoff(keep, NOW)
    assert error.value.exit == Exit.USAGE
