"""What the samples of Postfix cannot show: the words of its agents, one by one, and what is no delivery."""

from __future__ import annotations

import pytest

from tests.unit.parse.reading import Event, events

HEAD = "Nov 20 10:00:00 mx1 postfix"
ID = "3F2A1B0C9D"
RELAY = "relay=mx.dom.example[192.0.2.25]:25"
NUMBERS = "delay=1.2, delays=0.1/0.02/0.5/0.58"
HOST = "host mx.dom.example[192.0.2.25]"
SENT = f"{NUMBERS}, dsn=2.0.0, status=sent (250 2.0.0 Ok)"


def read(text: str, program: str = "smtp") -> list[Event]:
    return events(f"{HEAD}/{program}[77]: {ID}: {text}", mta="postfix")


def attempt(text: str, program: str = "smtp") -> Event:
    (event,) = read(text, program)
    assert (event["kind"], event["queue_id"]) == ("attempt", ID)
    return event


def failed(reason: str, status: str = "deferred", program: str = "smtp") -> Event:
    return attempt(f"to=<ann@dom.example>, {RELAY}, {NUMBERS}, dsn=4.0.0, status={status} ({reason})", program)


@pytest.mark.parametrize(
    ("relay", "host", "ip"),
    [
        ("mx.dom.example[192.0.2.25]:25", "mx.dom.example", "192.0.2.25"),
        ("MX.Dom.Example[2001:db8:1::25]:2525", "mx.dom.example", "2001:db8:1::25"),
        ("192.0.2.25[192.0.2.25]:587", "192.0.2.25", "192.0.2.25"),
        ("mx.dom.example[192.0.2.25]", "mx.dom.example", "192.0.2.25"),  # before 2.3 no port was logged
        ("mx.dom.example[2001:db8::25]", "mx.dom.example", "2001:db8::25"),
        ("mx.dom.example[::ffff:192.0.2.25]", "mx.dom.example", "::ffff:192.0.2.25"),
        ("mail.dom.example[private/dovecot-lmtp]", "mail.dom.example", None),
        ("mail.dom.example[/run/dovecot/lmtp]", "mail.dom.example", None),
        ("mail.dom.example[lmtpd]", "mail.dom.example", None),
        ("local", "local", None),
        ("virtual", "virtual", None),
        ("dovecot", "dovecot", None),
        ("none", None, None),
    ],
)
@pytest.mark.parametrize("more", ["", ", conn_use=3"])
def test_who_it_was_handed_to(relay: str, host: str | None, ip: str | None, more: str) -> None:
    event = attempt(f"to=<ann@dom.example>, relay={relay}{more}, {SENT}")
    assert (event.get("relay_host"), event.get("relay_ip"), event["delay_seconds"]) == (host, ip, 1.2)


@pytest.mark.parametrize(
    ("addresses", "recipient", "original"),
    [
        ("to=<ann@dom.example>", "ann@dom.example", None),
        ("to=<ann@dom.example>, orig_to=<list@us.example>", "ann@dom.example", "list@us.example"),
        ("to=<ann@dom.example>, orig_to=<root>", "ann@dom.example", "root"),
        ("to=<o'neil+a=b@dom.example>", "o'neil+a=b@dom.example", None),
        ("to=<jös@dom.example>", "jös@dom.example", None),
        ("to=<ann@[192.0.2.7]>", "ann@[192.0.2.7]", None),
        ("to=<a b@dom.example>", "a b@dom.example", None),
        ('to=<"a b"@dom.example>', '"a b"@dom.example', None),
        ('to=<"a>, relay=x"@dom.example>, orig_to=<z@us.example>', '"a>, relay=x"@dom.example', "z@us.example"),
        ('to=<"a, status=b (c)"@dom.example>', '"a, status=b (c)"@dom.example', None),
        ("to=<root>", "root", None),
        ("to=ann@dom.example", "ann@dom.example", None),
    ],
)
def test_the_address_that_counts(addresses: str, recipient: str, original: str | None) -> None:
    event = attempt(f"{addresses}, {RELAY}, {SENT}")
    assert (event["recipient"], event.get("original_recipient")) == (recipient, original)


@pytest.mark.parametrize(
    ("status", "outcome", "response"),
    [
        ("sent (250 Ok: queued as 1234ABC)", "delivered", "250 Ok: queued as 1234ABC"),
        ("sent (mailbox)", "delivered", "mailbox"),
        (f"bounced ({HOST} said: 550 no, dsn=2.0.0 (in reply to RCPT TO command))", "bounced", "550 no, dsn=2.0.0"),
        ("deferred (connect to mx.dom.example[192.0.2.25]: x)", "deferred", "connect to mx.dom.example[192.0.2.25]: x"),
    ],
)
def test_before_2_3_there_was_no_dsn(status: str, outcome: str, response: str) -> None:
    event = attempt(f"to=<ann@dom.example>, orig_to=<root>, relay=mx.dom.example[192.0.2.25], delay=3, status={status}")
    assert (event["outcome"], event["response"], event["delay_seconds"]) == (outcome, response, 3)
    assert "enhanced_status" not in event


def test_a_dsn_came_before_the_delays() -> None:
    event = attempt(f"to=<ann@dom.example>, {RELAY}, delay=3, dsn=2.0.0, status=sent (250 Ok)")
    assert (event["outcome"], event["enhanced_status"], event["delay_seconds"]) == ("delivered", "2.0.0", 3)


@pytest.mark.parametrize(
    ("reason", "response", "stage"),
    [
        (
            f"{HOST} said: 550-5.1.1 a 550 5.1.1 b (c) (in reply to RCPT TO command)",
            "550-5.1.1 a 550 5.1.1 b (c)",
            "rcpt",
        ),
        (f"{HOST} said: 554 5.7.1 no (in reply to end of DATA command)", "554 5.7.1 no", "eom"),
        (f"{HOST} said: 554 a while sending b (in reply to DATA command)", "554 a while sending b", "data"),
        (f"{HOST} said: 501 (in reply to MAIL FROM command)", "501", "mail"),
        (f"{HOST} said: 403 4.7.0 no (in reply to STARTTLS command)", "403 4.7.0 no", "starttls"),
        (f"{HOST} said: 550 no (in reply to LHLO command)", "550 no", "helo"),
        (f"{HOST} refused to talk to me: 421 4.7.0 Too many connections", "421 4.7.0 Too many connections", "connect"),
        (f"lost connection with {HOST[5:]} while receiving the initial server greeting", None, "connect"),
        (f"lost connection with {HOST[5:]} while performing the EHLO handshake", None, "helo"),
        (f"conversation with {HOST[5:]} timed out while sending message body", None, "eom"),
        (
            f"conversation with {HOST[5:]} timed out while sending end of data -- message may be sent more than once",
            None,
            "eom",
        ),
        ("connect to mx.dom.example[2001:db8::1]:25: Network is unreachable", None, "connect"),
        ("connect to mail.dom.example[private/dovecot-lmtp]: No such file or directory", None, "connect"),
        (f"SASL authentication failed; server {HOST[5:]} said: 535 5.7.8 no", None, "auth"),
        (f"SASL [CACHED] authentication failed; server {HOST[5:]} said: 535 5.7.8 no", None, "auth"),
        (f"TLS is required, but {HOST} refused to start TLS: 454 4.7.0 not now", None, "starttls"),
        (f"SASL authentication failed; cannot authenticate to server {HOST[5:]}: no mechanism available", None, "auth"),
        ("Cannot start TLS: handshake failure", None, "starttls"),
        ("Server certificate not trusted", None, "starttls"),
        (f"TLS is required, but was not offered by {HOST}", None, "starttls"),
        ("unable to look up host: Server certificate not trusted", None, None),
        ("Host or domain name not found. Name service error for name=nx.example type=MX: Host not found", None, None),
        ("Domain null.example does not accept mail (nullMX)", None, None),
        ("temporary failure. Command output: to=<z@dom.example>, relay=none ", None, None),
    ],
)
def test_why_it_failed(reason: str, response: str | None, stage: str | None) -> None:
    event = failed(reason)
    assert (event["response"], event.get("smtp_stage")) == (response or reason, stage)


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (f"SASL authentication failed; server {HOST[5:]} said: 535 5.7.8 no", 535),
        (f"TLS is required, but {HOST} refused to start TLS: 454 4.7.0 not now", 454),
        (f"SASL authentication failed; cannot authenticate to server {HOST[5:]}: no mechanism available", None),
        ("mail for a.example loops, as 550 said: 550 no", None),
    ],
)
def test_a_reply_behind_words_of_postfix(reason: str, code: int | None) -> None:
    assert failed(reason).get("smtp_code") == code


@pytest.mark.parametrize(
    ("program", "status", "outcome"),
    [
        ("smtp", "sent (250 2.6.0 <x@y> [InternalId=1, Hostname=a.b] Queued mail for delivery)", "delivered"),
        ("local", "sent (delivered to command: IFS=' ' && exec /usr/bin/procmail #ann)", "delivered"),
        ("pipe", "sent (delivered via dovecot service (lda(ann@dom.example): Info: saved))", "delivered"),
        ("virtual", "sent (delivered to maildir)", "delivered"),
        ("local", "sent (forwarded as 7A8B9C0D1E)", "relayed"),
        ("discard", "sent (dom.example)", "relayed"),
        ("local", "sent (delivered to file: /dev/null)", "relayed"),
        ("local", "sent (delivered to file: /dev/nullify)", "delivered"),
        ("qmgr", "sent (undeliverable postmaster notification discarded)", "relayed"),
        ("smtp", "sent (250 2.7.0 Ok, discarded, id=1 - spam)", "delivered"),  # somewhere else: there it ends
        ("smtp", "sent (250 2.5.0 OK (1B2C3D4E5F6071829))", "delivered"),
        ("virtual", "bounced (maildir delivery failed: over quota)", "bounced"),
        ("error", "bounced (User unknown in virtual alias table)", "bounced"),
        ("smtp", "SOFTBOUNCE (host said: 550 no)", "deferred"),
        ("smtp", "deferred (bounce or trace service failure)", "deferred"),
        ("qmgr", "deferred (mail transport unavailable)", "deferred"),
    ],
)
def test_outcomes(program: str, status: str, outcome: str) -> None:
    event = attempt(f"to=<ann@dom.example>, relay=none, {NUMBERS}, dsn=2.0.0, status={status}", program)
    assert (event["outcome"], event["suspended"]) == (outcome, False)


@pytest.mark.parametrize("relay", ["127.0.0.1[127.0.0.1]:10024", "localhost[::1]:10026"])
@pytest.mark.parametrize(
    "said",
    [
        "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as 5D6E7F8A90",
        "250 2.7.0 Ok, discarded, id=00888-04 - spam",
        "250 2.5.0 OK (1B2C3D4E5F6071829)",
    ],
)
def test_a_content_filter_hands_on_or_keeps(relay: str, said: str) -> None:
    event = attempt(
        f"to=<ann@dom.example>, relay={relay}, {NUMBERS}, dsn=2.0.0, status=sent ({said})", "lmtp-amavis/smtp"
    )
    assert (event["outcome"], event["instance"]) == ("relayed", "postfix/lmtp-amavis")


def test_what_was_not_tried_keeps_the_reason() -> None:
    event = failed(f"delivery temporarily suspended: {HOST} refused to talk to me: 421 later", program="retry")
    assert (event["suspended"], event["response"], event["smtp_stage"]) == (True, "421 later", "connect")


@pytest.mark.parametrize(
    ("given", "message_id"),
    [
        ("<a.b@us.example>", "a.b@us.example"),
        ("<a.b@us.example>+29A6080B6290BF43", "a.b@us.example"),
        ("2026-11-20 10:00:05.006274", "2026-11-20 10:00:05.006274"),
        ("<a: b@us.example>", "a: b@us.example"),
        ("<>", ""),
        ("", ""),
    ],
)
def test_a_message_id(given: str, message_id: str) -> None:
    (event,) = read(f"message-id={given}", "cleanup")
    assert (event["kind"], event["begins"], event["message_id"]) == ("message", True, message_id)


@pytest.mark.parametrize(
    ("program", "text"),
    [
        ("smtp", f"to=<a@dom.example>, {RELAY}, {NUMBERS}, dsn=2.1.5, status=deliverable (250 Ok)"),
        ("smtp", f"to=<a@dom.example>, {RELAY}, {NUMBERS}, dsn=5.1.1, status=undeliverable (550 no)"),
        ("smtp", f"to=<a@dom.example>, {RELAY}, {NUMBERS}, dsn=5.1.1, status=undeliverable-but-not-cached (550 no)"),
        ("smtp", f"to=<a@dom.example>, relay=none, {NUMBERS}, dsn=4.0.0, status=canceled (x)"),
        ("smtp", f"{HOST} said: 450 4.2.0 Greylisted (in reply to RCPT TO command)"),
        ("smtp", "SASL authentication failed; server x[192.0.2.1] said: 535 no"),
        ("smtpd", "client=c.example[192.0.2.4]:51234, sasl_method=LOGIN, sasl_username=bob, orig_queue_id=ABCDEF"),
        ("smtpd", "reject: RCPT from c[192.0.2.4]: 550 no; from=<a@b.example> to=<c@d.example> proto=ESMTP helo=<x>"),
        ("cleanup", "milter-reject: END-OF-MESSAGE from c[192.0.2.4]: 5.7.1 no; from=<a@b.example> to=<c@d.example>"),
        ("cleanup", f"reject: header Subject: : to=<x@y.example>, {RELAY}, {SENT} from c[192.0.2.4]; to=<c@d.example>"),
        ("cleanup", "warning: header X: : to=x@y.example, relay=none, status=sent (x)"),
        ("cleanup", "resent-message-id=<a@b.example>"),
        ("pickup", "uid=42 from=<someone>"),
        ("qmgr", "skipped, still being delivered"),
        ("postsuper", "placed on hold"),
    ],
)
def test_lines_that_are_no_delivery(program: str, text: str) -> None:
    assert read(text, program) == []


@pytest.mark.parametrize(
    "text",
    [
        f"to=<ann@dom.example>, {RELAY}, {NUMBERS}, dsn=2.0.0, status=sent (250 cut sho",
        f"to=<ann@dom.example>, {RELAY}, {NUMBERS}, dsn=2.0.0, status=unheard-of (250 x)",
        f"to=<ann@dom.example>, {RELAY}, delay=1, delays=1/0/0/0, status=sent (a dsn was lost)",
        f"to=<>, {RELAY}, {NUMBERS}, dsn=5.1.3, status=bounced (x)",
        f"to=<ann@dom.example>, {RELAY}, delay=1, delays=1/0/0/",
        "to=<ann@dom.exa",
        "to=<ann@dom.example>, relay=mx.doNov 20 10:00:00 mx1 postfix/qmgr[7]: 4F1B2C: removed",
    ],
)
def test_what_is_not_understood_is_told(text: str) -> None:
    (event,) = read(text)
    assert event["kind"] == "unparsed"


def test_a_reply_that_is_cut_where_the_room_ended() -> None:
    """As msg_syslog.c and syslogd cut it: what came before is as good as in any line."""
    policy = "550-5.7.1 " + "such mail is not wanted here " * 40 + "(cut"
    event = attempt(f"to=<ann@dom.example>, {RELAY}, {NUMBERS}, dsn=5.7.1, status=bounced ({HOST} said: {policy}")
    assert (event["outcome"], event["response"]) == ("bounced", policy)


def test_another_mail_servers_line() -> None:
    line = "Nov 20 10:00:00 mx1 sm-mta[7]: 5AK900aB: to=<ann@dom.example>, delay=00:00:02, mailer=esmtp, stat=Sent"
    assert events(line, mta="postfix") == []
