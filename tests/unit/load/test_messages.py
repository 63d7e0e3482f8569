"""Attempts meet their messages: across blocks, files and runs, and never the wrong one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.ingest.logs import Lab, arrival, attempt, expired, line, removed

if TYPE_CHECKING:
    from pathlib import Path

A = "a@example.org"


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def outcomes(lab: Lab) -> list[tuple[object, ...]]:
    return lab.rows(
        "select recipient, outcome, attempts from outcomes where outcome <> 'relayed' order by first_time, recipient"
    )


def test_the_sender_read_yesterday_joins_the_attempt_read_today(lab: Lab) -> None:
    lab.read(arrival(0, "4TXAAA", "yesterday@sender.example"), [attempt(90_000, "4TXAAA", A)])
    assert lab.rows("select sender, message_id, size_bytes from attempts") == [
        ("yesterday@sender.example", "4TXAAA@sender.example", 1000)
    ]


def test_uses_of_one_queue_id_do_not_mix_in_one_block(lab: Lab) -> None:
    first = [*arrival(0, "A1B2C3", "one@sender.example"), attempt(1, "A1B2C3", A), removed(2, "A1B2C3")]
    second = [*arrival(60, "A1B2C3", "two@sender.example"), attempt(61, "A1B2C3", A), removed(62, "A1B2C3")]
    lab.read(first + second)
    assert lab.rows("select sender from attempts order by event_time") == [
        ("one@sender.example",),
        ("two@sender.example",),
    ]
    assert outcomes(lab) == [(A, "delivered", 1), (A, "delivered", 1)]


def test_uses_of_one_queue_id_do_not_mix_across_runs(lab: Lab) -> None:
    lab.read(
        [
            *arrival(0, "A1B2C3", "one@sender.example"),
            attempt(1, "A1B2C3", A, "deferred", "try later"),
            removed(2, "A1B2C3"),
        ]
    )
    lab.read([*arrival(60, "A1B2C3", "two@sender.example"), attempt(61, "A1B2C3", A)])
    assert outcomes(lab) == [(A, "deferred", 1), (A, "delivered", 1)]


def test_an_attempt_after_the_removal_has_no_sender_rather_than_a_wrong_one(lab: Lab) -> None:
    lab.read([*arrival(0, "A1B2C3"), removed(2, "A1B2C3")], [attempt(500, "A1B2C3", A)])
    assert lab.rows("select sender from attempts") == [(None,)]


def test_a_line_that_the_removal_overtook_is_still_of_its_message(lab: Lab) -> None:
    lab.read([*arrival(0, "A1B2C3"), removed(2, "A1B2C3"), attempt(3, "A1B2C3", A)])
    assert lab.rows("select sender from attempts") == [("news@sender.example",)]


def test_queue_ids_of_two_hosts_are_two_messages(lab: Lab) -> None:
    other = [text.replace(" mx1 ", " mx2 ").replace("news@", "other@") for text in arrival(0, "A1B2C3")]
    lab.read(
        [*arrival(0, "A1B2C3"), *other, attempt(1, "A1B2C3", A), attempt(1, "A1B2C3", A).replace(" mx1 ", " mx2 ")]
    )
    assert lab.rows("select host, sender from attempts order by host") == [
        ("mx1", "news@sender.example"),
        ("mx2", "other@sender.example"),
    ]


def test_several_tries_are_one_outcome(lab: Lab) -> None:
    log = [
        *arrival(0, "4TXAAA"),
        attempt(1, "4TXAAA", A, "deferred", "later"),
        attempt(600, "4TXAAA", A),
        removed(601, "4TXAAA"),
    ]
    lab.read(log)
    assert outcomes(lab) == [(A, "delivered", 2)]


NOTICE = "4TXBBB: sender non-delivery notification: 4TXOWN"
OWN = [
    line(5, "4TXOWN: message-id=<own@mx1>", "postfix/cleanup"),
    line(5, "4TXOWN: from=<>, size=900, nrcpt=1 (queue active)", "postfix/qmgr"),
    attempt(6, "4TXOWN", "news@sender.example"),
    removed(6, "4TXOWN"),
]


@pytest.mark.parametrize("place", [0, 1, 2, 3, 4])
@pytest.mark.parametrize("split", [False, True])
def test_our_own_report_is_no_delivery_wherever_its_notice_stands(lab: Lab, place: int, *, split: bool) -> None:
    notice = line(5.5, NOTICE, "postfix/bounce")
    log = [
        *arrival(0, "4TXBBB"),
        attempt(4, "4TXBBB", A, "bounced", "550 5.1.1 no such user"),
        *OWN[:place],
        notice,
        *OWN[place:],
    ]
    lab.read(*([[text] for text in log] if split else [log]))
    assert lab.rows("select recipient, outcome from attempts order by event_time") == [
        (A, "bounced"),
        ("news@sender.example", "relayed"),
    ]


def test_a_null_sender_alone_makes_no_report_of_ours(lab: Lab) -> None:
    lab.read(OWN)
    assert lab.rows("select outcome, sender from attempts") == [("delivered", "")]


def test_a_filter_on_this_host_is_a_hop(lab: Lab) -> None:
    hop = attempt(
        1,
        "4TXAAA",
        A,
        reason="250 2.0.0 from MTA(smtp:[127.0.0.1]:10026): 250 2.0.0 Ok: queued as 4TXBBB",
        relay="127.0.0.1[127.0.0.1]:10025",
    )
    lab.read(
        [*arrival(0, "4TXAAA"), *arrival(1, "4TXBBB", message_id="4TXAAA@sender.example"), hop, attempt(2, "4TXBBB", A)]
    )
    assert outcomes(lab) == [(A, "delivered", 1)]


def test_a_filter_elsewhere_is_known_by_the_message_id_that_comes_back(lab: Lab) -> None:
    hop = attempt(1, "4TXAAA", A, reason="250 2.0.0 Ok: queued as 4TXBBB", relay="filter.sender.example[192.0.2.9]:25")
    back = arrival(1, "4TXBBB", message_id="4TXAAA@sender.example")
    lab.read([*arrival(0, "4TXAAA"), *back, hop, attempt(2, "4TXBBB", A)])
    assert outcomes(lab) == [(A, "delivered", 1)]


def test_another_servers_queue_id_that_looks_like_ours_is_no_hop(lab: Lab) -> None:
    sent = attempt(1, "4TXAAA", A, reason="250 2.0.0 Ok: queued as 4TXBBB")
    lab.read([*arrival(0, "4TXAAA"), *arrival(1, "4TXBBB"), sent, attempt(2, "4TXBBB", "b@example.org")])
    assert outcomes(lab) == [(A, "delivered", 1), ("b@example.org", "delivered", 1)]


def test_giving_up_closes_every_recipient_that_is_still_deferred(lab: Lab) -> None:
    log = [
        *arrival(0, "4TXAAA"),
        attempt(
            1, "4TXAAA", A, "deferred", "host mx[192.0.2.1] said: 452 4.2.2 over quota (in reply to RCPT TO command)"
        ),
        attempt(1, "4TXAAA", "b@example.org"),
        attempt(1, "4TXAAA", "c@example.org", "deferred", "connect to mx[192.0.2.1]:25: Connection timed out"),
        attempt(300, "4TXAAA", "c@example.org", "bounced", "550 5.1.1 gone"),
    ]
    lab.read(log, [expired(432_000, "4TXAAA"), removed(432_000, "4TXAAA")])
    assert outcomes(lab) == [(A, "expired", 1), ("b@example.org", "delivered", 1), ("c@example.org", "bounced", 2)]
    kept = lab.rows(
        "select instance, smtp_code, response, category, bounce_class from outcomes where outcome = 'expired'"
    )
    assert kept == [("postfix", 452, "452 4.2.2 over quota", "mailbox-full", "soft")]


@pytest.mark.parametrize("end", ["cancelled by root", "removed by root", "cancelled by timeout_frozen_after"])
def test_exim_gives_up_whoever_still_waits(lab: Lab, end: str) -> None:
    lines = [
        f"<= news@sender.example U=app P=local S=5 for {A} b@example.org",
        f"== {A} R=r T=t defer (-44): SMTP error from remote mail server after RCPT TO:<{A}>: 452 4.2.2 over quota",
        "=> b@example.org R=r T=t H=mx.example.org [192.0.2.1]",
        end,
        "Completed",
    ]
    lab.read([f"2026-11-20 10:00:0{second} 1wAbCd-0000aB-1c {text}" for second, text in enumerate(lines)])
    assert outcomes(lab) == [(A, "expired", 1), ("b@example.org", "delivered", 1)]
    assert lab.rows("select response from outcomes where outcome = 'expired'") == [("452 4.2.2 over quota",)]


def test_a_suspended_delivery_is_pending_but_no_try(lab: Lab) -> None:
    reason = "delivery temporarily suspended: connect to mx.example.org[192.0.2.1]:25: Connection refused"
    lab.read([*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", A, "deferred", reason, relay="none", tag="postfix/error")])
    assert lab.rows("select * from attempts") == []
    assert outcomes(lab) == [(A, "deferred", 0)]
    lab.read([expired(432_000, "4TXAAA")])
    assert outcomes(lab) == [(A, "expired", 0)]
