from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.parse import formats
from tests.unit.parse.reading import events, of_kind

if TYPE_CHECKING:
    from pathlib import Path

STAMP = "2026-11-20 10:00:00"
ID = "1wAbCd-0000aB-1c"
OTHER = "1wAbCc-00009z-3d"
SMTP = "R=dnslookup T=remote_smtp"
HOST = "H=mx.dom.example [192.0.2.25]"
AFTER = "SMTP error from remote mail server after"
AFTER_RCPT = f"{AFTER} RCPT TO:<ann@dom.example>:"


def read(rest: str, head: str = f"{STAMP} {ID}") -> list[dict[str, Any]]:
    return events(f"{head} {rest}", mta="exim")


def attempt(rest: str, head: str = f"{STAMP} {ID}") -> dict[str, Any]:
    found = read(rest, head)
    assert [event["kind"] for event in found] == ["attempt"]
    return found[0]


def assert_has(event: dict[str, Any], expected: dict[str, Any]) -> None:
    assert {name: event.get(name) for name in expected} == expected


def test_a_delivery_with_every_log_selector() -> None:
    event = attempt(
        f"=> ann@dom.example F=<news@us.example> P=<bounce@us.example> {SMTP} S=726 H=MX.dom.example [192.0.2.25]:25 "
        'I=[198.51.100.7]:45023 X=TLS1.3:ECDHE__AES_256_GCM:256* CV=no DN="CN=mx" A=plain:us L K '
        'C="250 2.0.0 OK id=1" QT=1m2.5s DT=0.004s',
        head=f"{STAMP}.995 +0100 [23] {ID}",
    )
    assert str(event["event_time"]) == "2026-11-20 09:00:00.995000"
    assert_has(
        event,
        {
            "queue_id": ID,
            "instance": "remote_smtp",
            "recipient": "ann@dom.example",
            "original_recipient": None,
            "relay_host": "mx.dom.example",
            "relay_ip": "192.0.2.25",
            "outcome": "delivered",
            "response": "250 2.0.0 OK id=1",
            "delay_seconds": 62.5,
            "tls": "TLS1.3:ECDHE__AES_256_GCM:256",
            "source_ip": "198.51.100.7",
            "sender": "news@us.example",
        },
    )


def test_a_delivery_with_no_log_selector() -> None:
    event = attempt(f"=> ann@dom.example {SMTP} {HOST}")
    absent = dict.fromkeys(("response", "delay_seconds", "tls", "source_ip", "sender"))
    assert_has(event, {"recipient": "ann@dom.example", "outcome": "delivered"} | absent)


@pytest.mark.parametrize("flag", ["=>", "->", ">>"])
def test_what_was_delivered(flag: str) -> None:
    assert attempt(f"{flag} ann@dom.example {SMTP} {HOST}")["outcome"] == "delivered"


@pytest.mark.parametrize(
    "rest",
    [
        f'*> ann@dom.example {SMTP} {HOST} C="delivery bypassed by -N option"',
        f"{HOST}: SMTP error from remote mail server after RCPT TO:<x@y.example>: 452 4.2.2 => full",
        "ann@dom.example: error ignored",
        "=> discarded (system filter)",
        "=> blackhole (DATA ACL discarded recipients): a virus R=x T=y",
        "=> blackhole local_scan() said no",
        "Frozen (delivery error message)",
        "Unfrozen by errmsg timer",
        "Message is frozen",
        "SMTP connection from us ** closed == by => QUIT",
    ],
)
def test_lines_that_are_no_attempt(rest: str) -> None:
    assert read(rest) == []


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} Start queue run: pid=19",
        f"{STAMP} exim 4.96 daemon started: pid=18, -q2s, listening for SMTP on [127.0.0.1]:2500",
        f"{STAMP} H=mx.bad.example [192.0.2.1] F=<a@bad.example> rejected RCPT <b@us.example>: relay => not permitted",
        f"{STAMP} no host name found for IP address 192.0.2.1",
        f"{STAMP} [20] SMTP connection from (us) [192.0.2.1]:4934 I=[192.0.2.9]:25 closed by QUIT",
        "",
    ],
)
def test_noise(line: str) -> None:
    assert events(f"{STAMP} {ID} Completed", line)[1:] == []


@pytest.mark.parametrize(
    ("shown", "recipient", "original"),
    [
        ("ann <ann@dom.example>", "ann@dom.example", None),
        ("|/usr/bin/filter -x <ann@dom.example>", "ann@dom.example", None),
        ("|/usr/bin/filter x (b@dom.example) <ann@dom.example>", "ann@dom.example", None),
        ("/var/mail/my box <ann@dom.example>", "ann@dom.example", None),
        ("save folder/x <ann@dom.example>", "ann@dom.example", None),
        ("bob@far.example <ann@dom.example>", "bob@far.example", "ann@dom.example"),
        ("bob@far.example (c@dom.example, d@dom.example) <ann@dom.example>", "bob@far.example", "ann@dom.example"),
        ('bob@far.example <"an n"@dom.example>', "bob@far.example", '"an n"@dom.example'),
        ("Ann@dom.example", "Ann@dom.example", None),
        ("ann.b@dom.example <Ann.B@DOM.example>", "Ann.B@DOM.example", None),
        ("jörg@bücher.example", "jörg@bücher.example", None),
        ("ann@[IPv6:2001:db8::1]", "ann@[IPv6:2001:db8::1]", None),
        ('odd, name@dom.example <"odd, name"@dom.example>', '"odd, name"@dom.example', None),
        (r'a"b> (c)@dom.example <"a\"b> (c)"@dom.example>', r'"a\"b> (c)"@dom.example', None),
    ],
)
@pytest.mark.parametrize(
    "line", ["=> {} R=r T=t", "** {} F=<a@b.example> R=r T=t: no", "== {} R=r T=t defer (-1): no", "** {}: no"]
)
def test_the_address_that_counts(line: str, shown: str, recipient: str, original: str | None) -> None:
    assert_has(attempt(line.format(shown)), {"recipient": recipient, "original_recipient": original})


def test_an_address_in_quotes_when_retries_end() -> None:
    assert attempt('** "odd: name"@dom.example: retry timeout exceeded')["recipient"] == '"odd: name"@dom.example'


# Exim logs local parts without their quotes, so that a stranger's address can look like a line about somebody else.
FAKE = "vic@tim.example R=r T=t: SMTP error from remote mail server after end of data: 550 5.1.1 no"
FAKE_IN_FAKE = 'vic@tim.example <"vic@tim.example"@tim.example> R=r T=t: 550 no'
MANY = "vic@tim.example: no" + ' <"' * 101


def quoted(local: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", local) + '"'


@pytest.mark.parametrize(
    "local", [FAKE, FAKE_IN_FAKE, "vic@tim.example: no", "vic@tim.example => x ** y == z", 'x C="y']
)
@pytest.mark.parametrize("line", ["=> {} R=r T=t", "** {} R=r T=t: no", "== {} R=r T=t defer (0): no"])
def test_an_address_that_looks_like_a_line(line: str, local: str) -> None:
    shown = f"{local}@evil.example <{quoted(local)}@evil.example>"
    assert_has(
        attempt(line.format(shown)),
        {"recipient": f"{quoted(local)}@evil.example", "instance": "t", "original_recipient": None},
    )


def test_an_address_with_too_much_to_look_through_is_not_guessed() -> None:
    found = read(f"** {MANY}@evil.example <{quoted(MANY)}@evil.example> R=r T=t: no")
    assert [event["kind"] for event in found] == ["unparsed"]


def test_a_sender_that_looks_like_fields() -> None:
    event = attempt(f'=> ann@dom.example F=<"x R=a T=b H=c [192.0.2.1]"@evil.example> {SMTP} {HOST}')
    assert_has(
        event,
        {"instance": "remote_smtp", "relay_ip": "192.0.2.25", "sender": '"x R=a T=b H=c [192.0.2.1]"@evil.example'},
    )


@pytest.mark.parametrize(
    ("confirmation", "response"),
    [
        ('C="250 2.0.0 OK"', "250 2.0.0 OK"),
        (r'C="250 \"q\" QT=9s back\\slash"', r'250 "q" QT=9s back\slash'),
        (r'C="250-one\\n250 two"', "250-one 250 two"),
        ('C="250 => a@b.example R=x ** no"', "250 => a@b.example R=x ** no"),
        ('C=""', ""),
    ],
)
def test_what_the_server_said_of_a_delivery(confirmation: str, response: str) -> None:
    event = attempt(f"=> ann@dom.example {SMTP} {HOST} {confirmation} QT=3s")
    assert_has(event, {"response": response, "recipient": "ann@dom.example", "delay_seconds": 3})


def test_a_confirmation_that_syslog_cut_short() -> None:
    assert attempt(f'=> ann@dom.example {SMTP} {HOST} C="250 2.0.0 OK')["response"] == "250 2.0.0 OK"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("3s", 3), ("0.123s", 0.123), ("1m2s", 62), ("1h3m", 3780), ("2d4h", 187200), ("1w", 604800), ("soon", None)],
)
def test_time_on_queue(text: str, seconds: float | None) -> None:
    assert_has(attempt(f"=> ann <ann@dom.example> R=inbox T=maildir QT={text} DT=0s"), {"delay_seconds": seconds})


@pytest.mark.parametrize(
    ("rest", "outcome"),
    [
        (f'=> ann@dom.example {SMTP} H=localhost [127.0.0.1]:10025 C="250 OK id={ID}"', "relayed"),
        (f'=> ann@dom.example {SMTP} H=ip6-localhost [::1] C="250 2.0.0 Ok: queued as 4F1"', "relayed"),
        (f'=> ann@dom.example {SMTP} H=localhost [127.0.0.1] C="250 thanks"', "delivered"),
        (f'=> ann@dom.example {SMTP} {HOST} C="250 OK id={ID}"', "delivered"),
        ("=> :blackhole: <ann@dom.example> R=sink", "relayed"),
        ("=> discarded <ann@dom.example> R=filter", "relayed"),
        ("=> discarded <ann@dom.example> R=inbox T=maildir", "delivered"),  # who is called so
        ("=> blackhole <ann@dom.example> R=inbox T=maildir", "delivered"),
        ("=> /dev/null <ann@dom.example> R=file T=**bypassed**", "relayed"),
        ("=> >far@away.example <ann@dom.example> R=vacation T=autoreply", "relayed"),
        ("=> /dev/nullish <ann@dom.example> R=file T=address_file", "delivered"),
    ],
)
def test_what_is_handed_on_is_no_delivery(rest: str, outcome: str) -> None:
    assert_has(attempt(rest), {"outcome": outcome, "recipient": "ann@dom.example"})


@pytest.mark.parametrize(
    ("fields", "response", "stage"),
    [
        (f"{SMTP} {HOST}: {AFTER_RCPT} 550-5.1.1 no\\n550 5.1.1 one", "550-5.1.1 no 550 5.1.1 one", "rcpt"),
        (f"{SMTP}: {AFTER_RCPT} host mx.dom.example [192.0.2.25]: 550 5.1.1 no", "550 5.1.1 no", "rcpt"),
        (f"{SMTP} {HOST}: SMTP error from remote mailer after RCPT TO:<ann@dom.example>: 550 no", "550 no", "rcpt"),
        (
            f'{SMTP} {HOST}: {AFTER} RCPT TO:<"a: b"@dom.example>: 550 <"a: b"@dom.example>: no',
            '550 <"a: b"@dom.example>: no',
            "rcpt",
        ),
        (
            f"{SMTP} {HOST}: {AFTER} pipelined MAIL FROM:<n@us.example> SIZE=17: 550 5.7.1 SPF",
            "550 5.7.1 SPF",
            "mail",
        ),
        (f"{SMTP} {HOST}: {AFTER} initial connection: 554 no", "554 no", "connect"),
        (f"{SMTP} {HOST}: {AFTER} EHLO us.example: 550 no", "550 no", "helo"),
        (f"{SMTP} {HOST}: {AFTER} HELO us.example: 550 no", "550 no", "helo"),
        (f"{SMTP} {HOST}: {AFTER} EHLO [IPv6:2001:db8::1]: 550 no", "550 no", "helo"),
        (f"{SMTP} {HOST}: {AFTER} STARTTLS: 454 no", "454 no", "starttls"),
        (f"{SMTP} {HOST}: {AFTER} AUTH PLAIN *: 535 no", "535 no", "auth"),
        (f"{SMTP} {HOST}: {AFTER} DATA: 554 no", "554 no", "data"),
        (f"{SMTP} {HOST}: {AFTER} end of data: 550 a: b R=x", "550 a: b R=x", "eom"),
        (f"{SMTP} {HOST}: {AFTER} pipelined end of data: 550 no", "550 no", "eom"),
        (f"{SMTP} {HOST}: {AFTER} BDAT 77 LAST: 550 no", "550 no", "eom"),
        ("R=store T=lmtp: LMTP error after RCPT TO:<ann@dom.example>: 550 5.1.1 no", "550 5.1.1 no", "rcpt"),
        ("R=store T=lmtp: LMTP error after LHLO us: 550 no", "550 no", "helo"),
        (f"{SMTP} {HOST}: PRDR error after end of data: 550 5.7.1 no", "550 5.7.1 no", "eom"),
        (
            f"{SMTP} {HOST}: SMTP timeout after sending data block (999 bytes written)",
            "SMTP timeout after sending data block (999 bytes written)",
            "eom",
        ),
        (
            f"{SMTP} {HOST}: Connection timed out: SMTP timeout after end of data",
            "Connection timed out: SMTP timeout after end of data",
            "eom",
        ),
        (
            f"{SMTP} {HOST}: Remote host closed connection in response to QUIT",
            "Remote host closed connection in response to QUIT",
            "quit",
        ),
        (
            f"{SMTP} {HOST}: TLS session: (gnutls_handshake): closed",
            "TLS session: (gnutls_handshake): closed",
            "starttls",
        ),
        ("F=<n@us.example>: Unrouteable address", "Unrouteable address", None),
        ("R=alias: unknown user", "unknown user", None),
        (f"{SMTP}: 550 H=mx.evil.example [192.0.2.66]: T=x", "550 H=mx.evil.example [192.0.2.66]: T=x", None),
    ],
)
def test_why_it_failed(fields: str, response: str, stage: str | None) -> None:
    instance = re.search(r" T=(\w+)", fields.partition(": ")[0])
    expected = {"outcome": "bounced", "response": response, "smtp_stage": stage, "instance": instance and instance[1]}
    event = attempt(f"** ann@dom.example {fields} DT=0.003s")
    assert_has(event, expected)
    assert_has(event, {"relay_ip": "192.0.2.25" if "192.0.2.25" in fields else None})


def test_a_failure_with_every_log_selector() -> None:
    event = attempt(
        f"** ann@dom.example F=<n@us.example> P=<> {SMTP} {HOST}:25* I=[198.51.100.7]:602 X=TLS1.3:A:256 CV=no "
        f'DN="C=\\"x\\": y H=z": {AFTER_RCPT} 550 5.1.1 no DT=1m3s'
    )
    assert_has(
        event,
        {
            "sender": "n@us.example",
            "relay_host": "mx.dom.example",
            "source_ip": "198.51.100.7",
            "tls": "TLS1.3:A:256",
            "response": "550 5.1.1 no",
        },
    )


@pytest.mark.parametrize(
    ("fields", "response", "stage", "ip"),
    [
        (f"{SMTP} defer (-44) {HOST}: {AFTER_RCPT} 450 4.2.0 later", "450 4.2.0 later", "rcpt", "192.0.2.25"),
        (f"{SMTP} defer (-46) {HOST}:25 I=[198.51.100.7]:1 DT=0s: {AFTER_RCPT} 450 x", "450 x", "rcpt", "192.0.2.25"),
        (f"{SMTP} defer (-44): {AFTER_RCPT} host mx.old.example [192.0.2.3]: 450 x", "450 x", "rcpt", "192.0.2.3"),
        (f"{SMTP} defer (111): Connection refused", "Connection refused", "connect", None),
        (f"{SMTP} defer (111): Connection refused DT=0.000s", "Connection refused", "connect", None),
        (f"{SMTP} defer (110): Connection timed out {HOST}", "Connection timed out", "connect", "192.0.2.25"),
        (f"{SMTP} defer (60): Operation timed out", "Operation timed out", "connect", None),  # strerror() of BSD
        (f"{SMTP} defer (64): Host is down", "Host is down", "connect", None),
        (
            f"{SMTP} defer (110): Connection timed out {HOST}: SMTP timeout after initial connection",
            "Connection timed out: SMTP timeout after initial connection",
            "connect",
            "192.0.2.25",
        ),
        (
            f"{SMTP} defer (110): Connection timed out: SMTP timeout while connected to m.x [192.0.2.3] after DATA",
            "Connection timed out: SMTP timeout after DATA",
            "data",
            "192.0.2.3",
        ),
        (
            f"{SMTP} defer (-18): Remote host mx.old.example [192.0.2.3] closed connection in response to end of data",
            "Remote host closed connection in response to end of data",
            "eom",
            "192.0.2.3",
        ),
        (
            f"{SMTP} defer (104): Connection reset by peer: mx.a.example [192.0.2.3]",
            "Connection reset by peer",
            None,
            "192.0.2.3",
        ),
        ("R=inbox T=maildir defer (13): Permission denied: cannot open", "Permission denied: cannot open", None, None),
        ("R=dnslookup defer (-1): host lookup did not complete", "host lookup did not complete", None, None),
    ],
)
def test_why_it_was_deferred(fields: str, response: str, stage: str | None, ip: str | None) -> None:
    expected = {"outcome": "deferred", "suspended": False, "response": response, "smtp_stage": stage, "relay_ip": ip}
    assert_has(attempt(f"== ann@dom.example {fields}"), expected)


@pytest.mark.parametrize(
    "fields", ["R=dnslookup T=smtp defer (-1)", "R=dnslookup defer (0) DT=0.1s", f"{SMTP} defer (-44) {HOST}"]
)
def test_a_deferral_may_have_no_reason(fields: str) -> None:
    event = attempt(f"== ann@dom.example {fields}")
    assert_has(event, {"outcome": "deferred", "recipient": "ann@dom.example"})
    assert event.get("response") is None
    assert not event.get("suspended")


@pytest.mark.parametrize(
    "fields",
    [
        "routing defer (-52): retry time not reached",
        "routing defer (-52) DT=0.000s: retry time not reached",
        f"{SMTP} defer (-54): retry time not reached for any host for 'dom.example'",
        f"{SMTP} defer (-61): retry time not reached for any host",  # 4.98 has other numbers
        "R=inbox T=maildir defer (-53): Retry time not yet reached",
        f"{SMTP} defer (-56): concurrency limit reached for transport remote_smtp",
        "R=hold defer (-24): domain is held",
        f"{SMTP} defer (-55): first-pass only routing due to -odqs, queue_smtp_domains or control=queue",
        "routing defer (-51): reusing SMTP connection skips previous routing defer",
        f"{SMTP} defer (-54): remote deliveries suppressed",
        "routing defer (-47): domain is in queue_domains",
        f"{SMTP} defer (-1): domain matches queue_smtp_domains, or -odqs set",  # before 4.90
        f"{SMTP} defer (-1): connection limit reached for all hosts",
    ],
)
def test_what_was_not_tried_is_still_pending(fields: str) -> None:
    assert_has(attempt(f"== ann@dom.example {fields}"), {"outcome": "deferred", "suspended": True})


def test_a_server_that_speaks_of_retry_times_was_tried() -> None:
    event = attempt(f"== ann@dom.example {SMTP} defer (-44) {HOST}: {AFTER_RCPT} 450 retry time not reached")
    assert event["suspended"] is False


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("retry timeout exceeded", "expired"),
        ("all hosts for 'dom.example' have been failing for a long time (and retry time not reached)", "expired"),
        ("all hosts have been failing for a long time and were last tried after this message arrived", "expired"),
        ("retry time not reached for any host after a long failure period", "expired"),
        ("Connection timed out: retry timeout exceeded", "expired"),
        ("SMTP error from remote mail server after end of data: 452 4.2.2 full: retry timeout exceeded", "expired"),
        ("SMTP error from remote mail server after end of data: 550 no: retry timeout exceeded", "bounced"),
        ("retry timeout exceeded, says the server", "bounced"),
        ("all hosts for 'dom.example' are down", "bounced"),
    ],
)
def test_given_up(reason: str, outcome: str) -> None:
    assert attempt(f"** ann@dom.example {SMTP}: {reason}")["outcome"] == outcome


def test_given_up_after_retries_names_the_recipient_and_no_more() -> None:
    event = attempt("** bob@far.example <ann@dom.example>: retry timeout exceeded")
    assert_has(event, {"outcome": "expired", "recipient": "bob@far.example", "original_recipient": "ann@dom.example"})
    assert_has(event, {"instance": None, "relay_host": None, "response": "retry timeout exceeded"})


@pytest.mark.parametrize("rest", ["cancelled by root", "cancelled by timeout_frozen_after", "removed by root"])
def test_a_message_that_is_given_up_names_no_recipient(rest: str) -> None:
    (event,) = read(rest)
    assert_has(event, {"kind": "expiry", "queue_id": ID, "recipient": None, "closes": False})


@pytest.mark.parametrize("rest", ["cancelled", "removed", "is cancelled by root", "H=x removed by root"])
def test_what_only_looks_like_giving_up(rest: str) -> None:
    assert read(rest) == []


@pytest.mark.parametrize(
    ("rest", "sender", "size", "message_id"),
    [
        ("(= n@us.example H=(app) [192.0.2.1] P=esmtp S=693 id=a@us.example", "n@us.example", 693, "a@us.example"),
        ("<= n@us.example H=(app) [192.0.2.1] P=esmtp S=693 id=a.b@us.example", "n@us.example", 693, "a.b@us.example"),
        (
            "<= n@us.example H=(app) [192.0.2.1]:5 P=esmtp L.- S=704 M8S=0 RT=0.1s id*=E1@us.example",
            "n@us.example",
            704,
            "E1@us.example",
        ),
        ('<= n@us.example U=u P=local S=5 T="re: id=fake S=6" from <x id=y> for a@b.example', "n@us.example", 5, None),
        ('<= "n S=1 id=2"@us.example U=u P=local S=5 id=x', '"n S=1 id=2"@us.example', 5, "x"),
        ("<= <> H=mx.dom.example [192.0.2.1] P=esmtp S=2702 id=x@dom.example", "", 2702, "x@dom.example"),
        ("<= n@us.example U=u P=local S=many", "n@us.example", None, None),
    ],
)
def test_an_arrival(rest: str, sender: str, size: int | None, message_id: str | None) -> None:
    (event,) = read(rest)
    assert_has(event, {"kind": "message", "queue_id": ID, "closes": False, "begins": False})
    assert_has(event, {"sender": sender, "size_bytes": size, "message_id": message_id})


@pytest.mark.parametrize(
    ("rest", "owned"),
    [
        (f"<= <> R={OTHER} U=Debian-exim P=local S=2702", [ID]),
        (f"<= <> R={OTHER} U=exim P=local", [ID]),
        (f"<= n@us.example R={OTHER} U=Debian-exim P=local S=2702", []),
        ("<= <> U=app P=local S=2702", []),
        (f"<= <> R={OTHER} H=mx.dom.example [192.0.2.1] P=esmtp S=2702", []),
        (f"<= <> R={OTHER} U=x P=local-smtp S=2702", []),
    ],
)
def test_our_own_bounce(rest: str, owned: list[str]) -> None:
    assert [event["queue_id"] for event in of_kind("own", read(rest))] == owned


def test_only_the_arrival_of_a_report_begins_a_message() -> None:
    found = [*read(f"<= <> R={OTHER} H=mx.dom.example [192.0.2.1] P=esmtp S=5"), *read("<= <> U=app P=local S=5")]
    assert [event["begins"] for event in found] == [True, False]


def test_a_report_on_itself_is_not_told_from_its_message() -> None:
    assert read(f"<= <> R={ID} U=exim P=local S=2702") == []


@pytest.mark.parametrize("rest", ["Completed", "Completed QT=0.014s"])
def test_the_end_of_a_message(rest: str) -> None:
    (event,) = read(rest)
    assert_has(event, {"kind": "message", "queue_id": ID, "closes": True, "sender": None})


@pytest.mark.parametrize(
    ("head", "queue_id"),
    [
        (f"{STAMP} {ID}", ID),
        (f"{STAMP} 1wAbCd-00000000aBc-1cDe", "1wAbCd-00000000aBc-1cDe"),
        (f"{STAMP}.123 [4567] {ID}", ID),
        (f"{STAMP} +0000 {ID}", ID),
    ],
)
def test_the_head_of_a_line(head: str, queue_id: str) -> None:
    assert attempt("=> ann@dom.example R=r T=t", head)["queue_id"] == queue_id


@pytest.mark.parametrize("head", [f"{STAMP} 1wAbC-0000aB-1c", f"{STAMP} x {ID}", f"{STAMP} {ID}:", f"{STAMP} {ID} H=x"])
def test_a_flag_stands_after_the_id_and_nowhere_else(head: str) -> None:
    assert read("=> ann@dom.example R=r T=t", head) == []


@pytest.mark.parametrize(
    ("stamp", "zone", "utc"),
    [
        ("2026-11-20 10:00:00", "Europe/Berlin", "2026-11-20 09:00:00"),
        ("2026-07-20 10:00:00.5", "Europe/Berlin", "2026-07-20 08:00:00.500000"),
        ("2026-11-20 10:00:00 -0330", "Europe/Berlin", "2026-11-20 13:30:00"),
        ("2026-11-20 10:00:00.250 +0530", "UTC", "2026-11-20 04:30:00.250000"),
    ],
)
def test_the_time_of_an_event(stamp: str, zone: str, utc: str) -> None:
    (event,) = events(f"{stamp} {ID} => ann@dom.example R=r T=t", zone=zone)
    assert str(event["event_time"]) == utc


DELIVERY = f'=> ann@dom.example {SMTP} {HOST} C="250 OK"'
SYSLOG = "Nov 20 10:00:05 mx1 exim[77]: "


@pytest.mark.parametrize(
    ("text", "second"),
    [
        (f"{STAMP} {ID} {DELIVERY}", 0),
        (f"{ID} {DELIVERY}", 5),
        (f"[77] {ID} {DELIVERY}", 5),
        (f"{STAMP} [77] {ID} {DELIVERY}", 0),
    ],
)
def test_behind_syslog_with_and_without_a_stamp_of_its_own(text: str, second: int) -> None:
    (event,) = events(SYSLOG + text)
    assert_has(event, {"kind": "attempt", "host": "mx1", "queue_id": ID, "outcome": "delivered"})
    assert str(event["event_time"]) == f"2026-11-20 10:00:0{second}"


@pytest.mark.parametrize("mark", ["\\", "/"])
def test_a_line_that_syslog_split(mark: str) -> None:
    whole = f"{ID} ** ann@dom.example {SMTP} {HOST}: {AFTER_RCPT} 550-5.1.1 the mailbox"
    (event,) = events(
        f"{SYSLOG}[1{mark}2] {whole}", f"{SYSLOG}[2{mark}2] of => ann is not ** there == at all", mta="exim"
    )
    assert_has(event, {"kind": "attempt", "outcome": "bounced", "response": "550-5.1.1 the mailbox"})


def test_a_first_part_without_the_reason_is_kept_for_the_postmaster() -> None:
    line = f"{SYSLOG}[1\\2] {ID} ** ann@dom.example {SMTP}"
    (event,) = events(line, mta="exim")
    assert_has(event, {"kind": "unparsed", "line": line, "reason": "a failure without a time, an address or a reason"})


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} {ID} => ann@dom.example",
        f"{STAMP} {ID} => ann@dom.example R=dns",
        f"{STAMP} {ID} => ",
        f"2026-13-40 10:00:00 {ID} => ann@dom.example R=r T=t",
        f"{STAMP} {ID} ** ann@dom.example",
        f"{STAMP} {ID} ** ann@dom.example R=r T=t",
        f"{STAMP} {ID} ** ann@dom.example R=r T=t defer (-1): no",
        f"{STAMP} {ID} == ann@dom.example R=r T=t: no",
        f"{STAMP} {ID} == ann@dom.example R=r T=t defer (-",
        f"{ID} => ann@dom.example R=r T=t",
        f"-11-20 10:00:00 {ID} => ann@dom.example R=r T=t",
        "a line of something else",
    ],
)
def test_what_is_not_understood_is_told(line: str) -> None:
    (event,) = events(line, mta="exim")
    assert_has(event, {"kind": "unparsed", "line": line})
    assert event["reason"]


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} {ID} <= n@us.example U=u P=local S=5",
        f"{STAMP}.123 [3] {ID} == a@dom.example routing defer (-52): retry time not reached",
        f"{STAMP} +0100 1wAbCd-00000000aBc-1cDe Completed",
        f"{STAMP} Start queue run: pid=19",
        f"{STAMP} no host name found for IP address 192.0.2.1",
        f"{STAMP} login authenticator failed for (x) [192.0.2.1]: 535 Incorrect authentication data",
        f"{STAMP} [9] SMTP connection from [192.0.2.1]:4 I=[192.0.2.2]:25 closed by QUIT",
        "Nov 20 10:00:05 mx1 exim[77]: Start queue run: pid=19",
        "Nov 20 10:00:05 mx1 exim4[77]: anything",
        f'{{"MESSAGE":"{ID} Completed","__REALTIME_TIMESTAMP":"1"}}',
    ],
)
def test_lines_that_tell_the_format(line: str) -> None:
    assert formats()["exim"].detect.search(line)


@pytest.mark.parametrize(
    "line",
    [
        f"{STAMP} INFO worker started",
        f"{STAMP},012 => not mail",
        "Nov 20 10:00:05 mx1 postfix/smtp[77]: 4F1: to=<a@b.example>, relay=none, status=deferred (x)",
        "d,2026-11-20 10:00:00-0400,2026-11-20 10:00:00-0400,a@b.example",
        '{"type":"Delivery","id":"1","sender":"a@b.example"}',
    ],
)
def test_lines_that_do_not(line: str) -> None:
    assert not formats()["exim"].detect.search(line)


def test_a_log_of_noise_is_read_too(root: Path) -> None:
    sample = (root / "sample_logs" / "exim_mainlog").read_bytes().splitlines()
    assert of_kind("unparsed", events(*sample)) == []


def test_the_optional_folder_of_extra_cases(shared: Path) -> None:
    """They are what a server logs of mail that comes in: nothing is delivered there."""
    cases = [json.loads(line) for line in (shared / "corpus/logs/expected.jsonl").read_text().splitlines()]
    lines = [case["line"] for case in cases if case["mta"] == "exim"]
    assert lines
    assert [event for line in lines for event in of_kind("attempt", events(line, mta="exim"))] == []
