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


@pytest.mark.parametrize(
    ("name", "sender"),
    [
        ("postfix-out", "two@sender.example"),
        ("postfix", "one@sender.example"),
        ("postfix-ip2", "two@sender.example"),  # a transport's: that of the queue manager's line before
    ],
)
def test_two_instances_may_use_one_queue_id(lab: Lab, name: str, sender: str) -> None:
    first = [*arrival(0, "A1B2C3", "one@sender.example"), attempt(5, "A1B2C3", A), removed(8, "A1B2C3")]
    second = [*arrival(1, "A1B2C3", "two@sender.example"), attempt(6, "A1B2C3", A), removed(9, "A1B2C3")]
    other = [text.replace(" postfix/", " postfix-out/") for text in second]
    lab.read(sorted(first + [text.replace(" postfix-out/smtp[", f" {name}/smtp[") for text in other]))
    assert lab.rows("select instance, sender from attempts order by event_time") == [
        ("postfix", "one@sender.example"),
        (name, sender),
    ]
    assert lab.rows("select sender, closed_time is not null from messages order by first_time") == [
        ("one@sender.example", True),
        ("two@sender.example", True),
    ]


def test_of_another_instance_is_what_stands_beside_the_lines_of_the_one_that_is_stored(lab: Lab) -> None:
    other = [attempt(6, "A1B2C3", A), removed(7, "A1B2C3")]  # the log begins in the middle of its message
    known = [attempt(5, "A1B2C3", A), removed(8, "A1B2C3")]
    lab.read(arrival(0, "A1B2C3"), sorted(known + [text.replace(" postfix/", " postfix-out/") for text in other]))
    assert lab.rows("select instance, sender from attempts order by event_time") == [
        ("postfix", "news@sender.example"),
        ("postfix-out", None),
    ]


def test_an_instance_may_have_got_another_name(lab: Lab) -> None:
    later = [attempt(900, "A1B2C3", A), removed(901, "A1B2C3")]
    renamed = [text.replace(" postfix/", " postfix-out/") for text in later]
    lab.read([*arrival(0, "A1B2C3"), attempt(5, "A1B2C3", A, "deferred", "try later")], renamed)
    assert lab.rows("select sender, recipient, attempts, outcome from outcomes") == [
        ("news@sender.example", A, 2, "delivered")
    ]
    assert lab.rows("select instance, closed_time is not null from messages") == [("postfix", True)]


def test_a_cleanup_with_a_name_of_its_own_is_no_instance(lab: Lab) -> None:
    lines = [*arrival(0, "A1B2C3", "one@sender.example"), attempt(5, "A1B2C3", A), removed(8, "A1B2C3")]
    lab.read([text.replace(" postfix/cleanup[", " postfix/sender-cleanup/cleanup[") for text in lines])
    assert lab.rows("select sender, message_id from attempts") == [("one@sender.example", "A1B2C3@sender.example")]
    assert lab.rows("select count(*) from messages") == [(1,)]


def test_uses_do_not_mix_where_cleanup_has_a_name_of_its_own(lab: Lab) -> None:
    first = [*arrival(0, "A1B2C3", "one@sender.example"), attempt(1, "A1B2C3", A), removed(2, "A1B2C3")]
    second = [*arrival(60, "A1B2C3", "two@sender.example"), attempt(61, "A1B2C3", A), removed(62, "A1B2C3")]
    lab.read([text.replace(" postfix/cleanup[", " postfix/sender-cleanup/cleanup[") for text in first + second])
    assert lab.rows("select sender, closed_time is not null from messages order by first_time") == [
        ("one@sender.example", True),
        ("two@sender.example", True),
    ]


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


def piped(at: float, queue_id: str, recipient: str, service: str) -> str:
    return attempt(
        at, queue_id, recipient, reason=f"delivered via {service} service", relay=service, tag="postfix/pipe"
    )


CAME = arrival(0, "4TXAAA")
FILTERED = [piped(2, "4TXAAA", A, "spamassassin")]
BACK = [
    *arrival(2, "4TXBBB", message_id="4TXAAA@sender.example"),
    attempt(3, "4TXBBB", A, "deferred", "mailbox is locked", relay="local", tag="postfix/local"),
]
DELIVERED = [attempt(300, "4TXBBB", A, reason="delivered to maildir", relay="local", tag="postfix/local")]


@pytest.mark.parametrize("order", [[*CAME, *FILTERED, *BACK, *DELIVERED], [*CAME, *BACK, *FILTERED, *DELIVERED]])
@pytest.mark.parametrize("split", [False, True])
def test_a_filter_that_hands_back_through_sendmail_is_a_hop(lab: Lab, order: list[str], *, split: bool) -> None:
    lab.read(*([[text] for text in order] if split else [order]))
    assert lab.rows("select outcome, relay_host from attempts order by event_time") == [
        ("relayed", "spamassassin"),
        ("deferred", "local"),
        ("delivered", "local"),
    ]


def test_a_program_that_delivers_after_a_filter_is_no_hop(lab: Lab) -> None:
    back = arrival(0, "4TXBBB", message_id="4TXAAA@sender.example")
    log = [*arrival(0, "4TXAAA"), *back, piped(0, "4TXAAA", A, "spamassassin"), piped(0, "4TXBBB", A, "dovecot")]
    lab.read(log)
    assert lab.rows("select relay_host, outcome from attempts order by 1") == [
        ("dovecot", "delivered"),
        ("spamassassin", "relayed"),
    ]


@pytest.mark.parametrize(
    ("came", "recipient", "service", "message_id"),
    [
        (60, A, "local", "4TXAAA@sender.example"),  # sent again a minute later
        (2, "b@example.org", "local", "4TXAAA@sender.example"),  # one copy for each recipient
        (2, A, "dovecot", "4TXAAA@sender.example"),  # the same twice, to the same end
        (2, A, "local", "other@sender.example"),
    ],
)
def test_a_program_that_keeps_the_mail_has_delivered_it(
    lab: Lab, came: float, recipient: str, service: str, message_id: str
) -> None:
    first = [*arrival(0, "4TXAAA"), piped(2, "4TXAAA", A, "dovecot")]
    other = attempt(came + 1, "4TXBBB", recipient, reason="delivered", relay=service)
    lab.read([*first, *arrival(came, "4TXBBB", message_id=message_id), other])
    assert lab.rows("select outcome from attempts") == [("delivered",), ("delivered",)]


@pytest.mark.parametrize("split", [False, True])
def test_what_came_while_a_program_was_waited_for_is_another_delivery(lab: Lab, *, split: bool) -> None:
    tried = attempt(1, "4TXAAA", A, "deferred", "temporary failure", relay="dovecot", tag="postfix/pipe")
    sent_again = [
        *arrival(20_000, "4TXBBB", message_id="4TXAAA@sender.example"),
        attempt(20_001, "4TXBBB", A, reason="delivered to maildir", relay="local", tag="postfix/local"),
    ]
    log = [*arrival(0, "4TXAAA"), tried, *sent_again, piped(40_000, "4TXAAA", A, "dovecot")]
    lab.read(*([[text] for text in log] if split else [log]))
    assert lab.rows("select outcome from attempts order by event_time") == [
        ("deferred",),
        ("delivered",),
        ("delivered",),
    ]


def test_a_filter_of_exim_that_hands_back_is_a_hop(lab: Lab) -> None:
    log = [
        f"00 1wAbCd-0000aB-1c <= news@sender.example H=mx [192.0.2.1] P=esmtp S=9 id=one@sender.example for {A}",
        f"02 1wAbCe-0000aC-2d <= news@sender.example U=mail P=spam-scanned S=9 id=one@sender.example for {A}",
        f"02 1wAbCd-0000aB-1c => a <{A}> R=spamcheck T=spamcheck",
        "02 1wAbCd-0000aB-1c Completed",
        f"03 1wAbCe-0000aC-2d => a <{A}> R=localuser T=maildir_home",
        "03 1wAbCe-0000aC-2d Completed",
    ]
    lab.read([f"2026-11-20 10:00:{text}" for text in log])
    assert lab.rows("select instance, outcome from attempts order by event_time") == [
        ("spamcheck", "relayed"),
        ("maildir_home", "delivered"),
    ]


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
