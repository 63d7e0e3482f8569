from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import duckdb
import pytest

from logbounce.database import connect, memory
from tests.unit.escalate.histories import Attempt, after, bounced, delivered, store

if TYPE_CHECKING:
    from pathlib import Path

# DESIGN, section 2.
CONTRACT = """
attempt_id event_time mta host instance queue_id message_id sender recipient original_recipient recipient_domain
provider source_ip relay_host relay_ip outcome smtp_code enhanced_status smtp_stage response template_id category
bounce_class rule_id delay_seconds size_bytes tls job_id pool source_name source_offset
""".split()  # noqa: SIM905 - a list of thirty words reads better so

LATE_REPORT = bounced(after(9), delivery_id=1, asynchronous=True)
CASES: dict[str, tuple[list[Attempt], tuple[str, str, str, int, float]]] = {
    # outcome, category, class, tries, hours of the last word
    "the latest line": (
        [Attempt(after(0), delivery_id=1), Attempt(after(1), delivery_id=1), delivered(after(2), delivery_id=1)],
        ("delivered", "delivered", "none", 3, 2),
    ),
    "a deferral that was logged earlier": (
        [bounced(after(2), delivery_id=1), Attempt(after(1), delivery_id=1, source_offset=99)],
        ("bounced", "H-category", "hard", 2, 2),
    ),
    "a final line of the same second": (
        [delivered(after(1), delivery_id=1), Attempt(after(1), delivery_id=1, source_offset=99)],
        ("delivered", "delivered", "none", 2, 1),
    ),
    "the later line of the same second": (
        [
            Attempt(after(1), delivery_id=1, source_offset=9),
            Attempt(after(1), act="B", delivery_id=1, source_offset=10),
        ],
        ("deferred", "B-category", "block", 2, 1),
    ),
    "giving up, which is no try": (
        [Attempt(after(0), delivery_id=1), Attempt(after(1), "expired", delivery_id=1)],
        ("expired", "S3-category", "soft", 1, 1),
    ),
    "a late report of a bounce": (
        [delivered(after(0), delivery_id=1), LATE_REPORT],
        ("bounced", "H-category", "hard", 1, 9),
    ),
    "a late report, by a clock that is slow": (
        [delivered(after(10), delivery_id=1), LATE_REPORT],
        ("bounced", "H-category", "hard", 1, 9),
    ),
    "not a late report of a delay": (
        [delivered(after(0), delivery_id=1), Attempt(after(4), delivery_id=1, asynchronous=True)],
        ("delivered", "delivered", "none", 1, 0),
    ),
    "not a deferral without a try": (
        [Attempt(after(0), act="B", delivery_id=1), Attempt(after(1), delivery_id=1, suspended=True)],
        ("deferred", "B-category", "block", 1, 0),
    ),
    "a deferral without a try, if nothing else is known": (
        [Attempt(after(1), delivery_id=1, suspended=True)],
        ("deferred", "S3-category", "soft", 0, 1),
    ),
    "a hop": ([Attempt(after(0), "relayed", None, delivery_id=1)], ("relayed", "delivered", "none", 1, 0)),
}


@pytest.mark.parametrize("case", CASES)
def test_the_last_word_is(case: str) -> None:
    attempts, (outcome, category, bounce_class, tries, hours) = CASES[case]
    connection = memory()
    for order in itertools.permutations(attempts):
        connection.execute("delete from attempt_rows")
        store(connection, order)
        rows = connection.execute(
            "select outcome, category, bounce_class, attempts, last_time, first_time from outcomes"
        ).fetchall()
        first = min(attempt.event_time for attempt in attempts)
        assert rows == [(outcome, category, bounce_class, tries, after(hours), first)]


def test_each_recipient_of_a_message_has_an_outcome() -> None:
    connection = memory()
    store(connection, [delivered(after(0), recipient=f"{name}@x.example") for name in ("ann", "bob")])
    assert connection.execute("select recipient, outcome from outcomes order by all").fetchall() == [
        ("ann@x.example", "delivered"),
        ("bob@x.example", "delivered"),
    ]


def test_a_period_takes_the_outcomes_whose_last_word_was_said_in_it() -> None:
    connection = memory()
    store(
        connection,
        [
            *(Attempt(after(hours), delivery_id=1) for hours in (0, 5, 11)),
            delivered(after(5), delivery_id=2),
            delivered(after(10), delivery_id=3),
            *(Attempt(after(hours), delivery_id=4) for hours in (4, 6)),
        ],
    )
    rows = connection.execute(
        "select delivery_id, attempts, first_time from outcomes_between($1, $2) order by all", [after(5), after(10)]
    ).fetchall()
    assert rows == [(2, 1, after(5)), (4, 2, after(4))]


def test_a_hard_category_that_was_tried_again_is_soft() -> None:
    connection = memory()
    store(connection, [Attempt(after(0), act="H"), bounced(after(1)), Attempt(after(2), "expired", "H")])
    rows = connection.execute("select outcome, bounce_class, act from attempts order by event_time").fetchall()
    assert rows == [("deferred", "soft", "S3"), ("bounced", "hard", "H"), ("expired", "soft", "S3")]


def test_what_has_no_template_or_no_class_yet_is_undetermined() -> None:
    connection = memory()
    store(connection, [bounced(after(0)), Attempt(after(1), act=None)])
    connection.execute("update response_templates set category = null, bounce_class = null, act = null")
    rows = connection.execute("select category, bounce_class, act from attempts").fetchall()
    assert rows == [("undetermined", "soft", "S0")] * 2


def test_attempts_and_outcomes_have_the_columns_of_the_contract() -> None:
    connection = memory()
    attempts = [column[0] for column in connection.execute("from attempts").description or ()]
    assert attempts == [*CONTRACT, "delivery_id", "asynchronous", "act", "mta_category", "envelope_id"]
    outcomes = {column[0] for column in connection.execute("from outcomes").description or ()}
    assert outcomes == {*attempts, "first_time", "last_time", "attempts"} - {"event_time"}


def test_the_views_are_stored_for_any_client(tmp_path: Path) -> None:
    file, copy = tmp_path / "a.duckdb", tmp_path / "b.duckdb"
    with connect(file) as connection:
        store(connection, [delivered(after(0))])
        connection.execute(f"attach '{copy}' as b")
        connection.execute("copy from database a to b")
    with duckdb.connect(":memory:") as other:
        for path in (file, copy):
            other.execute(f"attach '{path}' as x (read_only)")
            assert other.execute("select delivered from x.rates_by_day").fetchall() == [(1,)]
            other.execute("detach x")
