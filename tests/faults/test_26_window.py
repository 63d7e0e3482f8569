"""RELIABILITY.md row 26: three soft bounces within 72 hours, both ends included, in any order, across a DST change."""

from __future__ import annotations

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest

from logbounce.escalate import escalate
from tests.unit.escalate.histories import Attempt, after, database, ledger, store

WINDOW = 72 * 3600


@pytest.mark.parametrize(("seconds", "decisions"), [(WINDOW - 1, 1), (WINDOW, 1), (WINDOW + 1, 0)])
@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_window_includes_its_ends_in_any_order_of_arrival(seconds: int, decisions: int, order: list[int]) -> None:
    connection = database()
    attempts = [Attempt(after(0)), Attempt(after(30)), Attempt(after(seconds=seconds))]
    for number in order:
        store(connection, [attempts[number]])
        escalate(connection)
    expected = [("Ann.Lee@example.org", "", "soft", 3, after(0), after(seconds=seconds))]
    assert ledger(connection) == expected[:decisions]


def test_evidence_that_is_read_twice_counts_once() -> None:
    connection = database()
    first, second = Attempt(after(0)), Attempt(after(1))
    store(connection, [first, second, first, second])
    assert escalate(connection) == 0
    store(connection, [Attempt(after(2))])
    assert escalate(connection) == 1
    assert escalate(connection) == 0


# Europe/Berlin sprang from 02:00 to 03:00 on 2026-03-29 and fell from 03:00 to 02:00 on 2026-10-25.
@pytest.mark.parametrize("day", [dt.date(2026, 3, 27), dt.date(2026, 10, 23)])
@pytest.mark.parametrize(("seconds", "decisions"), [(WINDOW - 1, 1), (WINDOW, 1), (WINDOW + 1, 0)])
def test_a_change_of_the_clocks_neither_stretches_nor_shrinks_the_window(
    day: dt.date, seconds: int, decisions: int
) -> None:
    zone = ZoneInfo("Europe/Berlin")
    local = dt.datetime.combine(day, dt.time(12), zone)
    begin = local.astimezone(dt.UTC).replace(tzinfo=None)
    end = begin + dt.timedelta(seconds=seconds)
    wall_clock = end.replace(tzinfo=dt.UTC).astimezone(zone).replace(tzinfo=None) - local.replace(tzinfo=None)
    assert wall_clock != end - begin  # the clocks did change in between
    connection = database()
    connection.execute("set TimeZone = 'Europe/Berlin'")
    store(connection, [Attempt(begin), Attempt(begin + dt.timedelta(hours=1)), Attempt(end)])
    assert escalate(connection) == decisions


def test_the_decision_is_stamped_in_utc() -> None:
    connection = database()
    store(connection, [Attempt(after(hours)) for hours in range(3)])
    escalate(connection, dt.datetime(2026, 3, 2, 1, 30, tzinfo=dt.timezone(dt.timedelta(hours=2))))
    decided = connection.execute("select decided_at from suppression_ledger").fetchone()
    assert decided == (dt.datetime(2026, 3, 1, 23, 30),)  # noqa: DTZ001 - the database holds plain UTC
