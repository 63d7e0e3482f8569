from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from logbounce.database import memory
from logbounce.report import disagreements
from logbounce.rules import load_rules, publish
from tests.unit.cli.rows import insert

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

TIME = dt.datetime(2026, 3, 1, 12)  # noqa: DTZ001 - the database holds plain UTC


@pytest.fixture
def connection() -> DuckDBPyConnection:
    """Return a database that knows the shipped categories."""
    made = memory()
    publish(made, load_rules())
    return made


def said(  # noqa: PLR0913 - one for each opinion
    connection: DuckDBPyConnection,
    number: int,
    *,
    code: int | None = None,
    status: str | None = None,
    rule: str | None = None,
    mta: str | None = None,
    addresses: int = 1,
    time: dt.datetime = TIME,
) -> None:
    """Store a template and attempts that got it; `rule` is the class that a rule gave it."""
    classes = {"hard": ("bad-mailbox", "H"), "soft": ("mailbox-full", "S3"), "block": ("policy-block", "B")}
    category, act = classes[rule] if rule else ("undetermined", "S0")
    insert(
        connection, "response_templates", template_id=number, template=f"t{number}", sample=f"s{number}",
        smtp_code=code, enhanced_status=status, category=category, act=act, bounce_class=rule or "soft",
        rule_id=rule and f"says-{rule}",
    )  # fmt: skip
    for recipient in range(addresses):
        insert(
            connection, "attempt_rows", attempt_id=1000 * number + recipient, recipient=f"r{recipient}@x.example",
            outcome="bounced", template_id=number, mta_category=mta, event_time=time,
        )  # fmt: skip


def told(connection: DuckDBPyConnection, since: dt.datetime | None = None) -> list[tuple[object, ...]]:
    columns, rows = disagreements(connection, since)
    shown = ("template_id", "priority", "hard_by", "code_class", "status_class", "rule_class", "mta_class")
    return [tuple(dict(zip(columns, row, strict=True))[name] for name in shown) for row in rows]


def test_what_somebody_would_suppress_for_comes_first(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=450, status="4.7.1", rule="soft", addresses=9)
    said(connection, 2, code=550, status="5.7.1", rule="block", addresses=9)
    said(connection, 3, code=550, status="5.1.1", rule="block", mta="policy-related")
    said(connection, 4, code=550, status="5.7.1", rule="hard")
    said(connection, 5, code=550, status="5.1.1", rule="block", addresses=3)
    said(connection, 6, code=550, rule="soft")
    assert told(connection) == [
        (4, 1, ["rule", "code"], "hard", "block", "hard", None),
        (5, 2, ["status", "code"], "hard", "hard", "block", None),
        (3, 2, ["status", "code"], "hard", "hard", "block", "block"),
        (2, 3, ["code"], "hard", "block", "block", None),
        (6, 3, ["code"], "hard", None, "soft", None),
        (1, 4, [], "soft", "block", "soft", None),
    ]


def test_who_agrees_or_has_no_opinion_is_not_told(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=550, status="5.1.1", rule="hard", mta="bad-mailbox")
    said(connection, 2, code=452, status="4.2.2", rule="soft", mta="QuotaIssues")
    said(connection, 3, status="5.0.0", rule="block", mta="other")
    said(connection, 4, code=550)
    assert told(connection) == []


def test_what_no_rule_knows_is_no_opinion_of_the_rules(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=450, mta="bad-mailbox")
    assert told(connection) == [(1, 2, ["mta"], "soft", None, None, "hard")]


def test_what_is_worth_another_try_is_never_hard_by_its_code(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=450, status="4.1.1", rule="hard")
    assert told(connection) == [(1, 1, ["rule"], "soft", "soft", "hard", None)]


def test_one_response_has_a_row_for_each_opinion_of_the_mail_server(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=550, rule="hard", mta="spam-related", addresses=2)
    insert(
        connection, "attempt_rows", attempt_id=1, recipient="R0@x.example", outcome="bounced", template_id=1,
        mta_category="quota-issues",
    )  # fmt: skip
    assert [row[-1] for row in told(connection)] == ["block", "soft"]


def test_attempts_are_counted_and_addresses_without_case(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=550, rule="block", addresses=2)
    more = {"recipient": "R0@X.example", "template_id": 1, "event_time": TIME}
    insert(connection, "attempt_rows", attempt_id=1, outcome="deferred", **more)
    insert(connection, "attempt_rows", attempt_id=2, outcome="deferred", suspended=True, **more)
    insert(connection, "attempt_rows", attempt_id=3, outcome="relayed", **more)
    counts = connection.execute("select attempts, addresses, first_time, sample from disagreements").fetchall()
    assert counts == [(3, 2, TIME, "s1")]


def test_since(connection: DuckDBPyConnection) -> None:
    said(connection, 1, code=550, rule="block")
    said(connection, 2, code=550, rule="block", time=TIME + dt.timedelta(days=1))
    assert [row[0] for row in told(connection, (TIME + dt.timedelta(days=1)).replace(tzinfo=dt.UTC))] == [2]


@pytest.mark.parametrize(
    ("status", "category"),
    [
        ("5.1.1", "bad-mailbox"), ("5.1.10", "bad-mailbox"), ("5.1.2", "bad-domain"), ("5.1.6", "moved"),
        ("5.1.8", "sender-rejected"), ("4.2.1", "inactive-mailbox"), ("5.2.2", "mailbox-full"),
        ("5.2.3", "message-too-big"), ("5.3.4", "message-too-big"), ("4.3.2", "remote-system"), ("4.4.1", "no-answer"),
        ("5.4.4", "bad-domain"), ("5.4.6", "routing-dns"), ("4.4.7", "message-expired"), ("5.5.1", "protocol-error"),
        ("5.6.0", "content-invalid"), ("5.7.1", "policy-block"), ("5.7.26", "auth-failure"), ("5.7.27", "policy-block"),
        ("5.0.0", None), ("2.1.5", None), ("5.1.11", None), ("nonsense", None), (None, None),
    ],
)  # fmt: skip
def test_what_an_enhanced_code_says_alone(
    connection: DuckDBPyConnection, status: str | None, category: str | None
) -> None:
    assert connection.execute("select status_says($1)", [status]).fetchone() == (category,)


# PowerMTA's user guide, "Bounce categories"; KumoMTA's documentation, "bounce classification".
POWERMTA = (
    "bad-mailbox", "bad-domain", "inactive-mailbox", "quota-issues", "no-answer-from-host", "bad-connection",
    "message-expired", "routing-errors", "bad-configuration", "protocol-errors", "spam-related", "policy-related",
    "invalid-sender", "relaying-issues", "virus-related", "content-related",
)  # fmt: skip
KUMOMTA = (
    "InvalidRecipient", "BadDomain", "InactiveMailbox", "QuotaIssues", "NoAnswerFromHost", "BadConnection",
    "MessageExpired", "RoutingErrors", "DNSFailure", "BadConfiguration", "TransientFailure", "TooManyRecipients",
    "ProtocolErrors", "SpamBlock", "SpamRelated", "SpamContent", "AuthenticationFailed", "PolicyRelated",
    "InvalidSender", "RelayDenied", "VirusRelated", "ProhibitedAttachment", "ContentRelated",
)  # fmt: skip


@pytest.mark.parametrize("name", [*POWERMTA, *KUMOMTA])
def test_each_name_of_a_mail_server_stands_for_a_category_of_ours(connection: DuckDBPyConnection, name: str) -> None:
    asked = "select count(*) from categories where category = mta_says($1)"
    assert connection.execute(asked, [name]).fetchone() == (1,)


@pytest.mark.parametrize("name", ["other", "Uncategorized", "success", "", None])
def test_what_is_no_opinion_of_a_mail_server(connection: DuckDBPyConnection, name: str | None) -> None:
    assert connection.execute("select mta_says($1)", [name]).fetchone() == (None,)
