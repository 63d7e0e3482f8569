"""Whatever a report claims, nobody is suppressed by it but whom the send went to, or our signature names."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.unit.ingest.bounces import SIGNER, Post, complaint, dsn
from tests.unit.ingest.logs import arrival, attempt, removed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.unit.ingest.state import Memory

MALLORY, CEO, ANN, LIST = "mallory@attacker.example", "ceo@victim.example", "ann@example.org", "list@sender.example"
SENT, SHARED, EXPANDED = "4TXA@sender.example", "4TXB@sender.example", "4TXC@sender.example"
TODAY = dt.datetime.now(dt.UTC).date()
FIELDS = "Feedback-Type: abuse\nUser-Agent: x/1\nVersion: 1\n"


def report(fields: str, header: str = "", original: str = "", message_id: str = SENT) -> bytes:
    """Return a complaint with what is given in the MIME header of its part, in its fields, and in what came back."""
    return (
        "To: abuse@sender.example\nContent-Type: multipart/report; report-type=feedback-report; boundary=q\n\n"
        f"--q\nContent-Type: text/plain\n\nx\n--q\nContent-Type: message/feedback-report\n{header}\n{fields}\n"
        f"--q\nContent-Type: message/rfc822\n\nMessage-ID: <{message_id}>\n"
        f"From: news@sender.example\n{original}\n--q--\n"
    ).encode()


@pytest.fixture
def post(database: Memory, tmp_path: Path) -> Post:
    """Return the mailbox of who sent to Mallory, to Mallory and Ann, and to an alias of Ann."""
    lines = [
        *[*arrival(0, "4TXA"), attempt(1, "4TXA", MALLORY), removed(2, "4TXA")],
        *[*arrival(3, "4TXB"), attempt(4, "4TXB", MALLORY), attempt(4, "4TXB", ANN), removed(5, "4TXB")],
        *[*arrival(6, "4TXC"), attempt(7, "4TXC", f"{ANN}>, orig_to=<{LIST}"), removed(8, "4TXC")],
    ]
    read(database, tmp_path / "mail.log", lines)
    return Post(database)


def read(database: Memory, log: Path, lines: list[str]) -> None:
    log.write_text("".join(f"{line}\n" for line in lines))
    database.run(log)


def complained(database: Memory) -> list[object]:
    assert database.rows("select address from suppressions where reason <> 'complaint'") == []
    return [address for (address,) in database.rows("select address from suppressions order by all")]


TO_MALLORY, REMOVE_CEO = f"Original-Rcpt-To: {MALLORY}\n", f"Removal-Recipient: {CEO}\n"
FORGED = {
    "the header of the part names the proved one": report(FIELDS + REMOVE_CEO, TO_MALLORY),
    "and the stranger stands there": report(FIELDS + TO_MALLORY, REMOVE_CEO),
    "all stands there": report("", FIELDS + REMOVE_CEO + TO_MALLORY),
    "both fields": report(FIELDS + TO_MALLORY + REMOVE_CEO),
    "the stranger first": report(FIELDS + REMOVE_CEO + TO_MALLORY),
    "one field twice": report(FIELDS + TO_MALLORY + f"Original-Rcpt-To: {CEO}\n"),
    "one field twice, in other case": report(FIELDS + TO_MALLORY + f"ORIGINAL-RCPT-TO: <{CEO.upper()}>\n"),
    "a folded field": report(FIELDS + f"Original-Rcpt-To:\n {MALLORY}\n" + REMOVE_CEO),
    "a source route": report(FIELDS + TO_MALLORY + f"Original-Rcpt-To: <@{MALLORY.partition('@')[2]}:{CEO}>\n"),
    "quoted": report(FIELDS + TO_MALLORY + 'Original-Rcpt-To: rfc822; <"ceo"@victim.example>\n'),
    "one inside the other": report(FIELDS + f'Original-Rcpt-To: "{MALLORY}" <{CEO}>\n'),
    "several groups of fields": report(FIELDS + TO_MALLORY + "\n" + FIELDS + REMOVE_CEO),
    "what came back": report(FIELDS, TO_MALLORY, f"To: {CEO}\n"),
    "what came back, as a provider writes it": report(FIELDS, TO_MALLORY, f"Delivered-To: {CEO}\n"),
    "unsigned VERP": report(FIELDS + REMOVE_CEO, TO_MALLORY, "Return-Path: <b+ceo=victim.example@sender.example>\n"),
    "a message of two": report(FIELDS + REMOVE_CEO, TO_MALLORY, message_id=SHARED),
    "the envelope id": report(FIELDS + REMOVE_CEO + f"Original-Envelope-Id: {SENT}\n", TO_MALLORY),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_stranger_is_not_suppressed(name: str, database: Memory, post: Post) -> None:
    """Nor has anybody complained but Mallory, who was mailed; each type of complaint would do."""
    post.take(FORGED[name], FORGED[name].replace(b"Feedback-Type: abuse", b"Feedback-Type: fraud"))
    assert set(complained(database)) <= {MALLORY}
    assert set(database.rows("select recipient from complaints")) <= {(MALLORY,)}
    assert database.rows("select matched from report_rows where recipient like 'ceo@%' and matched is not null") == []


def test_whoever_is_named_beside_the_proved_one_is_not_proved(database: Memory, post: Post) -> None:
    post.take(FORGED["both fields"])
    assert complained(database) == [MALLORY]
    assert database.rows("select recipient, matched from report_rows order by all") == [
        (CEO, None),
        (MALLORY, "message_id"),
    ]


def test_another_recipient_of_the_same_message_is_proved_by_his_own_send(database: Memory, post: Post) -> None:
    post.take(report(FIELDS + f"Removal-Recipient: {ANN}\n", message_id=SHARED))
    assert complained(database) == [ANN]


@pytest.mark.parametrize(
    "claims",
    [
        f"Original-Rcpt-To: {ANN}\n",
        f"Original-Rcpt-To: {LIST}\n",
        f"Original-Rcpt-To: {ANN}\nRemoval-Recipient: {LIST}\n",
        f"Removal-Recipient: {ANN}\n",
        f"Removal-Recipient: <{LIST}>\n",
        "",
    ],
)
def test_who_was_mailed_by_an_alias_complains_by_either_name_or_none(claims: str, database: Memory, post: Post) -> None:
    """Once, and it is the address that the send went to."""
    post.take(report(FIELDS + claims, message_id=EXPANDED))
    assert complained(database) == [ANN]
    assert database.rows("select recipient, sender, message_id from complaints") == [
        (ANN, "news@sender.example", EXPANDED)
    ]


def test_a_complaint_of_a_list_is_not_that_of_the_member_that_it_never_came_to(
    database: Memory, post: Post, tmp_path: Path
) -> None:
    said = "host mx.example[192.0.2.1] said: 550 5.1.1 <bob@example.net>: User unknown (in reply to RCPT TO command)"
    members = [
        attempt(10, "4TXD", f"bob@example.net>, orig_to=<{LIST}", "bounced", said),
        attempt(10, "4TXD", f"{ANN}>, orig_to=<{LIST}"),
    ]
    read(database, tmp_path / "list.log", [*arrival(9, "4TXD"), *members, removed(11, "4TXD")])
    post.take(report(FIELDS + f"Original-Rcpt-To: {LIST}\n", message_id="4TXD@sender.example"))
    assert database.rows("from complaints") == []


def test_fields_without_a_blank_line_before_them(database: Memory, post: Post) -> None:
    post.take(report("", FIELDS + f"Original-Rcpt-To: {ANN}\n", message_id=EXPANDED))
    assert complained(database) == [ANN]


def test_a_complaint_is_of_the_stream_that_the_send_was_of(database: Memory, post: Post) -> None:
    """Not of the one that the report claims."""
    post.take(report(FIELDS + TO_MALLORY + "Original-Mail-From: invoices@sender.example\n"))
    assert database.rows("select recipient, sender from complaints") == [(MALLORY, "news@sender.example")]


# Our signature


def test_a_signature_is_about_whom_it_has_inside(database: Memory, post: Post) -> None:
    """Also beside the proof of a send to another."""
    raw = report(FIELDS + REMOVE_CEO, TO_MALLORY).replace(b"abuse@sender.example", SIGNER.sign(ANN, TODAY).encode())
    post.take(raw)
    assert complained(database) == [ANN]
    assert database.rows("select recipient, matched from report_rows") == [(ANN, "verp")]


@pytest.mark.parametrize("original", [MALLORY, CEO])
def test_a_bounce_to_a_signature_too(original: str, database: Memory, post: Post) -> None:
    post.take(dsn(CEO, original=original, to=SIGNER.sign(ANN, TODAY), message_id=SENT))
    assert database.rows("select recipient from attempts where asynchronous") == [(ANN,)]
    assert database.rows("select address from suppressions") == [(ANN,)]


def test_an_expired_signature_beside_a_claim_proves_nothing(database: Memory, post: Post) -> None:
    post.take(complaint(recipient=CEO, to=SIGNER.sign(ANN, TODAY - dt.timedelta(days=31)), message_id=SENT))
    assert complained(database) == []


# Bounces

PAIR = f"Final-Recipient: rfc822; {CEO}\r\nOriginal-Recipient: rfc822; {MALLORY}"
ONE = f"Final-Recipient: rfc822; {CEO}"
PAIRS = {
    "the pair": PAIR,
    "in other case": PAIR.upper().replace("RFC822", "rfc822"),
    "the other way round": f"Final-Recipient: rfc822; {MALLORY}\r\nOriginal-Recipient: rfc822; {CEO}",
    "twice": f"{PAIR}\r\nFinal-Recipient: rfc822; {CEO}\r\nOriginal-Recipient: rfc822; {CEO}",
    "a source route": f"Final-Recipient: rfc822; <@attacker.example:{CEO}>\r\nOriginal-Recipient: rfc822; {MALLORY}",
    "quoted": f'Final-Recipient: rfc822; "ceo"@victim.example\r\nOriginal-Recipient: rfc822; {MALLORY}',
    "what only a host inside knows": f"Final-Recipient: rfc822; ceo@victim\r\nOriginal-Recipient: rfc822; {MALLORY}",
}


@pytest.mark.parametrize("name", PAIRS)
def test_a_bounce_is_that_of_the_send(name: str, database: Memory, post: Post) -> None:
    post.take(dsn(CEO, message_id=SENT).replace(ONE.encode(), PAIRS[name].encode()))
    assert {address for (address,) in database.rows("select address from suppressions")} <= {MALLORY}
    assert set(database.rows("select recipient from attempts where asynchronous")) == {(MALLORY,)}


# Settings


@pytest.mark.parametrize(("trusted", "stopped"), [(False, []), (True, [CEO])])
def test_trust_any_believes_claims_and_no_other_setting_does(
    database: Memory, post: Post, *, trusted: bool, stopped: list[str]
) -> None:
    Post(database, name="other", trusted=trusted).take(FORGED["the header of the part names the proved one"])
    assert post.database is database
    assert complained(database) == stopped


def test_a_mailbox_that_is_trusted_books_what_a_send_proves_on_the_send(database: Memory, post: Post) -> None:
    Post(post.database, name="other", trusted=True).take(
        report(FIELDS + f"Original-Rcpt-To: {LIST}\n", message_id=EXPANDED)
    )
    assert complained(database) == [ANN]
