"""What is said of an address in each state that it can be in."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.errors import DatabaseError, LogbounceError
from logbounce.escalate import escalate
from logbounce.explain import Explained, explain
from tests.unit.cli.rows import insert
from tests.unit.escalate.histories import Attempt, after, bounced, complain, delivered, policy, store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ANN = "Ann.Lee@example.org"


class Told:
    """A database in a file, and what is explained of it."""

    def __init__(self, path: Path, preset: str = "standard") -> None:
        self.path = path
        self.connection = connect(path)
        policy(self.connection, "", None, preset)

    def happen(self, *attempts: Attempt) -> None:
        """Store attempts, and let the policy judge them."""
        store(self.connection, attempts)
        escalate(self.connection, after(100))

    def decide(self, action: str, hours: float, stream: str = "", note: str | None = None) -> None:
        """Let a person suppress or release."""
        insert(
            self.connection,
            "suppression_ledger",
            decided_at=after(hours),
            action=action,
            address=ANN.upper(),
            stream=stream,
            reason="manual",
            note=note,
            number=self.number(),
        )

    def number(self) -> int:
        """Return the next number of the ledger."""
        row = self.connection.execute("select nextval('suppression_numbers')").fetchone()
        assert row
        return int(row[0])

    def explain(self, hours: float = 0, address: str = "ann.lee@EXAMPLE.org", limit: int = 10) -> Explained:
        """Explain the address so many hours after the start."""
        self.connection.close()
        found = explain(self.path, address, limit=limit, now=after(hours).replace(tzinfo=dt.UTC))
        self.connection = connect(self.path)
        return found


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Told]:
    found = Told(tmp_path / "logbounce.duckdb")
    yield found
    found.connection.close()


def standings(found: Explained) -> list[tuple[str, dt.datetime | None]]:
    return [(row["standing"], row["standing_time"]) for row in found.bounces]


def limit_of(found: Explained, reason: str, stream: str = "") -> dict[str, Any]:
    return next(row for row in found.limits if (row["reason"], row["stream"]) == (reason, stream))


def test_a_hard_bounce(told: Told) -> None:
    bounce = bounced(after(1), category="bad-mailbox", source_offset=77)
    told.happen(bounce, bounced(after(1), recipient="bob@example.org"))
    found = told.explain(2)
    (decision,) = found.decisions
    assert found.in_force == [decision]
    assert found.suppressed_for_all
    assert (decision["reason"], decision["policy"], decision["rule_id"]) == ("hard", "standard", "rule-H")
    (evidence,) = decision["evidence"]
    assert (evidence["evidence_id"], evidence["source_name"], evidence["source_offset"]) == (
        bounce.attempt_id,
        "mail.log",
        77,
    )
    assert (evidence["category"], evidence["act"], evidence["response"]) == ("bad-mailbox", "H", "answer of act H")
    assert (found.limits, found.bounces) == ([], [])
    assert [row["outcome"] for row in found.mail] == ["bounced"]
    assert found.address == ANN


def test_three_soft_bounces_and_one_that_was_purged(told: Told) -> None:
    attempts = [Attempt(after(h)) for h in (0, 1, 2)]
    told.happen(*attempts)
    told.connection.execute("delete from attempt_rows where attempt_id = $1", [attempts[0].attempt_id])
    (decision,) = told.explain(2).decisions
    assert [row["evidence_id"] for row in decision["evidence"]] == [a.attempt_id for a in attempts[1:]]
    assert decision["evidence_gone"] == 1


def test_soft_bounces_that_do_not_suffice_yet(told: Told) -> None:
    told.happen(Attempt(after(0)), Attempt(after(10)))
    found = told.explain(20)
    soft = limit_of(found, "soft")
    assert (soft["counted"], soft["needed"], soft["window_hours"], soft["policy"]) == (2, 3, 72, "standard")
    assert (soft["oldest_time"], soft["leaves_at"], soft["reached_at"]) == (after(0), after(72), None)
    assert limit_of(found, "hard")["needed"] == 1
    assert standings(found) == [("counts", after(72)), ("counts", after(82))]
    assert (found.decisions, found.in_force, found.suppressed_for_all) == ([], [], False)


def test_the_window_has_both_of_its_ends(told: Told) -> None:
    told.happen(Attempt(after(0)))
    assert standings(told.explain(72)) == [("counts", after(72))]
    found = told.explain(72.01)
    assert standings(found) == [("window", after(72))]
    assert limit_of(found, "soft")["counted"] == 0


@pytest.mark.parametrize(
    ("attempt", "standing"),
    [
        (Attempt(after(0), act="S0", category="greylisted"), "not_counted"),
        (Attempt(after(0), act="S0", category="undetermined"), "not_counted"),
        (bounced(after(0), "B", category="spam-content"), "block"),
    ],
    ids=["greylisting", "undetermined", "block"],
)
def test_what_never_counts(told: Told, attempt: Attempt, standing: str) -> None:
    told.happen(attempt)
    found = told.explain(1)
    assert standings(found) == [(standing, None)]
    assert [row["counted"] for row in found.limits] == [0, 0]


def test_the_same_message_counts_once_a_day(told: Told) -> None:
    told.happen(*(Attempt(after(h), delivery_id=5) for h in (0, 1, 2, 25, 26)))
    found = told.explain(26)
    assert standings(found) == [
        ("counts", after(72)),
        ("repeated", after(0)),
        ("counts", after(97)),
        ("repeated", after(25)),
    ]
    twice = found.bounces[1]
    assert (twice["times"], twice["first_time"], twice["event_time"]) == (2, after(1), after(2))


def test_two_answers_of_one_second_are_one(told: Told) -> None:
    told.happen(*(Attempt(after(0), delivery_id=5) for _ in range(2)))
    assert sorted(standings(told.explain(1))) == [("counts", after(72)), ("repeated", after(0))]


def test_a_delivery_in_between_starts_again(told: Told) -> None:
    told.happen(Attempt(after(0)), Attempt(after(1)), delivered(after(2)), delivered(after(3)), Attempt(after(4)))
    found = told.explain(5)
    assert standings(found) == [("delivery", after(2)), ("delivery", after(2)), ("counts", after(76))]
    assert limit_of(found, "soft")["counted"] == 1


def test_what_was_accepted_and_came_back_is_no_delivery(told: Told) -> None:
    back = bounced(after(2), "S3", delivery_id=7, asynchronous=True)
    told.happen(Attempt(after(0)), delivered(after(1), delivery_id=7), back)
    found = told.explain(3)
    assert [standing for standing, _ in standings(found)] == ["counts", "counts"]


def test_a_policy_without_limits(told: Told) -> None:
    told.connection.execute("delete from policies")
    policy(told.connection, "", None, "never")
    told.happen(bounced(after(0)))
    found = told.explain(1)
    assert standings(found) == [("no_limit", None)]
    assert [(row["policy"], row["reason"]) for row in found.limits] == [("never", None)]


def test_a_limit_for_bounces_of_any_kind(told: Told) -> None:
    told.connection.execute("delete from policies")
    policy(told.connection, "", None, "limit")
    told.happen(bounced(after(0)))
    found = told.explain(9000)
    assert standings(found) == [("counts", None)]
    assert (limit_of(found, "any")["counted"], limit_of(found, "any")["needed"]) == (1, 2)


def test_a_complaint(told: Told) -> None:
    number = complain(told.connection, after(3))
    told.happen(delivered(after(0)))
    (decision,) = told.explain(4).in_force
    assert decision["reason"] == "complaint"
    (evidence,) = decision["evidence"]
    assert (evidence["evidence_id"], evidence["what"], evidence["response"]) == (number, "complaint", "abuse")
    assert evidence["source_name"] == "fbl.log"


def test_a_complaint_that_is_none(told: Told) -> None:
    complain(told.connection, after(3), "not-spam")
    told.happen(delivered(after(0)))
    assert standings(told.explain(4)) == [("not_counted", None)]


def test_a_person_decided(told: Told) -> None:
    told.decide("suppress", 1, note="asked by phone")
    (decision,) = told.explain(4).in_force
    assert (decision["reason"], decision["note"], decision["evidence"]) == ("manual", "asked by phone", [])
    assert decision["evidence_gone"] == 0


def test_who_was_released_has_a_history(told: Told) -> None:
    told.happen(bounced(after(0)))
    told.decide("release", 5)
    told.happen(Attempt(after(6)))
    found = told.explain(7)
    assert [(row["action"], row["in_force"]) for row in found.decisions] == [("suppress", False), ("release", False)]
    assert len(found.decisions[0]["evidence"]) == 1
    assert standings(found) == [("counts", after(78))]


def test_what_was_released_before_it_decided_anything(told: Told) -> None:
    told.happen(Attempt(after(0)))
    told.decide("release", 5)
    told.decide("release", 6)
    assert standings(told.explain(7)) == [("released", after(5))]


def test_each_stream_has_its_own_policy_and_state(told: Told) -> None:
    policy(told.connection, "bulk", "bulk@%", "lenient")
    policy(told.connection, "receipts", "receipts@%", "standard")
    told.happen(
        bounced(after(0), sender="receipts@x.example"),
        *(Attempt(after(h), sender="bulk@x.example") for h in range(4)),
        delivered(after(1.5), sender="boss@x.example"),
    )
    found = told.explain(5)
    assert [row["stream"] for row in found.in_force] == ["receipts"]
    assert not found.suppressed_for_all
    assert {row["stream"] for row in found.limits} == {"", "bulk"}
    assert (limit_of(found, "soft", "bulk")["counted"], limit_of(found, "soft", "bulk")["needed"]) == (2, 5)
    assert {(row["stream"], row["standing"]) for row in found.bounces} == {("bulk", "delivery"), ("bulk", "counts")}
    told.decide("suppress", 6)
    found = told.explain(7)
    assert [row["stream"] for row in found.in_force] == ["", "receipts"]
    assert (found.limits, found.bounces) == ([], [])


def test_a_limit_that_was_reached_before_the_policy_said_so(told: Told) -> None:
    told.connection.execute("update policies set soft_limit = 5")
    told.happen(*(Attempt(after(h)) for h in range(4)))
    told.connection.execute("update policies set soft_limit = 3")
    assert limit_of(told.explain(5), "soft")["reached_at"] == after(2)


def test_only_so_many_of_what_does_not_count_and_of_the_mail(told: Told) -> None:
    told.happen(Attempt(after(0)), *(bounced(after(h), "B") for h in range(1, 9)), Attempt(after(9)))
    found = told.explain(10, limit=3)
    assert [row["standing"] for row in found.bounces] == ["counts", "block", "block", "block", "counts"]
    assert (found.left_out, len(found.mail), found.summary["messages"]) == (5, 3, 10)
    assert [row["last_time"] for row in found.mail] == [after(9), after(8), after(7)]
    assert found.summary["outcomes"] == {"bounced": 8, "deferred": 2}


def test_a_message_is_told_by_its_last_word(told: Told) -> None:
    told.happen(Attempt(after(0), delivery_id=3), Attempt(after(1), delivery_id=3), delivered(after(2), delivery_id=3))
    (message,) = told.explain(3).mail
    assert (message["outcome"], message["attempts"], message["first_time"]) == ("delivered", 3, after(0))


def test_the_file_of_a_line_is_the_one_that_reaches_so_far_at_that_time(told: Told) -> None:
    told.happen(bounced(after(2), source_offset=500))
    for path, position, first, last in (
        ("/log/mail.log", 900, 1, 3),
        ("/log/mail.log.1", 400, 1, 3),
        ("/log/mail.log.2", 900, 3, 4),
    ):
        times = {"first_time": after(first), "last_time": after(last)}
        insert(told.connection, "sources", source_name="mail.log", path=path, position=position, inode=7, **times)
    (decision,) = told.explain(3).decisions
    assert [(row["paths"], row["source_offset"]) for row in decision["evidence"]] == [(["/log/mail.log"], 500)]


def test_a_journal_has_no_bytes(told: Told) -> None:
    told.happen(bounced(after(2), source_offset=500))
    times = {"first_time": after(0), "last_time": after(3)}
    insert(told.connection, "sources", source_name="mail.log", path="journal:postfix", position=900, **times)
    (decision,) = told.explain(3).decisions
    assert [(row["paths"], row["source_offset"]) for row in decision["evidence"]] == [(["journal:postfix"], None)]


def test_what_is_not_judged_yet_is_said(told: Told) -> None:
    told.happen(delivered(after(0)))
    assert told.explain(1).summary["undecided"] is False
    insert(told.connection, "undecided_addresses", address=ANN.lower())
    assert told.explain(1).summary["undecided"] is True


def test_an_alias_says_whom_its_mail_went_on_to(told: Told) -> None:
    told.happen(delivered(after(0), recipient="ann@home.example"))
    told.connection.execute("update attempt_rows set original_recipient = $1", [ANN])
    found = told.explain(1)
    assert found.known
    assert (found.mail, found.summary["went_on_to"]) == ([], ["ann@home.example"])
    assert told.explain(1, "ann@home.example").mail[0]["original_recipient"] == ANN


def test_what_the_rules_file_says_of_the_rules_that_are_named(told: Told) -> None:
    insert(told.connection, "rules", position=1, rule_id="rule-H", why="nobody there", source="RFC 3463")
    insert(told.connection, "rules", position=2, rule_id="another")
    told.happen(bounced(after(0)))
    assert [(row["rule_id"], row["why"], row["source"]) for row in told.explain(1).rules] == [
        ("rule-H", "nobody there", "RFC 3463")
    ]


def test_an_address_is_compared_as_everywhere(told: Told) -> None:
    told.happen(bounced(after(0), recipient="Ann@xn--bcher-kva.example"))
    for spelling in ("ANN@bücher.EXAMPLE", " ann@xn--bcher-kva.example\n"):
        assert told.explain(1, spelling).suppressed_for_all
    assert not told.explain(1, "ann@xn--bcher-kva.example.org").known


def test_whoever_is_not_in_the_database_is_not_known(told: Told) -> None:
    told.happen(bounced(after(0)))
    found = told.explain(1, "lee@example.org")
    assert not found.known
    assert (found.in_force, found.summary["messages"], found.address) == ([], 0, "lee@example.org")


@pytest.mark.parametrize("address", ["", " ", "@example.org", "ann@", "an\x07n@example.org", "a\u200bnn@x.org"])
def test_what_is_no_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(LogbounceError, match="expected") as caught:
        explain(tmp_path / "none.duckdb", address, limit=1, now=dt.datetime.now(dt.UTC))
    assert caught.value.exit == 2


def test_a_database_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatabaseError, match="there is no database"):
        explain(tmp_path / "none.duckdb", ANN, limit=1, now=dt.datetime.now(dt.UTC))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written(told: Told) -> None:
    told.happen(Attempt(after(0)))
    told.connection.close()
    before = told.path.read_bytes()
    explain(told.path, ANN, limit=1, now=dt.datetime.now(dt.UTC))
    assert told.path.read_bytes() == before
    told.connection = connect(told.path)
