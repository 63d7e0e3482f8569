from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from logbounce.database import memory
from logbounce.escalate import escalate
from logbounce.report import Period, Report, Row, build
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import Attempt, after, bounced, complain, database, delivered, store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVERYTHING = Period(None, None)


def hours(since: float, until: float) -> Period:
    return Period(after(since).replace(tzinfo=dt.UTC), after(until).replace(tzinfo=dt.UTC))


def rows(report: Report, name: str) -> tuple[Row, ...]:
    return next(section.rows for section in report.sections if section.name == name)


def two_days() -> DuckDBPyConnection:
    connection = database()
    day = [delivered(after(1)) for _ in range(60)] + [
        bounced(after(2), "B", recipient=f"{n}@bad.example") for n in range(40)
    ]
    before = [delivered(after(-23)) for _ in range(10)] + [bounced(after(-22), recipient="gone@bad.example")]
    store(connection, [*day, *before, Attempt(after(3)), bounced(after(4), recipient="new@good.example")])
    complain(connection, after(5))
    escalate(connection)
    return connection


def test_a_report_counts_its_period() -> None:
    report = build(two_days(), hours(0, 24))
    told = {name: report.headline[name] for name in ("messages", "delivered", "failed", "pending", "hard", "block")}
    assert told == {"messages": 102, "delivered": 60, "failed": 41, "pending": 1, "hard": 1, "block": 40}
    assert report.headline["complaints"] == 1
    assert report.headline["suppressed"] == 2
    assert [row["address"] for row in rows(report, "suppressed")] == ["ann.lee@EXAMPLE.org", "new@good.example"]
    told_reasons = [(r["bounce_class"], r["failed"], r["pending"], r["rule_id"]) for r in rows(report, "reasons")]
    assert told_reasons[0] == ("block", 40, 0, "rule-B")
    assert set(told_reasons[1:]) == {("soft", 0, 1, "rule-S3"), ("hard", 1, 0, "rule-H")}
    assert [row["recipient_domain"] for row in rows(report, "domains")] == ["bad.example"]
    assert [(row["source_ip"], row["provider"]) for row in rows(report, "trouble")] == [("198.51.100.10", "google")]
    assert report.previous is None
    assert "previous" not in report.headline


def test_a_comparison_puts_the_period_before_beside_each_figure() -> None:
    connection = two_days()
    report = build(connection, hours(0, 24), compare=True)
    assert report.previous == hours(-24, 0)
    previous = report.headline["previous"]
    assert isinstance(previous, dict)
    assert (previous["messages"], previous["hard"], previous["suppressed"]) == (11, 1, 1)
    bad = rows(report, "domains")[0]["previous"]
    assert isinstance(bad, dict)
    assert (bad["messages"], bad["failed"]) == (1, 1)
    assert "recipient_domain" not in bad
    hard = next(row for row in rows(report, "reasons") if row["bounce_class"] == "block")
    assert hard["previous"] is None
    assert build(connection, hours(0, 24)).headline["messages"] == 102


def test_a_reason_is_one_whoever_logged_it() -> None:
    connection = database()
    store(connection, [bounced(after(1)), bounced(after(2)), Attempt(after(3))])
    connection.execute(
        "insert into response_templates "
        "select * replace (1 as template_id, 'exim' as mta) from response_templates where act = 'H'"
    )
    connection.execute("update attempt_rows set template_id = 1 where event_time = $1", [after(2)])
    told = [(row["rule_id"], row["failed"], row["pending"]) for row in rows(build(connection, EVERYTHING), "reasons")]
    assert told == [("rule-H", 2, 0), ("rule-S3", 0, 1)]


def test_a_table_has_so_many_rows_and_no_more() -> None:
    connection = memory()
    store(connection, [delivered(after(0), provider=f"p{number}") for number in range(12)])
    assert len(rows(build(connection, EVERYTHING, top=3), "providers")) == 3
    assert len(rows(build(connection, EVERYTHING), "providers")) == 10


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        (0, 0, "nothing was delivered or failed"),
        (1000, 5, "below 2 %"),
        (90, 10, "above 2 %"),
        (9, 1, "too few messages to tell from 2 %"),
    ],
)
def test_the_verdict_goes_by_the_interval(good: int, bad: int, says: str) -> None:
    connection = memory()
    store(connection, [delivered(after(0)) for _ in range(good)] + [bounced(after(0)) for _ in range(bad)])
    assert build(connection, EVERYTHING).verdict == says


def test_lines_that_were_not_understood_are_told_of_each_source_once() -> None:
    connection = memory()
    for number, unparsed in enumerate((4, 0, 3)):
        insert(connection, "sources", source_name="mx1", path=f"mail.log.{number}", lines_read=10, unparsed=unparsed)
    insert(connection, "sources", source_name="mx2", lines_read=5)
    (row,) = rows(build(connection, EVERYTHING), "unread")
    assert (row["source_name"], row["lines_read"], row["unparsed"]) == ("mx1", 30, 7)


def test_the_notes_say_what_the_figures_cannot_show() -> None:
    assert build(memory(), EVERYTHING).notes == ("the database is empty: read a log with `logbounce ingest FILE...`",)
    connection = memory()
    store(connection, [delivered(after(0), source_ip=None) for _ in range(100)])
    connection.execute(
        "insert into sources by name select 'x' as source_name, 'x' as path, 'postfix' as format, 'syslog' as carrier, "
        "'' as fingerprint, 0 as fingerprint_length, '' as tail_fingerprint, 0 as tail_length, 0 as position, "
        "9 as lines_read, 0 as attempts, 0 as noise, 4 as unparsed, "
        "[] as provisional, now()::timestamp as committed_at"
    )
    notes = "\n".join(build(connection, EVERYTHING).notes)
    assert "source IP unknown for 100 of 100" in notes
    assert "no deferral in the postfix logs" in notes
    assert "4 of 9 lines read were not understood" in notes
    assert "pending" not in notes
    assert "bounce reports" not in notes
    for number, (kind, matched) in enumerate(
        [("bounce", None), ("feedback", None), ("bounce", "verp"), ("delayed", None)]
    ):
        insert(connection, "report_rows", report_id=number, kind=kind, matched=matched)
    assert "2 bounce reports in mailboxes that nothing proves" in "\n".join(build(connection, EVERYTHING).notes)
    store(connection, [Attempt(after(1), act="S0", category="undetermined")])
    notes = "\n".join(build(connection, EVERYTHING).notes)
    assert "1 still pending" in notes
    assert "unexplained responses: 1" in notes
    assert "no deferral" not in notes
    assert "the database covers 2026-03-01 12:00:00" in build(connection, hours(100, 200)).notes[0]
