from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.escalate import escalate
from tests.unit.escalate.histories import (
    Attempt,
    after,
    bounced,
    complain,
    database,
    delivered,
    ledger,
    policy,
    store,
)

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CASES: dict[str, tuple[str, list[Attempt], list[str]]] = {
    "one hard bounce suppresses": ("standard", [bounced(after(0))], ["hard"]),
    "a block never counts": ("standard", [bounced(after(h), "B") for h in range(9)], []),
    "S0 never counts": ("standard", [Attempt(after(h), act="S0") for h in range(9)], []),
    "two soft bounces do not suppress": ("standard", [Attempt(after(0)), Attempt(after(1))], []),
    "three messages deferred suppress": ("standard", [Attempt(after(h)) for h in (0, 1, 2)], ["soft"]),
    "what expired counts as soft": ("standard", [Attempt(after(h), "expired") for h in (0, 1, 2)], ["soft"]),
    "a hard category that was tried again is soft": ("standard", [Attempt(after(0), act="H")], []),
    "three of those suppress as soft": ("standard", [Attempt(after(h), act="H") for h in (0, 1, 2)], ["soft"]),
    "a deferral without a try does not count": (
        "standard",
        [Attempt(after(0)), Attempt(after(1)), Attempt(after(2), suspended=True)],
        [],
    ),
    "one message all afternoon is one": ("standard", [Attempt(after(h / 2), delivery_id=1) for h in range(24)], []),
    "the same message counts again after 24 h": (
        "standard",
        [Attempt(after(h), delivery_id=1) for h in (0, 23, 24, 48)],
        ["soft"],
    ),
    "24 h start at the last counted one": (
        "standard",
        [Attempt(after(h), delivery_id=1) for h in (0, 23, 25, 47.9)],
        [],
    ),
    "0, 23, 25 and 49 h count thrice": (
        "standard",
        [Attempt(after(h), delivery_id=1) for h in (0, 23, 25, 49)],
        ["soft"],
    ),
    "a delivery in between starts again": (
        "standard",
        [Attempt(after(0)), Attempt(after(1)), delivered(after(1.5)), Attempt(after(2))],
        [],
    ),
    "three after the delivery suppress": (
        "standard",
        [Attempt(after(0)), delivered(after(1)), *(Attempt(after(h)) for h in (2, 3, 4))],
        ["soft"],
    ),
    "a delivery to another does not": (
        "standard",
        [*(Attempt(after(h)) for h in (0, 1, 2)), delivered(after(1.5), recipient="bob@example.org")],
        ["soft"],
    ),
    "a relayed hop is no delivery": (
        "standard",
        [*(Attempt(after(h)) for h in (0, 1, 2)), Attempt(after(1.5), "relayed", None)],
        ["soft"],
    ),
    "in total, a delivery changes nothing": (
        "total",
        [Attempt(after(0)), Attempt(after(1)), delivered(after(1.5)), Attempt(after(2))],
        ["soft"],
    ),
    "a delivery that was reported as bounced later is none": (
        "standard",
        [
            Attempt(after(0)),
            delivered(after(0.5), delivery_id=7),
            bounced(after(1), "S3", delivery_id=7, asynchronous=True),
            Attempt(after(2)),
        ],
        ["soft"],
    ),
    "a later report of a hard bounce suppresses": (
        "standard",
        [delivered(after(0), delivery_id=8), bounced(after(1), delivery_id=8, asynchronous=True)],
        ["hard"],
    ),
    "case is not compared": (
        "standard",
        [Attempt(after(h), recipient=r) for h, r in enumerate(["ann@x.example", "Ann@x.example", "ANN@x.example"])],
        ["soft"],
    ),
    "lenient waits for five": ("lenient", [Attempt(after(h)) for h in range(4)], []),
    "lenient takes five": ("lenient", [Attempt(after(h)) for h in range(5)], ["soft"]),
    "patient waits for three hard": ("patient", [bounced(after(h)) for h in (0, 500)], []),
    "patient takes three hard, however far apart": ("patient", [bounced(after(h)) for h in (0, 500, 1000)], ["hard"]),
    "patient starts again after a delivery": (
        "patient",
        [bounced(after(0)), bounced(after(1)), delivered(after(2)), bounced(after(3))],
        [],
    ),
    "a hard bounce that is told twice is one": (
        "patient",
        [*(bounced(after(h), delivery_id=3) for h in (0, 30, 60)), bounced(after(90))],
        [],
    ),
    "limit counts both kinds": ("limit", [Attempt(after(0)), bounced(after(900))], ["any"]),
    "limit does not count blocks": ("limit", [Attempt(after(0)), bounced(after(1), "B")], []),
    "nought is never": ("never", [bounced(after(h)) for h in range(9)], []),
}


@pytest.mark.parametrize("case", CASES)
def test_policy(case: str) -> None:
    preset, attempts, reasons = CASES[case]
    connection = database(preset)
    store(connection, attempts)
    assert escalate(connection) == len(reasons)
    assert [row[2] for row in ledger(connection)] == reasons


def test_a_decision_names_its_evidence() -> None:
    connection = database()
    attempts = [Attempt(after(h), category="mailbox-full") for h in (0, 1, 2)]
    store(connection, [*reversed(attempts), Attempt(after(3))])
    escalate(connection)
    row = connection.execute("select category, rule_id, policy, bounces, evidence from suppression_ledger").fetchone()
    assert row == ("mailbox-full", "rule-S3", "standard", 3, [a.attempt_id for a in attempts])


@pytest.mark.parametrize("feedback_type", ["abuse", "Fraud", "virus", "other", None])
def test_a_complaint_suppresses(feedback_type: str | None) -> None:
    connection = database("never")
    number = complain(connection, after(0), feedback_type)
    assert escalate(connection) == 1
    row = connection.execute("select reason, category, evidence from suppression_ledger").fetchone()
    assert row == ("complaint", "feedback", [number])


@pytest.mark.parametrize("feedback_type", ["not-spam", "auth-failure", "dmarc"])
def test_other_feedback_does_not(feedback_type: str) -> None:
    connection = database()
    complain(connection, after(0), feedback_type)
    assert escalate(connection) == 0


def test_a_complaint_without_an_address_or_a_policy_is_no_error() -> None:
    connection = database()
    connection.execute("delete from policies")
    complain(connection, after(0), recipient=None)
    complain(connection, after(0))
    store(connection, [bounced(after(0))])
    assert escalate(connection) == 1
    assert [row[2] for row in ledger(connection)] == ["complaint"]


def test_each_stream_has_its_policy_and_the_longest_pattern_is_the_nearest() -> None:
    connection = database("standard")
    policy(connection, "bulk", "%@News.example", "lenient")
    policy(connection, "receipts", "receipts@news.example", "never")
    senders = ["a@news.example", "receipts@NEWS.example", "boss@corp.example", None]
    for number, sender in enumerate(senders):
        store(connection, [Attempt(after(h), sender=sender, recipient=f"r{number}@x.example") for h in range(4)])
    escalate(connection)
    assert [row[:3] for row in ledger(connection)] == [("r2@x.example", "", "soft"), ("r3@x.example", "", "soft")]
    store(connection, [Attempt(after(4), sender=senders[0], recipient="r0@x.example")])
    escalate(connection)
    assert ledger(connection)[2][:3] == ("r0@x.example", "bulk", "soft")


def release(connection: DuckDBPyConnection, address: str, hours: float, reason: str = "manual") -> None:
    connection.execute(
        "insert into suppression_ledger (decided_at, action, address, stream, reason) "
        "values ($1, 'release', $2, '', $3)",
        [after(hours), address, reason],
    )


def test_who_was_released_is_judged_on_what_came_after() -> None:
    connection = database()
    store(connection, [Attempt(after(h)) for h in (0, 1, 2)])
    assert escalate(connection) == 1
    release(connection, "ann.lee@EXAMPLE.org", 10)
    assert escalate(connection) == 0
    store(connection, [Attempt(after(9)), *(Attempt(after(h)) for h in (10, 11, 12))])
    assert escalate(connection) == 0
    store(connection, [Attempt(after(13))])
    assert escalate(connection) == 1
    assert ledger(connection)[-1][2:] == ("soft", 3, after(11), after(13))


def test_a_release_by_other_rules_hides_nothing_and_is_of_its_stream_alone() -> None:
    connection = database()
    policy(connection, "bulk", "bulk@%", "standard")
    store(connection, [bounced(after(0)), bounced(after(0), sender="bulk@x.example")])
    assert escalate(connection) == 2
    release(connection, "ann.lee@EXAMPLE.org", 10, reason="rules")
    assert connection.execute("select stream from suppressions").fetchall() == [("bulk",)]
    assert escalate(connection) == 1
    assert ledger(connection)[-1][1:3] == ("", "hard")


def test_only_touched_addresses_are_judged() -> None:
    connection = database()
    store(connection, [bounced(after(0), recipient=f"{name}@x.example") for name in ("ann", "bob")])
    connection.execute("create temp table touched_addresses as select 'BOB@x.example' as address")
    assert escalate(connection) == 1
    connection.execute("drop table touched_addresses")
    assert escalate(connection) == 1
    assert [row[0] for row in ledger(connection)] == ["bob@x.example", "ann@x.example"]
