"""What a service has to complain of is told when it begins, and once a day while it lasts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from logbounce.ingest.complaints import Complaints

if TYPE_CHECKING:
    import pytest

HOUR = 3600.0


def test_each_is_told_once_a_day(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[float, str]] = []
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    heard = Complaints(lambda words: told.append((now / HOUR, words)))
    for hour in range(60):
        now = hour * HOUR
        heard.hear("a")
        if hour in (5, 6, 50):
            heard.hear("b")
    assert told == [(0, "a"), (5, "b"), (24, "a"), (48, "a"), (50, "b")]
