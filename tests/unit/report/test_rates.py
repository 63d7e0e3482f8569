from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.database import memory
from tests.unit.escalate.histories import Attempt, after, bounced, complain, delivered, store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

CONNECTION = memory()


# R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3; and nought and all of ten by hand.
@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
    ],
)
def test_the_interval_is_that_of_wilson(k: int, n: int, low: float, high: float) -> None:
    row = CONNECTION.execute("select wilson_low($1, $2), wilson_high($1, $2)", [k, n]).fetchone()
    assert row is not None
    assert row == pytest.approx((low, high), abs=0.00005)


def test_nothing_of_nothing_has_no_interval() -> None:
    assert CONNECTION.execute("select wilson_low(0, 0), wilson_high(0, 0)").fetchone() == (None, None)


@given(st.integers(1, 10**9), st.data())
def test_the_rate_lies_within_its_interval(n: int, data: st.DataObject) -> None:
    k = data.draw(st.integers(0, n))
    row = CONNECTION.execute("select wilson_low($1, $2), wilson_high($1, $2)", [k, n]).fetchone()
    assert row is not None
    assert 0 <= row[0] <= k / n + 1e-12
    assert k / n - 1e-12 <= row[1] <= 1


def sample() -> DuckDBPyConnection:
    connection = memory()
    google = {"provider": "google", "source_ip": "198.51.100.10", "recipient": "ann@gmail.example"}
    other = {"provider": None, "source_ip": None, "recipient": "bob@other.example"}
    store(
        connection,
        [
            *(Attempt(after(hours), delivery_id=1, **google) for hours in range(5)),  # type: ignore[arg-type]
            delivered(after(5), delivery_id=1, message_id="a@sender.example", **google),
            bounced(after(6), **google),
            bounced(after(6), "B", category="spam-content", **google),
            bounced(after(6), "B", category="auth-failure", **google),
            bounced(after(30), "B", category="reputation-block", **google),
            Attempt(after(7), "expired", **google),  # type: ignore[arg-type]
            Attempt(after(7), **google),  # type: ignore[arg-type]
            Attempt(after(7), "relayed", None, **google),  # type: ignore[arg-type]
            delivered(after(8), **other),
        ],
    )
    complain(connection, after(9), recipient="ANN@gmail.example", message_id="a@sender.example")
    complain(connection, after(9), feedback_type="not-spam", recipient="ann@gmail.example")
    return connection


def figures(connection: DuckDBPyConnection, relation: str) -> dict[object, dict[str, object]]:
    result = connection.execute(f"from {relation}")
    names = [column[0] for column in result.description or ()]
    return {row[0]: dict(zip(names, row, strict=True)) for row in result.fetchall()}


def test_a_rate_is_of_outcomes_and_leaves_out_what_is_pending_or_a_hop() -> None:
    found = figures(sample(), "rates_by_provider")["google"]
    low, high = found.pop("low"), found.pop("high")
    assert (low, high) == (pytest.approx(0.4365, abs=0.0001), pytest.approx(0.9699, abs=0.0001))
    assert found == {
        "provider": "google",
        "messages": 7,
        "delivered": 1,
        "failed": 5,
        "bounced": 4,
        "expired": 1,
        "pending": 1,
        "n": 6,
        "rate": pytest.approx(5 / 6),
        "hard": 1,
        "soft": 1,
        "block": 3,
        "hard_soft_ratio": 1.0,
        "spam": 1,
        "auth": 1,
        "reputation": 1,
        "complaints": 1,
        "complaint_rate": 1.0,
    }


@pytest.mark.parametrize(
    ("relation", "failed"),
    [
        ("rates_by_domain", {"gmail.example": 5, "other.example": 0}),
        ("rates_by_provider", {"google": 5, None: 0}),
        ("rates_by_source_ip", {"198.51.100.10": 5, None: 0}),
        ("rates_by_source_ip_provider", {"198.51.100.10": 5, None: 0}),
        ("rates_by_day", {after(0).date(): 4, after(24).date(): 1}),
        ("rates_by_hour", {after(h): n for h, n in ((5, 0), (6, 3), (7, 1), (8, 0), (9, 0), (30, 1))}),
    ],
)
def test_rates_by(relation: str, failed: dict[object, int]) -> None:
    connection = sample()
    assert {key: row["failed"] for key, row in figures(connection, relation).items()} == failed
    period = f"{relation}_between('{after(0)}'::timestamp, '{after(24)}'::timestamp)"
    within = figures(connection, period)
    assert sum(int(str(row["failed"])) for row in within.values()) == 4
    assert sum(int(str(row["complaints"])) for row in within.values()) == 1


def test_rates_of_all_mail_are_one_row_even_of_none() -> None:
    rows = (
        memory().execute("select n, rate, low, hard_soft_ratio from rates_between('-infinity', 'infinity')").fetchall()
    )
    assert rows == [(0, None, None, None)]


def test_a_complaint_is_tied_to_its_send() -> None:
    connection = sample()
    rows = connection.execute(
        "select recipient_domain, provider, source_ip from complaints_between($1, $2)", [after(0), after(24)]
    ).fetchall()
    assert rows == [("gmail.example", "google", "198.51.100.10")]
    complain(connection, after(30), recipient=None, message_id="a@sender.example")
    complain(connection, after(31), recipient="zoe@Else.example", message_id="b@sender.example")
    rows = connection.execute(
        "select recipient_domain, provider from complaints_between($1, $2) order by event_time", [after(24), after(48)]
    ).fetchall()
    assert rows == [("gmail.example", "google"), ("else.example", None)]


def test_a_redacted_complaint_about_a_message_to_two_providers_is_tied_to_none() -> None:
    connection = memory()
    for provider in ("google", "yahoo"):
        store(connection, [delivered(after(0), message_id="m@sender.example", provider=provider)])
    complain(connection, after(1), recipient=None, message_id="m@sender.example")
    row = connection.execute("select provider, source_ip from complaints_between('-infinity', 'infinity')").fetchone()
    assert row == (None, "198.51.100.10")


def test_unknown_responses_are_those_that_no_rule_explains() -> None:
    connection = memory()
    store(
        connection,
        [
            Attempt(after(0), act="S0", category="undetermined", delivery_id=1, provider="yahoo"),
            Attempt(after(5), act="S0", category="undetermined", delivery_id=1, provider="google"),
            Attempt(after(6), act="S0", category="greylisted"),
        ],
    )
    rows = connection.execute("select attempts, deliveries, providers, last_time from unknown_responses").fetchall()
    assert rows == [(2, 1, ["google", "yahoo"], after(5))]


def test_recipients_tell_the_state_of_an_address() -> None:
    connection = memory()
    store(
        connection,
        [
            bounced(after(0), "S3", recipient="Ann@x.example"),
            delivered(after(1), recipient="ann@x.example"),
            bounced(after(2), recipient="ANN@x.example"),
            bounced(after(3), "B", recipient="ann@x.example"),
            Attempt(after(4), recipient="ann@x.example"),
            bounced(after(1), recipient="bob@x.example"),
        ],
    )
    connection.execute(
        "insert into suppression_ledger (decided_at, action, address, stream, reason) "
        "values ('2026-03-01', 'suppress', 'Bob@X.example', '', 'manual')"
    )
    rows = connection.execute(
        "select address, messages, delivered, failed, pending, hard, soft, block, last_outcome, last_category, "
        "delivered_time, consecutive_failures, suppressed from recipients order by address"
    ).fetchall()
    assert rows == [
        ("ann@x.example", 5, 1, 3, 1, 1, 1, 1, "deferred", "S3-category", after(1), 1, False),
        ("bob@x.example", 1, 0, 1, 0, 1, 0, 0, "bounced", "H-category", None, 1, True),
    ]
