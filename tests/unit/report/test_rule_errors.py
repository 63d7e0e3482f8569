from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from logbounce.report import Period, build
from tests.unit.escalate.histories import Attempt, after, bounced, database, delivered, store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def errors(connection: DuckDBPyConnection) -> list[tuple[object, ...]]:
    return connection.execute(
        "select rule_id, category, addresses, accepted, address, accepted_time from rule_errors order by accepted desc"
    ).fetchall()


def test_who_accepted_mail_after_a_rule_called_it_hard() -> None:
    connection = database()
    store(
        connection,
        [
            bounced(after(0), recipient="Ann@x.example"),
            bounced(after(1), recipient="ann@x.example"),
            delivered(after(2), recipient="ANN@x.example"),
            bounced(after(3), recipient="bob@x.example"),
            delivered(after(3), recipient="bob@x.example"),
            bounced(after(3), "B", recipient="carl@x.example"),
            delivered(after(4), recipient="carl@x.example"),
        ],
    )
    assert errors(connection) == [("rule-H", "H-category", 2, 1, "ann@x.example", after(2))]
    (figures,) = connection.execute("select rate, low, high from rule_errors").fetchall()
    assert figures == pytest.approx((0.5, 0.0945, 0.9055), abs=1e-4)


def test_a_deferral_is_called_hard_by_nobody() -> None:
    connection = database()
    store(connection, [Attempt(after(0), "deferred", "H"), delivered(after(1), recipient="Ann.Lee@example.org")])
    assert errors(connection) == []


def test_mail_that_came_back_later_was_not_accepted() -> None:
    connection = database()
    store(
        connection,
        [
            bounced(after(0)),
            delivered(after(1), delivery_id=7_000_001),
            bounced(after(2), "S3", delivery_id=7_000_001, asynchronous=True),
        ],
    )
    assert [row[2:4] for row in errors(connection)] == [(1, 0)]
    store(connection, [delivered(after(3))])
    assert [row[2:4] for row in errors(connection)] == [(1, 1)]


def test_the_period_is_that_of_the_bounces_not_of_the_mail_that_was_accepted() -> None:
    connection = database()
    store(connection, [bounced(after(0)), delivered(after(48))])
    since, until = after(-1), after(1)
    asked = "select accepted from rule_errors_between($1::timestamp, $2::timestamp)"
    assert connection.execute(asked, [since, until]).fetchall() == [(1,)]
    assert connection.execute(asked, [until, after(99)]).fetchall() == []


def test_the_report_lists_the_worst_first_and_only_those_that_erred() -> None:
    connection = database()
    people = [f"{n}@x.example" for n in range(6)]
    store(connection, [bounced(after(0), recipient=who, category="moved") for who in people])
    store(connection, [delivered(after(1), recipient=who) for who in people[:5]])
    store(connection, [bounced(after(2), recipient=who, category="bad-domain") for who in people])
    store(connection, [delivered(after(3), recipient=who) for who in people[5:]])
    store(connection, [bounced(after(4), recipient="nobody@x.example", category="bad-mailbox")])
    period = Period(after(-1).replace(tzinfo=dt.UTC), after(9).replace(tzinfo=dt.UTC))
    report = build(connection, period, top=5)
    (section,) = [section for section in report.sections if section.name == "rule_errors"]
    assert [(row["category"], row["addresses"], row["accepted"]) for row in section.rows] == [
        ("moved", 6, 6),
        ("bad-domain", 6, 1),
    ]
