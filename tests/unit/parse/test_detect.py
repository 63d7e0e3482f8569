"""Formats and carriers, told by content."""

from __future__ import annotations

import json

import pytest

from logbounce.errors import InputError
from logbounce.parse import detect

POSTFIX = (
    "postfix/smtp[12]: 4TX3: to=<a@example.org>, relay=none, delay=1, delays=0/0/0/1, dsn=4.4.1, status=deferred (x)"
)
EXIM = "2026-11-20 10:00:00 1tDabc-000123-4F => a@example.org R=dnslookup T=smtp H=mx.example.org [192.0.2.1]"
RFC3164, RFC3339 = "Nov 20 10:00:00 mx1 ", "2026-11-20T10:00:00.123456+01:00 mx1 "

POSTFIX_FIELDS = {"program": POSTFIX[:12], "message": POSTFIX[18:], "time": "Nov 20 10:00:00"}
DELIVERY = {"type": "Delivery", "id": "d1", "recipient": "a@example.org", "timestamp": 1795168800}

LOGS = {
    "rfc3164": (RFC3164 + POSTFIX, "postfix", (), "rfc3164"),
    "pri": ("<22>" + RFC3164 + POSTFIX, "postfix", (), "rfc3164"),
    "rfc3339": (RFC3339 + POSTFIX, "postfix", (), "iso8601"),
    "short-iso": ("2026-11-20T10:00:00+0100 mx1 " + POSTFIX, "postfix", (), "iso8601"),
    "rfc5424": (f"<22>1 2026-11-20T10:00:00Z mx1 postfix/smtp 12 - - {POSTFIX[18:]}", "postfix", (), "rfc5424"),
    "docker": (
        json.dumps({"log": RFC3164 + POSTFIX + "\n", "stream": "stdout", "time": "2026-11-20T10:00:00Z"}),
        "postfix",
        ("docker_json",),
        "rfc3164",
    ),
    "docker, KumoMTA": (
        json.dumps({"log": json.dumps(DELIVERY), "stream": "stdout", "time": "2026-11-20T10:00:00Z"}),
        "kumomta",
        ("docker_json",),
        "bare",
    ),
    "docker, fields": (
        json.dumps({"log": json.dumps(POSTFIX_FIELDS), "stream": "stdout", "time": "2026-11-20T10:00:00Z"}),
        "postfix",
        ("docker_json",),
        "fields_json",
    ),
    "shipped": (json.dumps({"message": RFC3339 + POSTFIX, "host": "h"}), "postfix", ("shipped_json",), "iso8601"),
    "shipped whole with fields": (
        json.dumps({"message": RFC3164 + POSTFIX, "program": "postfix/smtp", "logsource": "mx1"}),
        "postfix",
        ("shipped_json",),
        "rfc3164",
    ),
    "shipped with much about it": (
        json.dumps({"kubernetes": {"annotations": "x" * 9000}, "message": RFC3164 + POSTFIX}),
        "postfix",
        ("shipped_json",),
        "rfc3164",
    ),
    "shipped, Exim": (json.dumps({"message": EXIM, "host": {"name": "h"}}), "exim", ("shipped_json",), "bare"),
    "fields": (json.dumps(POSTFIX_FIELDS), "postfix", (), "fields_json"),
    "fields, escaped": (json.dumps(POSTFIX_FIELDS).replace("/", r"\/"), "postfix", (), "fields_json"),
    "fields, syslogtag": (
        json.dumps({"tag": "mail.error", "syslogtag": "postfix/smtp[12]:", "msg": f" {POSTFIX[18:]}"}),
        "postfix",
        (),
        "fields_json",
    ),
    "fields, tag": (json.dumps({"msg": f" {POSTFIX[18:]}", "tag": "postfix/smtp[12]:"}), "postfix", (), "fields_json"),
    "fields, grep": ("mail.json:" + json.dumps(POSTFIX_FIELDS), "postfix", ("grep",), "fields_json"),
    "fields, Exim": (json.dumps({"program": "exim", "message": EXIM[20:], "host": "mx1"}), "exim", (), "fields_json"),
    "fields, Exim's stamp": (json.dumps({"message": EXIM, "ident": "exim"}), "exim", (), "fields_json"),
    "KumoMTA": (json.dumps(DELIVERY | {"meta": {"tag": "news", "message": "x"}}), "kumomta", (), "bare"),
    "journald": (
        json.dumps({"__REALTIME_TIMESTAMP": "1", "SYSLOG_IDENTIFIER": "postfix/smtp", "MESSAGE": POSTFIX[18:]}),
        "postfix",
        (),
        "journald_json",
    ),
    "journald through Vector": (
        json.dumps({"__REALTIME_TIMESTAMP": "1", "SYSLOG_IDENTIFIER": "postfix/smtp", "message": POSTFIX[18:]}),
        "postfix",
        (),
        "fields_json",
    ),
    "cri": ("2026-11-20T10:00:00.1+01:00 stdout F " + RFC3164 + POSTFIX, "postfix", ("kubernetes_cri",), "rfc3164"),
    "rfc5424, the program cut at its slash": (
        f"<22>1 2026-11-20T10:00:00Z mx1 postfix 12 - -  {POSTFIX[18:]}",
        "postfix",
        (),
        "rfc5424",
    ),
    "after the power failed": ("\0" * 2000 + RFC3164 + POSTFIX, "postfix", (), "rfc3164"),
    "exim": (EXIM, "exim", (), "bare"),
    "exim behind syslog": (f"{RFC3164}exim[12]: {EXIM}", "exim", (), "rfc3164"),
}


@pytest.mark.parametrize("name", LOGS)
def test_format_and_carrier_are_told_by_content(name: str) -> None:
    line, format_name, wrappers, carrier = LOGS[name]
    found = detect((line + "\n").encode() * 3, "a.log")
    assert (found.format, found.wrappers, found.carrier) == (format_name, wrappers, carrier)


def test_pages_of_another_program_do_not_hide_the_mta() -> None:
    other = "".join(f"{RFC3164}dovecot: imap-login: Login: user=<u{n}>\n" for n in range(500))
    assert detect((other + RFC3164 + POSTFIX + "\n").encode(), "a.log").format == "postfix"


def test_a_named_format_is_believed() -> None:
    assert detect(b"Nov 20 10:00:00 mx1 cron[1]: job\n", "a.log", "postfix").format == "postfix"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello world\nmore\n", r"a\.log:1: not understood: 'hello world'; expected one of .*exim.*postfix"),
        (b"\n\nhello\n", r"a\.log:3: not understood: 'hello'"),
        (b'{"program":"cron","message":"job","severity":"error"}', r"a\.log:1: not understood: '{\"program"),
        (b'{"program":"\\ud800","message":"\\x job"}', r"a\.log:1: not understood"),
        (b'{"a":' * 9000, r"a\.log:1: not understood"),
        (b"", r"a\.log: is empty; expected a mail log"),
        (b"\x7fELF\x02\0\0\0", r"a\.log: is a binary file; expected a mail log"),
    ],
)
def test_what_is_no_log_is_refused_with_its_first_line(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        detect(data, "a.log")


def test_an_unknown_format_lists_those_there_are() -> None:
    with pytest.raises(
        InputError, match=r"unknown format 'sendmail', expected one of exim, kumomta, postfix, powermta"
    ):
        detect(b"x\n", "a.log", "sendmail")
