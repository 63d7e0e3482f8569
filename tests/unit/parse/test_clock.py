"""The hour that a zone repeats."""

from __future__ import annotations

from datetime import datetime, timedelta

from logbounce.parse.clock import last_set_back
from tests.unit.parse.reading import events


def test_the_clocks_of_berlin_went_back_in_october() -> None:
    found = last_set_back("Europe/Berlin", datetime.fromisoformat("2026-11-21"))
    assert found is not None
    assert (found.local_from, found.local_to) == (
        datetime.fromisoformat("2026-10-25T02:00"),
        datetime.fromisoformat("2026-10-25T03:00"),
    )
    assert (found.utc_from, found.by) == (datetime.fromisoformat("2026-10-25T00:00"), timedelta(hours=1))


def test_a_zone_may_go_back_by_half_an_hour() -> None:
    found = last_set_back("Australia/Lord_Howe", datetime.fromisoformat("2026-11-21"))
    assert found is not None
    assert found.by == timedelta(minutes=30)


def test_a_zone_without_summer_time_repeats_nothing() -> None:
    assert last_set_back("UTC", datetime.fromisoformat("2026-11-21")) is None
    assert last_set_back("Asia/Tokyo", datetime.fromisoformat("2026-11-21")) is None


def removed(*stamps: str) -> list[str]:
    lines = [f"{stamp} mx1 postfix/qmgr[1]: 4TX{n:05}: removed" for n, stamp in enumerate(stamps)]
    found = events(*lines, zone="Europe/Berlin")
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


def test_another_hour_is_not_repeated() -> None:
    assert removed("Oct 25 12:30:00", "Oct 25 12:00:00") == ["25 11:30", "25 11:00"]
