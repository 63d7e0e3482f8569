"""The hour that a zone repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from logbounce.parse.clock import set_backs
from tests.unit.parse.reading import LATEST, events


def time(text: str) -> datetime:
    return datetime.fromisoformat(text)


@pytest.mark.parametrize(
    ("zone", "utc", "local_to", "minutes"),
    [
        ("Europe/Berlin", "2026-10-25T01:00", "2026-10-25T03:00", 60),
        ("America/New_York", "2026-11-01T06:00", "2026-11-01T02:00", 60),
        ("Australia/Lord_Howe", "2026-04-04T15:00", "2026-04-05T02:00", 30),
    ],
)
def test_when_the_clocks_went_back(zone: str, utc: str, local_to: str, minutes: int) -> None:
    (found,) = set_backs(zone, [2026])
    assert (found.utc, found.local_to, found.by) == (time(utc), time(local_to), timedelta(minutes=minutes))
    assert found.local_from == found.local_to - found.by


def test_a_zone_without_summer_time_repeats_nothing() -> None:
    assert set_backs("UTC", [2026]) == set_backs("Asia/Tokyo", [2026]) == []


def test_each_year_has_its_change() -> None:
    found = set_backs("Europe/Berlin", [2026, 2025, 9998, 9999])
    assert [change.utc.date().isoformat() for change in found] == ["2025-10-26", "2026-10-25", "9998-10-25"]


def removed(*stamps: str, latest: datetime = LATEST) -> list[str]:
    lines = [f"{stamp} mx1 postfix/qmgr[1]: 4TX{n:05}: removed" for n, stamp in enumerate(stamps)]
    found = events(*lines, zone="Europe/Berlin", latest=latest)
    return [event["event_time"].strftime("%d %H:%M") for event in found]


def test_the_second_pass_begins_where_the_log_steps_back() -> None:
    stamps = [
        "Oct 25 01:59:00",
        "Oct 25 02:10:00",
        "Oct 25 02:59:00",
        "Oct 25 02:01:00",
        "Oct 25 02:59:00",
        "Oct 25 03:01:00",
    ]
    assert removed(*stamps) == ["24 23:59", "25 00:10", "25 00:59", "25 01:01", "25 01:59", "25 02:01"]


def test_a_small_step_back_is_only_disorder() -> None:
    assert removed("Oct 25 02:10:05", "Oct 25 02:10:03") == ["25 00:10", "25 00:10"]


def test_what_comes_after_the_hour_is_of_its_second_pass() -> None:
    assert removed("Oct 25 01:59:00", "Oct 25 03:00:01", "Oct 25 02:59:59") == ["24 23:59", "25 02:00", "25 01:59"]


def test_another_hour_is_not_repeated() -> None:
    assert removed("Oct 25 12:30:00", "Oct 25 12:00:00") == ["25 11:30", "25 11:00"]


def test_the_first_pass_is_read_while_it_lasts() -> None:
    assert removed("Oct 25 02:12:33", latest=time("2026-10-25T00:12:33")) == ["25 00:12"]


@pytest.mark.parametrize("latest", ["2025-10-27", "2026-11-20", "2031-01-01"])
def test_a_stamp_with_a_year_finds_the_change_of_its_year(latest: str) -> None:
    hours = ["01:59:00", "02:12:33", "02:50:00", "02:12:33", "03:00:00"]
    stamps = [f"{day} {hour}" for day in ("2025-10-26", "2026-10-25") for hour in hours]
    lines = [f"{stamp} 1wAbCd-0000a{n}-1c Completed" for n, stamp in enumerate(stamps)]
    found = [event["event_time"].isoformat() for event in events(*lines, zone="Europe/Berlin", latest=time(latest))]
    assert [stamp[11:16] for stamp in found] == ["23:59", "00:12", "00:50", "01:12", "02:00"] * 2
    assert [stamp[:4] for stamp in found] == ["2025"] * 5 + ["2026"] * 5
