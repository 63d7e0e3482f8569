from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.database import memory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

GMAIL = (
    "host gmail-smtp-in.l.google.com[192.0.2.27] said: 550-5.1.1 The email account that you tried to reach does not "
    "exist. Please try 550-5.1.1 double-checking. 550 5.1.1  https://support.google.com/mail/?p=NoSuchUser "
    "5b1f17b1804b1-54a0c1si123.45 - gsmtp (in reply to RCPT TO command)"
)


@pytest.fixture(scope="module")
def database() -> Iterator[DuckDBPyConnection]:
    with memory() as connection:
        yield connection


def _ask(database: DuckDBPyConnection, macro: str, text: str) -> object:
    row = database.execute(f"select {macro}($1)", [text]).fetchone()
    assert row
    return row[0]


@pytest.mark.parametrize(
    ("text", "code", "status"),
    [
        ("550 5.1.1 User unknown", 550, "5.1.1"),
        ("550", 550, None),
        ("550-5.1.1 No\n550 5.1.1 such user", 550, "5.1.1"),
        (r"550-5.1.1 No\n550 5.1.1 such user", 550, "5.1.1"),
        ("smtp; 550 5.1.1 User unknown", 550, "5.1.1"),
        ("smtp;550 550 5.7.1 no", 550, "5.7.1"),
        (GMAIL, 550, "5.1.1"),
        ("SMTP error from remote mail server after RCPT TO:<bob@example.org>: 550 no", 550, None),
        ("host mx.example.org [192.0.2.1]: 450 4.2.0 wait", 450, "4.2.0"),
        ("Sorry, no mailbox here by that name. (#5.1.1)", None, "5.1.1"),
        ("Remote Server returned '550 5.1.10 not found'", 550, "5.1.10"),
        ("#< #5.1.1 smtp;550 unknown>", 550, "5.1.1"),
        ("250 2.0.0 Ok", 250, "2.0.0"),
        ("5.4.7 - Delivery expired (message too old)", None, "5.4.7"),
        ("try again in 300 seconds", None, None),
        ("500 messages in one hour", 500, None),
        ("mailbox holds 552 messages", None, None),
        ("554 Your IP 5.1.1.9 is blocked", 554, None),
        ("192.0.2.250 said no", None, None),
        ("connect to mx.example.org[192.0.2.5]:25: Connection timed out", None, None),
        ("554-mx.example.org ESMTP Exim 4.96.2 no", 554, None),
        ("550 rejected by Postfix/2.11.3", 550, None),
        ("550 rule 5.7.1234 says no", 550, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_code_and_status(database: DuckDBPyConnection, text: str, code: int | None, status: str | None) -> None:
    assert (_ask(database, "reply_code", text), _ask(database, "reply_status", text)) == (code, status)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("550 5.1.1 User  Unknown", "user unknown"),
        ("550-5.1.1 No such\n550 5.1.1 user", "no such user"),
        (r"550-5.1.1 No such\n550 5.1.1 user", "no such user"),
        ("550-No such 550 user", "no such user"),
        ("550 550 5.7.1 no", "no"),
        ("Sorry,_no_mailbox_here", "sorry, no mailbox here"),
        ("the recipient\u2019s inbox", "the recipient's inbox"),
        ("host mx.user-unknown.example[192.0.2.1] said: 550 no (in reply to RCPT TO command)", "no"),
        ("host mx.spam.example [192.0.2.1]: 550 no", "no"),
        ("host mx.spam.example[192.0.2.1] refused to talk to me: 421 no", "no"),
        ("the host there refused to talk", "the host there refused to talk"),
        ("Remote host said: 550 no", "no"),
        ("the remote host said nothing", "the remote host said nothing"),
        ("550 no, mail was returned to the sender", "no, mail was"),
        ("Dear sender, 550 no", ", no"),
        ("returned by the sender's host", "returned by the sender's host"),
        ("SMTP error from remote mail server after RCPT TO:<bob@example.org>: 550 no", "no"),
        ("wait 300 seconds", "wait 300 seconds"),
    ],
)
def test_words(database: DuckDBPyConnection, text: str, words: str) -> None:
    assert _ask(database, "reply_words", text) == words


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("550 <bob@example.org>: no", "550 {address}: no"),
        ('550 <"b b"@example.org> no', "550 {address} no"),
        ("550 user <bob> unknown", "550 user {address} unknown"),
        ("550 'bob' unknown, the user's mailbox isn't here", "550 {address} unknown, the user's mailbox isn't here"),
        ("554 Client host [192.0.2.1] blocked", "554 Client host [{ip}] blocked"),
        ("554 Client host [2001:db8::1] blocked", "554 Client host [{ip}] blocked"),
        ("421 4.7.0 wait 00:04:59, since 2026-11-20T10:00:00.123Z", "421 4.7.0 wait {time}, since {time}"),
        ("550 mx1.example.org says no", "550 {host} says no"),
        ("554-mx1.example.org no", "554-{host} no"),
        ("554 blocked using zen.spamhaus.org", "554 blocked using zen.spamhaus.org"),
        (
            "554 blocked using bl.example.org; see http://example.org/x",
            "554 blocked using bl.example.org; see http://example.org/x",
        ),
        ("550 no. [AM6EUR05FT033.eop-eur05.prod.protection.outlook.com]", "550 no. [protection.outlook.com]"),
        (
            "550 no (S3150), (S2017062302), [TSS04], AUP#1310, [PH01]",
            "550 no (S3150), (S2017062302), [TSS04], AUP#1310, [PH01]",
        ),
        ("550 5.4.1 Access denied. AS(201806281)", "550 5.4.1 Access denied. AS(201806281)"),
        ("250 2.0.0 queued as 4F2A11C0B3", "250 2.0.0 queued as {id}"),
        ("452 gone 5b1f17b1804b1-54a0c1si123.45 - gsmtp", "452 gone {id} - gsmtp"),
        ("552 size 10485760 exceeds 5000", "552 size {number} exceeds {number}"),
        ("550 not RFC 5322 compliant", "550 not RFC5322 compliant"),
        ("550 5.1.1 User unknown", "550 5.1.1 User unknown"),
        ("host mx1.example.berlin[192.0.2.1] said: 550 no", "host {host}[{ip}] said: 550 no"),
        ("host mx.google.com[2001:db8::1] said: 550 no", "host {host}[{ip}] said: 550 no"),
        ("550 No such user! 1523456789-abCDef12", "550 No such user! {id}"),
        ("550 ref 20002-22/sHZwCRYD091907 no", "550 ref {id} no"),
        ("452 4 5 6 of 1000 2000 3000 used", "452 {number} {number} {number} of {number} {number} {number} used"),
        ("554 (http://list.example.com).", "554 (http://list.example.com)."),
        ("554 http://help.example.com/errors/554rlyb1.html", "554 http://help.example.com/errors/{id}"),
        ("550 'bob@example.org' no", "550 '{address}' no"),
        ("550 <list,bob@example.org> no", "550 {address} no"),
        ("550 {kept} no", "550 {kept} no"),
        ('192.0.2.1_failed./Remote_host_said:_550_"no_-_go"/', '{ip} failed./Remote host said: 550 "no - go"/'),
        ('550 "bob_smith" no', "550 {address} no"),
        ("邮件未送达bob@example.com\uff0c系统找不到该地址", "邮件未送达{address}\uff0c系统找不到该地址"),
        ("550 bob@exämple.de no", "550 {address} no"),
    ],
)
def test_mask(database: DuckDBPyConnection, text: str, masked: str) -> None:
    assert _ask(database, "mask_reply", text) == masked


@pytest.mark.parametrize(
    ("text", "stage"),
    [
        ("host x[192.0.2.1] said: 550 no (in reply to RCPT TO command)", "rcpt"),
        ("host x[192.0.2.1] said: 550 no (in reply to end of DATA command)", "eom"),
        ("host x[192.0.2.1] said: 550 no (in reply to DATA command)", "data"),
        ("host x[192.0.2.1] said: 550 no (in reply to MAIL FROM command)", "mail"),
        ("host x[192.0.2.1] refused to talk to me: 554 no", "connect"),
        ("SMTP error from remote mail server after EHLO mx.example.com: 550 no", "helo"),
        ("SMTP error from remote mail server after end of data: 550 no", "eom"),
        ("host x[192.0.2.1] said: 454 no (in reply to STARTTLS command)", "starttls"),
        ("host x[192.0.2.1] said: 535 no (in reply to AUTH command)", "auth"),
        ("550 no", None),
    ],
)
def test_stage(database: DuckDBPyConnection, text: str, stage: str | None) -> None:
    assert _ask(database, "reply_stage", text) == stage
