"""Bounce messages meet the log, or prove themselves, or change nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import TYPE_CHECKING

import pytest

from logbounce.clock import utc_now
from logbounce.ingest import events_of_messages, reports
from logbounce.load import ascii_address
from tests.unit.ingest.bounces import FULL, SIGNER, Post, complaint, dsn
from tests.unit.ingest.logs import RULES, START, arrival, attempt, removed
from tests.unit.ingest.state import Memory

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.unit.ingest.state import Stored

ANN = "ann@example.org"
OURS = {"mta": "mx1.sender.example", "queue_id": "4TXA"}
REFUSED = (
    "host mx.example.org[192.0.2.1] said: 550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown"
    " (in reply to RCPT TO command)"
)
LATER = START + dt.timedelta(hours=5)
TODAY = dt.datetime.now(dt.UTC).date()


def bounced(queue_id: str = "4TXA", recipient: str = ANN) -> list[str]:
    return [*arrival(0, queue_id), attempt(1, queue_id, recipient, "bounced", REFUSED), removed(2, queue_id)]


def delivered(queue_id: str = "4TXA", *recipients: str) -> list[str]:
    sent = [attempt(1, queue_id, recipient) for recipient in recipients or (ANN,)]
    return [*arrival(0, queue_id), *sent, removed(2, queue_id)]


@pytest.fixture
def log(database: Memory, tmp_path: Path) -> Callable[[list[str]], None]:
    numbers = itertools.count()

    def read(lines: list[str]) -> None:
        path = tmp_path / f"mail.log.{next(numbers)}"
        path.write_text("".join(f"{text}\n" for text in lines))
        database.run(path)

    return read


@pytest.fixture
def post(database: Memory) -> Post:
    return Post(database)


def counted(database: Memory) -> Stored:
    """Return what reports must not change where a log tells the same."""
    found = database.stored()
    return {name: found[name] for name in ("attempts", "outcomes", "complaints", "suppressions")}


def linked(database: Memory) -> list[tuple[object, ...]]:
    return database.rows(
        "select matched, attempt_id in (select attempt_id from attempts), made_attempt from report_rows"
    )


def outcomes(database: Memory) -> list[tuple[object, ...]]:
    return database.rows("select recipient, outcome, asynchronous, bounce_class from outcomes order by all")


def suppressed(database: Memory) -> list[tuple[object, ...]]:
    return database.rows("select address, reason from suppressions order by all")


def proofs(database: Memory) -> list[tuple[object, ...]]:
    return database.rows("select recipient, matched, verp from report_rows order by all")


# A failure that the log shows


OWN = {
    "by queue id": dsn(ANN, **OURS, message_id="4TXA@sender.example"),
    "by queue id, without the message": dsn(ANN, **OURS),
    "by Message-ID": dsn(ANN, message_id="4TXA@sender.example"),
}


@pytest.mark.parametrize("place", range(3), ids=["first", "between", "last"])
@pytest.mark.parametrize("name", OWN)
def test_our_own_report_is_linked_and_not_counted(
    name: str, place: int, database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    """Whether it is read before the log, between two pieces of it, or after it."""
    lines = bounced()
    pieces = [lines[:2], lines[2:]]
    for number, piece in enumerate(pieces):
        if number == place:
            post.take(OWN[name])
        log(piece)
    if place == len(pieces):
        post.take(OWN[name])
    assert linked(database) == [("queue_id" if "queue" in name else "message_id", True, False)]
    after = counted(database)
    database.empty()
    for piece in pieces:
        log(piece)
    assert after == counted(database)
    assert after["suppressions"] != []


def test_a_report_that_proved_itself_gives_way_to_the_log(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    """The evidence of its suppression is then the line of the log."""
    post.take(dsn(ANN, to=SIGNER.sign(ANN, TODAY), message_id="4TXA@sender.example"))
    assert outcomes(database) == [(ANN, "bounced", True, "hard")]
    assert suppressed(database) == [(ANN, "hard")]
    log(bounced())
    assert outcomes(database) == [(ANN, "bounced", False, "hard")]
    assert linked(database) == [("message_id", True, False)]
    assert database.rows(
        "select list_has_all((select list(attempt_id) from attempts), evidence) from suppressions"
    ) == [(True,)]
    log(bounced())
    assert database.rows("select count(*) from attempts") == [(1,)]


def test_a_report_on_what_the_log_calls_deferred_waits_for_the_log(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    log([*arrival(0, "4TXA"), attempt(1, "4TXA", ANN, "deferred", REFUSED.replace("550 5.1.1", "450 4.2.1"))])
    post.take(OWN["by Message-ID"])
    assert database.rows("select outcome from attempts") == [("deferred",)]
    log([attempt(9, "4TXA", ANN, "bounced", REFUSED), removed(10, "4TXA")])
    assert database.rows("select outcome from attempts order by event_time") == [("deferred",), ("bounced",)]
    assert linked(database) == [("message_id", True, False)]


POWERMTA = (
    "type,timeLogged,timeQueued,orig,rcpt,dsnStatus,dsnDiag,envId\n"
    "d,2026-11-20 10:00:01+0000,2026-11-20 10:00:00+0000,news@sender.example,{recipient},2.0.0,smtp;250 Ok,run-7/1\n"
)


@pytest.mark.parametrize("log_first", [True, False])
@pytest.mark.parametrize(("recipient", "linked_by"), [(ANN, "envelope_id"), ("bob@example.org", None)])
def test_a_log_of_envelope_ids(tmp_path: Path, recipient: str, linked_by: str | None, *, log_first: bool) -> None:
    """PowerMTA has no queue ids; a remote server repeats what it was given at MAIL FROM (RFC 3464 section 2.2.1)."""
    database, log = Memory(), tmp_path / "acct.csv"
    log.write_text(POWERMTA.format(recipient=recipient))
    if log_first:
        database.run(log)
    Post(database).take(dsn(ANN, envelope_id="run-7/1", time=LATER))
    if not log_first:
        database.run(log)
    assert database.rows("select matched from report_rows") == [(linked_by,)]
    assert suppressed(database) == ([(ANN, "hard")] if linked_by else [])


def test_a_failure_that_the_log_should_have_told_of_by_now(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    """Its line was lost, or another server has it; should it come after all, it takes the place of what was made."""
    deferred = attempt(1, "4TXA", ANN, "deferred", REFUSED.replace("550 5.1.1", "450 4.2.1"))
    log([*arrival(0, "4TXA"), deferred, *arrival(7 * 3600, "4TXB"), removed(7 * 3600, "4TXB")])
    post.take(dsn(ANN, **OURS, time=LATER))
    assert database.rows("select outcome, asynchronous from attempts order by event_time") == [
        ("deferred", False),
        ("bounced", True),
    ]
    assert suppressed(database) == [(ANN, "hard")]
    log([attempt(5 * 3600, "4TXA", ANN, "bounced", REFUSED), removed(5 * 3600 + 1, "4TXA")])
    assert database.rows("select outcome, asynchronous from attempts order by event_time") == [
        ("deferred", False),
        ("bounced", False),
    ]
    assert linked(database) == [("queue_id", True, False)]


# A later bounce of what was accepted


@pytest.mark.parametrize("log_first", [True, False])
def test_a_remote_bounce_takes_the_delivery_back(
    database: Memory, post: Post, log: Callable[[list[str]], None], *, log_first: bool
) -> None:
    message = dsn(ANN, message_id="4TXA@sender.example", time=LATER)
    if log_first:
        log(delivered())
    post.take(message)
    if not log_first:
        log(delivered())
    assert outcomes(database) == [(ANN, "bounced", True, "hard")]
    assert suppressed(database) == [(ANN, "hard")]
    assert linked(database) == [("message_id", True, True)]
    assert database.rows("select kind, proved, matched, bounce_class from dsn_reports") == [
        ("bounce", True, "message_id", "hard")
    ]
    before = counted(database)
    post.take(message, dsn(ANN, message_id="4TXA@sender.example", note="another copy", time=LATER))
    assert counted(database) == before


def test_only_its_own_recipient(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    log(delivered("4TXA", ANN, "bob@example.org"))
    before = counted(database)
    post.take(dsn("eve@example.org", message_id="4TXA@sender.example"), dsn("eve@example.org", **OURS))
    assert counted(database) == before
    assert proofs(database) == [("eve@example.org", None, None)] * 2
    post.take(dsn("bob@example.org", message_id="4TXA@sender.example"))
    assert [row[:2] for row in outcomes(database)] == [(ANN, "delivered"), ("bob@example.org", "bounced")]


def test_a_queue_id_alone_may_be_another_servers(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    log(delivered())
    post.take(dsn(ANN, queue_id="4TXA", mta="mx.elsewhere.example"))
    post.take(dsn(ANN, queue_id="4TXA", mta="mx1.sender.example", message_id="another@sender.example"))
    assert proofs(database) == [(ANN, None, None)] * 2
    assert suppressed(database) == []


def test_a_queue_id_that_was_given_again_is_the_one_before_the_report(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    log(delivered())
    hours = 3600 * 50
    again = [*arrival(hours, "4TXA", message_id="m2@x"), attempt(hours + 1, "4TXA", ANN), removed(hours + 2, "4TXA")]
    log(again)
    post.take(dsn(ANN, **OURS, time=LATER))
    assert database.rows("select message_id, outcome from outcomes order by all") == [
        ("4TXA@sender.example", "bounced"),
        ("m2@x", "delivered"),
    ]


def test_an_alias_is_known_by_either_name(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    """The remote server expanded it; the address that we mailed is the one that fails."""
    log(delivered())
    post.take(dsn("inner@host.example.org", original=ANN, message_id="4TXA@sender.example"))
    assert outcomes(database) == [(ANN, "bounced", True, "hard")]
    assert suppressed(database) == [(ANN, "hard")]


def test_our_own_alias(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    log([*arrival(0, "4TXA"), attempt(1, "4TXA", "ann@example.org>, orig_to=<list@sender.example"), removed(2, "4TXA")])
    post.take(dsn("list@sender.example", message_id="4TXA@sender.example"))
    assert suppressed(database) == [(ANN, "hard")]


@pytest.mark.parametrize("failed", ["bob@example.net", "gone@elsewhere.example"])
def test_a_member_of_our_list_that_is_well_stays_so(
    database: Memory, post: Post, log: Callable[[list[str]], None], failed: str
) -> None:
    """The report names the list as Original-Recipient, as Postfix does; who failed is another member."""
    members = [
        attempt(1, "4TXA", "bob@example.net>, orig_to=<list@sender.example", "bounced", REFUSED),
        attempt(2, "4TXA", "ann@example.org>, orig_to=<list@sender.example"),
    ]
    log([*arrival(0, "4TXA"), *members, removed(3, "4TXA")])
    post.take(dsn(failed, original="list@sender.example", queue_id="4TXA", message_id="4TXA@sender.example"))
    assert (ANN, "delivered", False, "none") in outcomes(database)
    assert (ANN, "hard") not in suppressed(database)


def test_names_in_other_scripts(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    log(delivered("4TXA", "ann@xn--bcher-kva.example"))
    post.take(dsn("ann@Bücher.example", message_id="4TXA@sender.example"))
    assert outcomes(database) == [("ann@xn--bcher-kva.example", "bounced", True, "hard")]


def test_what_was_handed_on_within_is_no_send(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    filtered = attempt(
        1, "4TXA", ANN, "sent", "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 4TXB"
    )
    log(
        [
            *arrival(0, "4TXA", message_id="m@x"),
            *arrival(0.5, "4TXB", message_id="m@x"),
            filtered,
            attempt(2, "4TXB", ANN),
        ]
    )
    assert database.rows("select outcome from attempts order by event_time") == [("relayed",), ("delivered",)]
    post.take(dsn(ANN, message_id="m@x"))
    assert [row[:2] for row in outcomes(database)] == [(ANN, "bounced"), (ANN, "relayed")]


def test_a_delay_and_a_delivery_are_no_failures(database: Memory, log: Callable[[list[str]], None]) -> None:
    log(delivered())
    before = counted(database)
    for action, said in (("delayed", FULL), ("delivered", "250 2.1.5 <{recipient}> ok")):
        Post(database, name=action, trusted=True).take(
            dsn(ANN, action=action, said=said, message_id="4TXA@sender.example", to=SIGNER.sign(ANN, TODAY))
        )
    assert counted(database) == before
    assert database.rows("select kind, proved, attempt_id from dsn_reports order by kind") == [
        ("delayed", True, None),
        ("delivered", True, None),
    ]


def test_a_log_is_waited_for_a_week(
    database: Memory, post: Post, log: Callable[[list[str]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From when the report was read: an old mailbox and its old logs may be read on one day."""
    now = utc_now()
    for days, matched in ((-8, None), (-6, "message_id")):
        database.empty()
        monkeypatch.setattr(reports, "utc_now", lambda days=days: now + dt.timedelta(days=days))
        post.take(dsn(ANN, message_id="4TXA@sender.example", time=START))
        monkeypatch.setattr(reports, "utc_now", lambda: now)
        log(delivered())
        assert database.rows("select matched from report_rows") == [(matched,)]


# Without a log


def test_without_a_log_and_without_trust_nothing_changes(database: Memory, post: Post) -> None:
    post.take(dsn(ANN, message_id="x@sender.example"))
    assert counted(database) == {"attempts": [], "outcomes": [], "complaints": [], "suppressions": []}
    assert database.rows("select final_recipient, proved, matched, category from dsn_reports") == [
        (ANN, False, None, "bad-mailbox")
    ]


def test_trust_any_believes_everything(database: Memory) -> None:
    post = Post(database, trusted=True)
    post.take(dsn(ANN, message_id="1@sender.example"))
    assert outcomes(database) == [(ANN, "bounced", True, "hard")]
    assert suppressed(database) == [(ANN, "hard")]
    full = [
        dsn("bob@example.org", said=FULL, message_id=f"{hour}@sender.example", time=START + dt.timedelta(hours=hour))
        for hour in (1, 30, 60)
    ]
    post.take(*full[:2])
    assert suppressed(database) == [(ANN, "hard")]
    post.take(full[2])
    assert suppressed(database) == [(ANN, "hard"), ("bob@example.org", "soft")]


def test_the_same_message_in_two_mailboxes_counts_once(database: Memory) -> None:
    for name in ("one", "two"):
        Post(database, name=name, trusted=True).take(dsn(ANN, message_id="1@sender.example"))
    assert database.rows("select count(*) from attempts") == [(1,)]
    assert database.rows("select count(*) from dsn_reports") == [(1,)]
    assert database.rows("select count(*) from report_messages") == [(2,)]


# Signed and plain VERP


def test_our_signature_proves(database: Memory, post: Post) -> None:
    """Also that it is about the address inside, whatever the report calls it."""
    post.take(dsn("inner@host.example.org", to=SIGNER.sign(ANN, TODAY)))
    assert proofs(database) == [(ANN, "verp", "good")]
    assert suppressed(database) == [(ANN, "hard")]


def _changed(address: str, other: str) -> str:
    return address.replace("ann", other)


BAD = {
    "expired": (SIGNER.sign(ANN, TODAY - dt.timedelta(days=31)), "expired"),
    "another recipient": (_changed(SIGNER.sign(ANN, TODAY), "eve"), "wrong signature"),
    "another key": (SIGNER.sign(ANN, TODAY).replace("b+a", "b+b"), "a key that is not in the settings"),
    "another domain": (SIGNER.sign(ANN, TODAY).replace("bounces.example", "bounces.test"), "hint"),
    "plain": ("list-bounces+ann=example.org@sender.example", "hint"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_our_good_signature_proves_nothing(name: str, database: Memory, post: Post) -> None:
    address, verdict = BAD[name]
    post.take(dsn(ANN, to=address))
    assert counted(database) == {"attempts": [], "outcomes": [], "complaints": [], "suppressions": []}
    assert [row[1:] for row in proofs(database)] == [(None, verdict)]


def test_a_plain_one_tells_whom_a_complaint_is_about(database: Memory, post: Post) -> None:
    post.take(complaint(to="list-bounces+ann=example.org@sender.example"))
    assert proofs(database) == [(ANN, None, "hint")]
    assert suppressed(database) == []


@pytest.mark.parametrize("said", [None, FULL])
def test_a_replay_proves_nothing_more(said: str | None, database: Memory, post: Post) -> None:
    """Whoever has seen an address of ours can send it back with other words, dates and Message-IDs around it."""
    address = SIGNER.sign(ANN, TODAY)
    post.take(dsn(ANN, to=address, said=said, message_id="1@sender.example"))
    database.connection.execute(
        "insert into suppression_ledger (decided_at, action, address, stream, reason)"
        " values ($1, 'release', 'ann@example.org', '', 'manual')",
        [START],
    )
    before = counted(database)
    for hours in range(0, 96, 24):
        time = START + dt.timedelta(hours=hours)
        post.take(dsn(ANN, to=address, said=said, message_id="1@sender.example"))
        post.take(dsn(ANN, to=address, said=said, message_id=f"{hours}@evil.example", time=time))
        post.take(dsn("bob@example.org", to=address, said=said, note=str(hours), time=time))
    assert counted(database) == before


# Complaints


@pytest.mark.parametrize(("feedback", "stops"), [("abuse", True), ("not-spam", False), ("auth-failure", False)])
def test_what_a_complaint_asks_for(feedback: str, database: Memory, post: Post, *, stops: bool) -> None:
    post.take(complaint(feedback, to=SIGNER.sign(ANN, TODAY)))
    assert suppressed(database) == [(ANN, "complaint")] * stops
    assert database.rows("select feedback_type, recipient from complaints") == [(feedback, ANN)]


def test_a_complaint_that_nothing_proves(database: Memory, post: Post) -> None:
    post.take(complaint(recipient=ANN, message_id="x@sender.example"))
    assert suppressed(database) == []
    assert database.rows("select kind, proved from dsn_reports") == [("feedback", False)]


def test_a_complaint_about_a_logged_send(database: Memory, post: Post, log: Callable[[list[str]], None]) -> None:
    log(delivered())
    raw = complaint(recipient=ANN, message_id="4TXA@sender.example")
    post.take(raw, raw + b"\r\n")
    assert suppressed(database) == [(ANN, "complaint")]
    assert database.rows("select count(*) from complaints") == [(1,)]
    assert database.rows("select recipient_domain from complaints_between('2000-01-01', '2100-01-01')") == [
        ("example.org",)
    ]


def test_a_complaint_without_recipient_is_that_of_the_only_one(
    database: Memory, post: Post, log: Callable[[list[str]], None]
) -> None:
    log([*delivered("4TXA"), *delivered("4TXB", ANN, "bob@example.org")])
    post.take(complaint(message_id="4TXB@sender.example"))
    assert suppressed(database) == []
    post.take(complaint(message_id="4TXA@sender.example"))
    assert suppressed(database) == [(ANN, "complaint")]


# Classes


def test_a_failure_without_words_is_undetermined(database: Memory, post: Post) -> None:
    raw = dsn(ANN).replace(b"Diagnostic-Code: smtp; 550 5.1.1", b"X: 1").replace(b"Status: 5.1.1\r\n", b"")
    post.take(raw)
    assert database.rows("select kind, category, bounce_class, act from dsn_reports") == [
        ("bounce", "undetermined", "soft", "S0")
    ]


def test_classes_are_those_that_parse_tells(database: Memory, root: Path) -> None:
    """Of each sample message, by both ways through the same rules."""
    post = Post(database)
    differ = []
    for path in sorted((root / "sample_logs" / "messages").glob("*.eml")):
        database.empty()
        post.take(path.read_bytes())
        told = [
            (ascii_address(event["recipient"]), event["category"], event["bounce_class"])
            for event in events_of_messages([str(path)], RULES, refuse=lambda error: pytest.fail(str(error)))
            if event["kind"] in {"bounce", "delayed", "feedback", "delivered"} and "recipient" in event
        ]
        stored = database.rows("select final_recipient, category, bounce_class from dsn_reports")
        if sorted(stored) != sorted(told):
            differ.append((path.name, stored, told))
    assert differ == []
