"""What is a bounce, what is none, and whom it is about."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest

from logbounce import shipped
from logbounce.dsn import Kind, Message, read_message

SAMPLES = Path(shipped.sample_logs()) / "messages"
DAEMON = "From: MAILER-DAEMON@mx.example.net\nTo: shop@example.com\nSubject: Undelivered Mail Returned to Sender\n"
QUOTED = "> Hi. This is the qmail-send program at mx.example.net.\n>\n> <bob@example.org>:\n> 550 no such person\n"
FIELDS = "> Final-Recipient: rfc822; bob@example.org\n> Action: failed\n> Status: 5.1.1\n"


def status(*groups: str, whole: str = "Reporting-MTA: dns; mx.example.net") -> Message:
    fields = "\n\n".join((whole, *groups))
    head = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
    return read_message(f"{DAEMON}{head}--b\nContent-Type: message/delivery-status\n\n{fields}\n\n--b--\n".encode())


@pytest.mark.parametrize(
    ("final", "original", "recipient"),
    [
        ("rfc822; bob@example.org", "", "bob@example.org"),
        ("RFC822;<bob@example.org>", "", "bob@example.org"),
        ("bob@example.org", "", "bob@example.org"),
        ("rfc822; bob@example.org", "rfc822; staff@example.org", "bob@example.org"),
        ("rfc822; bob@mailhub0", "rfc822; staff@example.org", "staff@example.org"),
        ("rfc822; bob@store.internal", "rfc822; staff@example.org", "staff@example.org"),
        ("rfc822; bob@mailhub0", "", "bob@mailhub0"),
        ("system;<>", "rfc822;<bob@example.org>", "bob@example.org"),
        ("rfc822; @relay.example:bob@store", "rfc822; bob@example.org", "bob@example.org"),
        ("rfc822; @relay.example:bob@example.org", "", "bob@example.org"),
        ('rfc822; "bob b"@example.org', "", '"bob b"@example.org'),
        ('rfc822; "bob+b=x"@example.org', "", "bob+b=x@example.org"),
        ("rfc822; bob@store.example.org", "rfc822; bob@example.org", "bob@example.org"),
        ("rfc822; bob@mailhub0", "rfc822; bob+2Bbread+3Drye@example.org", "bob+bread=rye@example.org"),
        ("rfc822; bob@store.example.org", "rfc822; staff@example.org", "bob@store.example.org"),
        ("utf-8; b\\x{F6}b@example.org", "", "böb@example.org"),
        ("rfc822; bob@example.org (Bob B.)", "", "bob@example.org"),
        ("rfc822; bob@example.org (Bo", "", "bob@example.org"),
        ("rfc822; ****@example.org", "rfc822; bob@example.org", "bob@example.org"),
        ("x400; /G=Bob/S=B/C=DE/", "rfc822; bob@example.org", "bob@example.org"),
        ("rfc822; nobody", "", None),
    ],
)
def test_the_recipient_is_the_address_that_was_mailed(final: str, original: str, recipient: str | None) -> None:
    fields = f"Final-Recipient: {final}\nAction: failed\nStatus: 5.1.1\n"
    found = status(fields + (f"Original-Recipient: {original}" if original else ""))
    assert [record.recipient for record in found.records] == [recipient]


@pytest.mark.parametrize(
    ("action", "code", "kind"),
    [
        ("failed", "5.1.1", Kind.BOUNCE),
        ("failed (bad address)", "5.1.1", Kind.BOUNCE),
        ("delayed", "4.4.1", Kind.DELAYED),
        ("delayed", "5.1.1", Kind.DELAYED),
        ("delivered", "2.0.0", Kind.DELIVERED),
        ("relayed", "2.0.0", Kind.DELIVERED),
        ("expanded", "2.0.0", Kind.DELIVERED),
        ("deliverable", "2.1.5", Kind.DELIVERED),
        ("undeliverable", "5.1.1", Kind.BOUNCE),
        ("expired", "4.4.7", Kind.BOUNCE),
        ("fai", "", Kind.BOUNCE),
        ("delay", "", Kind.DELAYED),
        ("deliv", "", Kind.DELIVERED),
        ("", "2.0.0", Kind.DELIVERED),
        ("", "5.0.0", Kind.BOUNCE),
    ],
)
def test_the_action_says_what_happened(action: str, code: str, kind: Kind) -> None:
    found = status(f"Final-Recipient: rfc822; bob@example.org\nAction: {action}\nStatus: {code}")
    assert found.kind is kind
    assert [record.kind for record in found.records] == [kind]


def test_groups_without_a_blank_line_between_them() -> None:
    one = "Final-Recipient: rfc822; {}@example.org\nAction: failed\nStatus: 5.1.1"
    found = status("\n".join(one.format(name) for name in ("bob", "carol")))
    assert [record.recipient for record in found.records] == ["bob@example.org", "carol@example.org"]


HEAD = "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
TEXT = "--b\nContent-Type: text/plain\n\n{}\n"
STATUS = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{}\n"
HEADER = "--b\nContent-Type: text/rfc822-headers\n\nFrom: shop@example.com\nTo: bob@example.org\n"
BOB = "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.0.0\n"
SAID = "This is the mail system at host mx.example.net.\n\n<bob@example.org>: host mx said: 550 no such person\n"


def parts(*pieces: str, end: str = "--b--\n") -> Message:
    return read_message(f"{DAEMON}{HEAD}{''.join(pieces)}{end}".encode())


def test_two_statuses_in_one_message() -> None:
    found = parts(STATUS.format(BOB), STATUS.format(BOB.replace("bob", "carol")))
    assert [record.recipient for record in found.records] == ["bob@example.org", "carol@example.org"]


def test_sendmail_s_250_is_no_reason_for_a_failure() -> None:
    fields = BOB.replace("5.0.0", "2.0.0") + "Diagnostic-Code: SMTP; 250 OK\n"
    (record,) = parts(TEXT.format(SAID), STATUS.format(fields)).records
    assert (record.kind, record.status, record.smtp_code) == (Kind.BOUNCE, None, 550)


@pytest.mark.parametrize(
    "last",
    [
        "Final-Recipient: rfc822; carol@exam",
        "Final-Recipient: rfc822; <carol@example.o",
        "Diagnostic-Code: smtp; 550 no@",
    ],
)
def test_half_an_address_at_the_end_of_a_cut_message_is_nobody_s(last: str) -> None:
    found = parts(STATUS.format(BOB), last, end="")
    assert [record.recipient for record in found.records] == ["bob@example.org"]


def test_what_stands_before_the_cut_on_its_line_counts() -> None:
    (record,) = parts(TEXT.format(SAID.removesuffix("no such person\n")).rstrip("\n"), end="").records
    assert (record.recipient, record.smtp_code) == ("bob@example.org", None)


def test_the_text_has_the_reason_that_the_fields_have_half_of() -> None:
    found = parts(TEXT.format(SAID), STATUS.format(BOB + "Diagnostic-Code: smtp; 550 n").rstrip("\n"), end="")
    assert [record.diagnostic for record in found.records] == ["host mx said: 550 no such person"]


@pytest.mark.parametrize(("fields", "kind"), [("", Kind.DELAYED), ("Action: failed\n", Kind.BOUNCE)])
def test_the_text_tells_the_kind_where_the_fields_are_cut_off(fields: str, kind: Kind) -> None:
    text = (
        "This is the mail system at host mx.example.net.\n\nTHIS IS A WARNING ONLY.\n\n<bob@example.org>: try later\n"
    )
    found = parts(TEXT.format(text), STATUS.format(f"Final-Recipient: rfc822; bob@example.org\n{fields}"), end="")
    assert [record.kind for record in found.records] == [kind]


def test_a_recipient_known_inside_only_is_the_one_that_the_message_went_to() -> None:
    found = parts(STATUS.format(BOB.replace("bob@example.org", "bob@mailhub0")), HEADER)
    assert [record.recipient for record in found.records] == ["bob@example.org"]


def test_the_command_that_was_refused_stands_in_postfix_s_text() -> None:
    text = SAID.replace("no such person", "no such person (in\n    reply to end of DATA command)")
    (record,) = parts(TEXT.format(text), STATUS.format(BOB + "Diagnostic-Code: smtp; 550 no such person\n")).records
    assert record.diagnostic == "550 no such person (in reply to end of DATA command)"


def test_a_refusal_as_a_disposition_notification_is_a_bounce() -> None:
    text = TEXT.format(
        "Your message was automatically rejected by Dovecot.\n\nThe following reason was given:\nNo mail."
    )
    fields = "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@example.org\n"
    raw = f"{DAEMON}{HEAD.replace('delivery-status', 'disposition-notification')}{text}{fields}\n--b--\n"
    (record,) = read_message(raw.encode()).records
    assert (record.kind, record.recipient, record.diagnostic) == (Kind.BOUNCE, "bob@example.org", "No mail.")


@pytest.mark.parametrize(
    ("text", "recipients"),
    [
        ("{} is unknown.\n\nOur service desk: service@example.org", ["bob@example.org"]),
        ("{} is unknown.\n\nIf in doubt contact service@example.org", ["bob@example.org"]),
        ("551 {} has moved; please try <bob@new.example>", ["bob@example.org"]),
        ("{}: mailbox is full\n\n> Write to boss@partner.example", ["bob@example.org"]),
        ("From: shop@example.com\nThe user {} is unknown.", ["bob@example.org"]),
        ("Unknown: {}\n\nUnknown: carol@example.org", ["bob@example.org", "carol@example.org"]),
    ],
)
def test_addresses_beside_the_one_that_failed_are_not_taken(text: str, recipients: list[str]) -> None:
    found = read_message(
        f"{DAEMON}\nYour message could not be delivered.\n\n{text}\n".format("bob@example.org").encode()
    )
    assert [record.recipient for record in found.records] == recipients


def test_good_ends_in_a_report_for_people() -> None:
    text = SAID.replace("host mx said: 550 no such person", "delivery via mx.example.org[192.0.2.7]:25: 250 Ok")
    found = read_message(f"{DAEMON}\n{text}".encode())
    assert [record.kind for record in found.records] == [Kind.DELIVERED]


def test_the_fields_of_a_report() -> None:
    found = read_message((SAMPLES / "postfix-dsn.eml").read_bytes())
    record = found.records[0]
    assert (record.queue_id, record.envelope_id) == ("4WXyZ10abCz1kG", "news-2026-27")
    assert record.original_message_id == "20260702100000.1@shop.example"
    assert record.arrival_date == datetime(2026, 7, 2, 8, 0)  # noqa: DTZ001 - UTC without a zone
    assert (record.reporting_mta, record.remote_mta) == ("mx1.shop.example", "mx.bakery.example")
    assert found.original.return_path == "news+bob=bakery.example@shop.example"
    assert found.original.list_id == "News <news.shop.example>"
    assert found.to == ("news+bob=bakery.example@shop.example",)


def test_exim_s_queue_id_is_in_the_message_that_came_back() -> None:
    found = read_message((SAMPLES / "exim.eml").read_bytes())
    assert {record.queue_id for record in found.records} == {"1tKwXy-000000001Ab-2CdE"}


def test_what_another_host_wrote_is_no_queue_id_of_the_reporter() -> None:
    raw = (SAMPLES / "exim.eml").read_bytes().replace(b"by mx2.shop.example with local", b"by other.example with local")
    assert {record.queue_id for record in read_message(raw).records} == {None}


@pytest.mark.parametrize(
    "kind", ["application/octet-stream", "application/octet-stream; name=status.dat", "text/delivery-status"]
)
def test_a_status_in_a_file_of_no_type(kind: str) -> None:
    fields = "Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1"
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nIt went wrong.\n--b\n"
    found = read_message(f"{DAEMON}{head}Content-Type: {kind}\n\n{fields}\n--b--\n".encode())
    assert [(one.recipient, one.status) for one in found.records] == [("bob@example.org", "5.1.1")]


@pytest.mark.parametrize(
    ("sentence", "recipient"),
    [
        ("bob@example.org에 전송되지 않았습니다.", "bob@example.org"),
        ("bob@example.orgが見つからず、送信できませんでした。", "bob@example.org"),
        ("收件人bob@example.org不存在。无法送达。", "bob@example.org"),
        ("böb@bücher.example: 无法送达。", "böb@bücher.example"),
        ("无法送达: 用户@例え.日本", "用户@例え.日本"),
    ],
)
def test_an_address_ends_where_another_script_goes_on(sentence: str, recipient: str) -> None:
    found = read_message(f"{DAEMON}Content-Type: text/plain; charset=utf-8\n\n{sentence}\n".encode())
    assert [one.recipient for one in found.records] == [recipient]


def test_a_receipt_is_no_status() -> None:
    fields = "Reporting-UA: Mail\nFinal-Recipient: rfc822; bob@example.org\nDisposition: manual-action; displayed"
    head = "Content-Type: multipart/report; boundary=b\n\n--b\n\nBob has read it.\n--b\n"
    part = f"Content-Type: message/disposition-notification\n\n{fields}\n\n--b--\n"
    found = read_message(f"From: bob@example.org\nSubject: Read: bread\n{head}{part}".encode())
    assert (found.kind, found.records) == (Kind.NONBOUNCE, ())


@pytest.mark.parametrize(
    ("listed", "recipients"),
    [
        ("* bob@example.org: no\n* carol@example.org: no\n", ["bob@example.org", "carol@example.org"]),
        ("* bob@example.org: no\n\n* carol@example.org: ask her\n", ["bob@example.org"]),
        ("* bob@example.org: no\nask carol@example.org: yes\n", ["bob@example.org"]),
    ],
)
def test_a_list_names_more_than_the_message_that_came_back(listed: str, recipients: list[str]) -> None:
    back = "----- Original message -----\n\nFrom: shop@example.com\nTo: bob@example.org\n\nHi\n"
    found = read_message(f"{DAEMON}\nNot accepted for:\n\n{listed}\n{back}".encode())
    assert [one.recipient for one in found.records] == recipients


def test_what_postfix_tells_its_postmaster_of_a_session_is_no_bounce() -> None:
    # https://www.postfix.org/postconf.5.html#notify_classes
    head = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nSubject: Postfix SMTP server: errors\n"
    text = " Out: 220 mx.example.net\n In:  RCPT TO:<bob@example.org>\n"
    text += " Out: 554 5.7.1 <bob@example.org>: Relay access denied\n"
    found = read_message(f"{head}\nTranscript of session follows.\n\n{text}".encode())
    assert (found.kind, found.records) == (Kind.NONBOUNCE, ())


def test_a_mailbox_may_report_on_itself() -> None:
    head = "Return-Path: <>\nFrom: bob@example.org\nTo: shop@example.com\nSubject: Full\n\n"
    found = read_message(f"{head}The mailbox bob@example.org is full.\nYour message was not delivered.\n".encode())
    assert [one.recipient for one in found.records] == ["bob@example.org"]
    other = read_message(f"{head}The mailbox is full.\nYour message was not delivered.\n".encode())
    assert (other.kind, other.records) == (Kind.BOUNCE, ())


@pytest.mark.parametrize(("header", "kind"), [("Auto-Submitted: auto-replied\n", Kind.AUTOREPLY), ("", Kind.NONBOUNCE)])
def test_what_answers_by_itself_and_reports_nothing(header: str, kind: Kind) -> None:
    text = "From: Bob <bob@example.org>\nSubject: Re: bread\n"
    assert read_message(f"{text}{header}\nI have all the bread that I need.\n".encode()).kind is kind


def test_whom_the_message_was_for_stands_in_its_trace() -> None:
    returned = "Received: from a.example by b.example id 12345\n\tfor <bob@example.org>; Thu, 2 Jul 2026 10:00:00 +0200"
    head = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nNobody of that name.\n--b\n"
    part = f"Content-Type: message/rfc822\n\n{returned}\nFrom: shop@example.com\nTo: undisclosed-recipients:;\n\nHi\n"
    found = read_message(f"{DAEMON}{head}{part}--b--\n".encode())
    assert [one.recipient for one in found.records] == ["bob@example.org"]


@pytest.mark.parametrize(
    "text",
    [
        "We could not yet deliver your mail to bob@example.org. Further attempts will be made.",
        "Die Zustellung an bob@example.org verzögert sich.",
        "bob@example.org への配信が遅れています。引き続き配信を試みます。",
    ],
)
def test_a_delay_in_whatever_language_is_no_failure(text: str) -> None:
    head = "From: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nSubject: Mail not delivered\n"
    found = read_message(f"{head}Content-Type: text/plain; charset=utf-8\n\n{text}\n".encode())
    assert [(one.kind, one.recipient) for one in found.records] == [(Kind.DELAYED, "bob@example.org")]


def test_a_name_without_domain_is_the_one_that_the_message_went_to() -> None:
    text = "Your mail to the following recipients could not be delivered because they are not accepting mail from"
    text += " us:\n\tbob"
    returned = "From: shop@example.com\nTo: carol@example.org, bob@example.net"
    found = read_message(f"{DAEMON}\n{text}\n\n--- Original message ---\n\n{returned}\n\nHi\n".encode())
    assert [one.recipient for one in found.records] == ["bob@example.net"]


def test_what_leads_to_an_address_is_the_reason_if_nothing_follows_it() -> None:
    text = "Sorry.\n\nNobody here has this name:\n\n    bob@example.org\n"
    found = read_message(f"{DAEMON}\n{text}".encode())
    assert [(one.recipient, one.diagnostic) for one in found.records] == [
        ("bob@example.org", "Nobody here has this name")
    ]


@pytest.mark.parametrize(
    ("before", "kind"),
    [
        ("", Kind.BOUNCE),
        ("For your files.\n\n", Kind.BOUNCE),
        ("What does this mean?\n\n", Kind.NONBOUNCE),
        ("It is the third one this week. " * 8 + "\n\n", Kind.NONBOUNCE),
    ],
)
def test_a_report_that_somebody_asks_about_is_no_bounce(before: str, kind: Kind) -> None:
    text = QUOTED.replace("> ", "").replace(">\n", "\n")
    forwarded = f"{before}---------- Forwarded message ----------\nSubject: failure notice\n\n{text}"
    found = read_message(f"From: Carol <carol@example.com>\nSubject: Fwd: failure notice\n\n{forwarded}".encode())
    assert found.kind is kind


def test_what_comes_back_to_its_sender_needs_no_daemon() -> None:
    head = "To: news@shop.example\nSubject: Mail not delivered\n\nThe mailbox bob@example.org has moved away.\n\n"
    back = (
        "----- Original message -----\n\nMessage-ID: <1@shop.example>\nFrom: news@shop.example\nTo: bob@example.org\n\n"
    )
    assert read_message(f"From: Doorman <door@house.example>\n{head}{back}".encode()).kind is Kind.BOUNCE
    other = back.replace("shop.example", "other.example")
    assert read_message(f"From: Doorman <door@house.example>\n{head}{other}".encode()).kind is Kind.NONBOUNCE
    quoted = back.replace("Message-ID: <1@shop.example>\n", "")
    assert read_message(f"From: Doorman <door@house.example>\n{head}{quoted}".encode()).kind is Kind.NONBOUNCE


def test_a_postmaster_s_answer_is_a_letter() -> None:
    text = "bob@example.org has left.\n> 550 5.1.1 <carol@example.org>: user unknown\n"
    head = "From: Postmaster <postmaster@example.net>\nSubject: Re: user unknown\n"
    letter = read_message(f"{head}In-Reply-To: <1@shop.example>\n\n{text}".encode())
    assert (letter.kind, letter.records) == (Kind.NONBOUNCE, ())
    assert read_message(f"{head}\n{text}".encode()).kind is Kind.BOUNCE


def test_who_got_our_mail_may_send_it_back_with_a_letter() -> None:
    back = (
        "----- Original message -----\n\nMessage-ID: <1@shop.example>\nFrom: news@shop.example\nTo: bob@example.org\n\n"
    )
    text = "To: news@shop.example\nSubject: Bread not delivered\n\nThe mailbox is empty. Ask carol@example.org.\n\n"
    assert read_message(f"From: Bob <bob@example.org>\n{text}{back}".encode()).kind is Kind.NONBOUNCE


def test_a_forwarded_report_counts() -> None:
    quoted = "\n".join(
        f"> {line}"
        for line in (
            "Reporting-MTA: dns; mx.example.net",
            "",
            "Final-Recipient: rfc822; bob@example.org",
            "Action: failed",
            "Status: 5.1.1",
            "Diagnostic-Code: smtp; 550 5.1.1",
            " user unknown",
        )
    )
    found = read_message(
        f"From: Carol <carol@example.com>\nSubject: Fwd: Returned mail\n\nSee below.\n\n{quoted}\n".encode()
    )
    assert [(one.recipient, one.diagnostic) for one in found.records] == [("bob@example.org", "550 5.1.1 user unknown")]


@pytest.mark.parametrize(
    "header",
    [
        "From: Carol <carol@example.com>\nSubject: Re: Your order",
        "From: Carol <carol@example.com>\nSubject: Undeliverable sofa\nPrecedence: bulk\nList-Id: <sofas.example.com>",
        "From: Postmaster <postmaster@example.com>\nSubject: New mail server on Monday",
        "From: Bugzilla <bugzilla-daemon@example.com>\nSubject: [Bug 5] Undeliverable mail is not shown",
        "From: newsletter@example.com\nSubject: Delivery news\nReturn-Path: <>",
    ],
)
def test_ordinary_mail_is_no_bounce(header: str) -> None:
    found = read_message(f"{header}\n\nPlease write to bob@example.org, who answered 550 letters.\n".encode())
    assert (found.kind, found.records) == (Kind.NONBOUNCE, ())


@pytest.mark.parametrize("text", [QUOTED, FIELDS])
@pytest.mark.parametrize(
    "header", ["Subject: Re: failure notice", "Subject: qmail trouble\nList-Id: <admins.example.com>"]
)
def test_a_report_that_a_letter_quotes_is_no_bounce(header: str, text: str) -> None:
    found = read_message(f"From: Carol <carol@example.com>\n{header}\n\nWhat is this?\n\n{text}".encode())
    assert (found.kind, found.records) == (Kind.NONBOUNCE, ())


def test_a_daemon_s_report_on_a_list_is_a_bounce() -> None:
    text = QUOTED.replace("> ", "").replace(">\n", "\n")
    found = read_message(f"{DAEMON}List-Id: <admins.example.com>\n\n{text}".encode())
    assert [one.recipient for one in found.records] == ["bob@example.org"]


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable"])
def test_a_report_in_a_transfer_encoding(encoding: str) -> None:
    from email.message import EmailMessage  # noqa: PLC0415 - only here

    letter = EmailMessage()
    letter["From"], letter["Subject"] = "MAILER-DAEMON@example.net", "failure notice"
    text = "Hi. This is the qmail-send program at mx.example.net.\n\n<bob@example.org>:\nNo such böb here\n"
    letter.set_content(text, cte=encoding)
    (record,) = read_message(letter.as_bytes()).records
    assert (record.recipient, record.diagnostic) == ("bob@example.org", "No such böb here")


def complaint(fields: str) -> Message:
    head = "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n"
    return read_message(f"{head}{fields}\n--b--\n".encode())


def test_the_complaint_without_a_recipient_is_kept() -> None:
    (record,) = complaint("Feedback-Type: abuse").records
    assert (record.kind, record.recipient, record.feedback_type) == (Kind.FEEDBACK, None, "abuse")


def test_a_complaint_of_several_recipients() -> None:
    fields = "Feedback-Type: not-spam\nOriginal-Rcpt-To: bob@example.org\nOriginal-Rcpt-To: <carol@example.org>\n"
    raw = (
        f"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\n{fields}\n--b--\n"
    )
    found = read_message(raw.encode())
    assert [(one.recipient, one.feedback_type) for one in found.records] == [
        ("bob@example.org", "not-spam"),
        ("carol@example.org", "not-spam"),
    ]


def test_microsoft_s_complaints_are_mail_with_the_mail_in_it() -> None:
    inner = "X-HmXmrOriginalRecipient: bob@example.org\nFrom: shop@example.com\nTo: bob@example.org\n\nrye\n"
    head = "From: staff@hotmail.com\nSubject: complaint about message from 192.0.2.7\n"
    head += "Content-Type: multipart/mixed; boundary=b\n"
    found = read_message(f"{head}\n--b\nContent-Type: message/rfc822\n\n{inner}\n--b--\n".encode())
    assert [(one.kind, one.recipient, one.source_ip) for one in found.records] == [
        (Kind.FEEDBACK, "bob@example.org", "192.0.2.7")
    ]


@pytest.mark.parametrize("end", [None, -40, -86])
def test_an_amazon_notification_whole_or_cut(end: int | None) -> None:
    event = {"bouncedRecipients": [{"emailAddress": "bob@example.org", "diagnosticCode": "smtp; 550 5.1.1 no"}]}
    document = json.dumps(
        {"notificationType": "Bounce", "bounce": event, "mail": {"messageId": "x" * 60}}, separators=(",", ":")
    )
    found = read_message(f"From: no-reply@sns.amazonaws.com\nSubject: AWS\n\n{document[:end]}\n".encode())
    assert [(one.recipient, one.diagnostic) for one in found.records] == [("bob@example.org", "550 5.1.1 no")]


def test_labelled_messages_beside_the_checkout(shared: Path) -> None:
    folder = shared / "corpus" / "dsn"
    labels = [json.loads(line) for line in (folder / "labels.jsonl").read_text().splitlines()]
    wanted = {
        (row["file"], row["recipient"].lower())
        for row in labels
        if row["kind"] in {"bounce", "delayed"} and row["recipient"]
    }
    files = {row["file"] for row in labels if (folder / row["file"]).exists()}
    read = {file: read_message((folder / file).read_bytes()) for file in files}
    found = {(file, (one.recipient or "").lower()) for file, message in read.items() for one in message.records}
    wanted = {pair for pair in wanted if pair[0] in files}
    assert len(found & wanted) / len(wanted) > 0.97
    failing = {file for file, _ in wanted}
    false = [
        file
        for file, message in read.items()
        if file not in failing and Kind.BOUNCE in {one.kind for one in message.records}
    ]
    assert len(false) <= 2
