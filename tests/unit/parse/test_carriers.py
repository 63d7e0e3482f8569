from __future__ import annotations

import json
from datetime import datetime

import pytest

from logbounce.parse import carriers, detect
from tests.unit.parse.reading import events, of_kind

TEXT = (
    '4F1B2C: to=<ann@dom.example>, relay=none, delay=1, delays=1/0/0/0, dsn=4.4.1, status=deferred (said: a "b" \\ é)'
)
TAG = "postfix-ip1/smtp"
STAMP = "Nov 20 10:00:00"
PLAIN = f"{STAMP} MX1 {TAG}[7]: {TEXT}"
# The same second in each
EPOCH = "1795168800000000"
SECONDS = 1795168800
JOURNAL = {"_HOSTNAME": "MX1", "SYSLOG_IDENTIFIER": TAG, "__REALTIME_TIMESTAMP": EPOCH}

CARRIED = {
    "rfc3164": [PLAIN, f"<22>{PLAIN}", f"{PLAIN}\r", f"\ufeff{PLAIN}", PLAIN.replace("[7]", "")],
    "iso8601": [
        f"2026-11-20T10:00:00Z MX1 {TAG}[7]: {TEXT}",
        f"2026-11-20T10:00:00.000000+00:00 MX1 {TAG}[7]: {TEXT}",
        f"2026-11-20T11:00:00+0100 MX1 {TAG}[7]: {TEXT}",
        f"2026-11-20T06:30:00-03:30 MX1 {TAG}[7]: {TEXT}",
        f"2026-11-20T10:00:00 MX1 {TAG}[7]: {TEXT}",
    ],
    "rfc5424": [
        f"<22>1 2026-11-20T11:00:00.000+01:00 MX1 {TAG} 7 - - {TEXT}",
        f"<22>1 2026-11-20T10:00:00Z MX1 {TAG} - - - \ufeff{TEXT}",
        f"<22>1 2026-11-20T10:00:00Z MX1 {TAG} 7 - -  {TEXT}",
        rf'<22>1 2026-11-20T10:00:00Z MX1 {TAG} 7 - [a@1 b="c]\" d" e="\\"][f g="h"] {TEXT}',
    ],
    "journald_json": [
        json.dumps(JOURNAL | {"MESSAGE": TEXT}),
        json.dumps(JOURNAL | {"MESSAGE": list(TEXT.encode())}),
        json.dumps({"_HOSTNAME": "mx1", "_COMM": TAG, "__REALTIME_TIMESTAMP": EPOCH, "MESSAGE": TEXT}),
    ],
    "docker_json": [
        json.dumps({"log": f"{PLAIN}\n", "stream": "stdout", "time": "2026-11-20T10:00:01Z"}),
        json.dumps({"log": f"{PLAIN}\r\n", "time": "2026-11-20T10:00:01Z"}).replace("<", "\\u003c"),
        json.dumps({"date": SECONDS + 1.5, "time": "2026-11-20T10:00:01Z", "_p": "F", "log": PLAIN, "kubernetes": {}}),
        json.dumps({"container_name": "/mail", "source": "stdout", "log": PLAIN}),
    ],
    "fields_json": [
        # syslog-ng, by its scopes
        json.dumps(
            {"PROGRAM": TAG, "PID": "7", "MESSAGE": TEXT, "ISODATE": "2026-11-20T11:00:00+01:00", "HOST": "MX1"}
        ),
        json.dumps({"PROGRAM": TAG, "PRIORITY": "info", "MESSAGE": TEXT, "HOST": "MX1", "DATE": STAMP}),
        json.dumps({"PROGRAM": TAG, "SOURCE": "s", "MESSAGE": TEXT, "HOST": "MX1", "DATE": "2026-11-20T10:00:00.000Z"}),
        # rsyslog: whole, by templates, as Debian's tutorials have it
        json.dumps(
            {
                "msg": f" {TEXT}",
                "rawmsg": f"<22>{STAMP} {TAG}[7]: {TEXT}",
                "hostname": "MX1",
                "fromhost": "relay",
                "timereported": "2026-11-20T11:00:00.000+01:00",
                "timegenerated": "2026-11-20T11:00:09.000+01:00",
                "programname": "postfix-ip1",
                "syslogtag": f"{TAG}[7]:",
                "app-name": "postfix-ip1",
                "msgid": "-",
            }
        ),
        json.dumps(
            {"timestamp": "2026-11-20T10:00:00+00:00", "host": "MX1", "tag": f"{TAG}:", "msg": f" {TEXT}"}
        ).replace("/", "\\/"),
        json.dumps(
            {"@timestamp": "2026-11-20T10:00:00Z", "message": f" {TEXT}", "sysloghost": "MX1", "programname": TAG}
        ),
        json.dumps(
            {"timereported": "2026-11-20T10:00:00Z", "hostname": "-", "fromhost": "MX1", "app-name": TAG, "msg": TEXT}
        ),
        # Logstash
        json.dumps(
            {
                "@timestamp": "2026-11-20T12:34:56.789Z",
                "host": {"name": "shipper"},
                "logsource": "MX1",
                "timestamp": STAMP,
                "program": TAG,
                "pid": "7",
                "message": TEXT,
                "type": "syslog",
            }
        ),
        # Fluentd, Fluent Bit
        json.dumps({"time": "2026-11-20 11:00:00 +0100", "host": "MX1", "ident": TAG, "pid": "7", "message": TEXT}),
        json.dumps({"date": SECONDS - 3600.25, "time": STAMP, "host": "MX1", "ident": TAG, "message": TEXT}),
        json.dumps({"date": float(SECONDS), "_HOSTNAME": "MX1", "SYSLOG_IDENTIFIER": TAG, "MESSAGE": TEXT}),
        json.dumps({"date": SECONDS * 1000, "host": "MX1", "tag": "mail.info", "ident": TAG, "message": TEXT}),
        # Vector
        json.dumps(
            {"appname": TAG, "host": "MX1", "hostname": "MX1", "message": TEXT, "timestamp": "2026-11-20T10:00:00Z"}
        ),
        json.dumps(
            {"syslog_identifier": TAG, "host": "MX1", "message": TEXT, "timestamp": "2026-11-20T10:00:00.000000001Z"}
        ),
        # GELF
        json.dumps(
            {"version": "1.1", "host": "MX1", "short_message": TEXT, "timestamp": SECONDS, "_application_name": TAG}
        ),
        json.dumps({"host": "MX1", "short_message": TEXT, "_application_name": TAG}).replace(
            "}", ', "timestamp": 1.7951688000E9}'
        ),
        # Loki
        json.dumps(
            {"labels": {"app": TAG, "host": "MX1"}, "line": TEXT, "timestamp": "2026-11-20T10:00:00.000Z"}
        ).replace("<", "\\u003c"),
        # Azure Monitor
        json.dumps(
            {
                "TimeGenerated": "2026-11-20T10:00:07.1234567Z",
                "EventTime": "2026-11-20T10:00:00Z",
                "Type": "Syslog",
                "Computer": "collector",
                "HostName": "MX1",
                "SyslogMessage": TEXT,
                "ProcessName": TAG,
                "ProcessID": 7,
            }
        ),
        json.dumps(
            {"TimeGenerated": "2026-11-20T10:00:00Z", "Computer": "MX1", "SyslogMessage": TEXT, "ProcessName": TAG}
        ),
        # Elasticsearch
        json.dumps(
            {
                "_index": "logs",
                "_id": "1",
                "fields": {"x": 1},
                "_source": {
                    "@timestamp": "2026-11-20T10:00:00.000Z",
                    "process": {"pid": 7, "name": TAG},
                    "message": TEXT,
                    "host": {"hostname": "MX1", "name": "agent"},
                    "log": {"offset": 7},
                },
            }
        ),
        json.dumps({"@timestamp": "2026-11-20T10:00:00Z", "process.name": TAG, "host.name": "MX1", "message": TEXT}),
        json.dumps(
            {
                "@timestamp": "2026-11-20T10:00:00Z",
                "message": TEXT,
                "host": {"name": "agent"},
                "log": {"syslog": {"appname": TAG, "hostname": "MX1"}},
            }
        ),
    ],
    "docker_logs": [
        f"mail_1  | {PLAIN}",
        f"mail-1  | 2026-11-20T10:00:01.123456789Z {PLAIN}",
        f"2026-11-20T10:00:01.123456789Z {PLAIN}",
        f"2026-11-20T10:00:01.123456789Z 2026-11-20T11:00:00+01:00 MX1 {TAG}[7]: {TEXT}",
        f"2026-11-20T10:00:01.123Z {PLAIN}",
        f"[pod/mail-0/postfix] {PLAIN}",
        f"[pod/mail-0/postfix] 2026-11-20T10:00:01.12Z {PLAIN}",
        f"\x1b[33mmail-1  | \x1b[0m{PLAIN}",
        f"\x1b[36mmail_1  |\x1b[0m {PLAIN}",
        f"mail_postfix.1.k3j2h1g0@node1    | {PLAIN}",
        f"2026-11-20T11:00:01.123456789+01:00 {PLAIN}",
        f"2026-11-20T11:00:01,123456789+01:00 {PLAIN}",
        f'2026-11-20T11:00:01+01:00 {{filename="/var/log/mail.log", job="mail"}} {PLAIN}',
    ],
    "grep": [
        f"/var/log/mail.log.1:{PLAIN}",
        f"mail.log:88123:{PLAIN}",
        f"(standard input):{PLAIN}",
        f"mail.log:<22>{PLAIN}",
        f"mail.log:2026-11-20T11:00:00+01:00 MX1 {TAG}[7]: {TEXT}",
        "mail.json:" + json.dumps(JOURNAL | {"MESSAGE": TEXT}),
        f"mx1: {PLAIN}",
        f"     1\t{PLAIN}",
    ],
    "shipped_json": [
        json.dumps({"@timestamp": "2026-11-20T10:00:01Z", "log": {"offset": 1}, "message": PLAIN}),
        json.dumps({"message": f"<22>{PLAIN}", "host": "mx1"}),
        json.dumps({"message": f"2026-11-20T11:00:00+01:00 MX1 {TAG}[7]: {TEXT}"}),
        json.dumps({"message": f"<22>1 2026-11-20T11:00:00+01:00 MX1 {TAG} 7 - - {TEXT}", "host": {"name": "shipper"}}),
        json.dumps({"labels": {"job": "mail"}, "line": f"<22>{PLAIN}\n", "timestamp": "2026-11-20T10:00:01Z"})
        .replace("<", "\\u003c")
        .replace(">", "\\u003e"),
        json.dumps({"_raw": PLAIN, "_time": "2026-11-20T10:00:01.000+00:00", "host": "shipper"}),
        json.dumps({"preview": False, "result": {"_time": "2026-11-20 10:00:01 UTC", "host": "MX1", "_raw": PLAIN}}),
        json.dumps({"insertId": "1", "textPayload": PLAIN, "timestamp": "2026-11-20T10:00:01.1Z"}),
        json.dumps({"jsonPayload": {"message": PLAIN}, "timestamp": "2026-11-20T10:00:01.1Z"}),
        json.dumps({"msg": PLAIN, "level": "info"}),
        json.dumps({"_index": "logs", "_source": {"@timestamp": "2026-11-20T10:00:01Z", "message": PLAIN}}),
        json.dumps({"_source": {"message": "cut off", "line": PLAIN}}),
    ],
    "kubernetes_cri": [
        f"2026-11-20T10:00:01.123456789Z stdout F {PLAIN}",
        f"2026-11-20T11:00:01.123456789+01:00 stderr F {PLAIN}",
    ],
    "syslog_other": [
        f"2026 {PLAIN}",
        f"<22>Nov 20 2026 10:00:00.000 MX1 {TAG}[7]: {TEXT}",
        PLAIN.replace(STAMP, f"{STAMP}.000000"),
        PLAIN.replace(STAMP, f"{STAMP},000"),
        PLAIN.replace(STAMP, "2026-11-20 10:00:00"),
        PLAIN.replace(STAMP, "2026-11-20 11:00:00.000 +0100"),
        PLAIN.replace(STAMP, "2026-11-20T10:00:00,000Z"),
        PLAIN.replace(STAMP, "2026-11-20T11:00:00+01"),
        PLAIN.replace(STAMP, "<22>2026-11-20T10:00:00.000+00:00"),
        PLAIN.replace(STAMP, "Fri 2026-11-20 10:00:00 UTC"),
        PLAIN.replace(STAMP, "Fri 2026-11-20 11:00:00.000000 +01"),
        PLAIN.replace(STAMP, "1795168800.000000"),
        f"Fri {PLAIN}".replace(STAMP, f"{STAMP} 2026"),
        PLAIN.replace("Nov ", "nov. "),
        PLAIN.replace(" MX1 ", " MX1 mail.info "),
        PLAIN.replace(" MX1 ", " MX1 mail:info "),
        PLAIN.replace(" MX1 ", " <local2.notice> MX1 "),
        PLAIN.replace("]: ", "]: [ID 197553 mail.info] "),
        PLAIN.replace("]: ", "]:  "),
        PLAIN.replace(" MX1 ", "\tMX1\t").replace("]: ", "]:\t"),
    ],
}
# Asked last, and reads what those before it read as well
LAST = "syslog_other"


@pytest.mark.parametrize("line", [line for lines in CARRIED.values() for line in lines])
def test_each_carrier_gives_the_same_attempt(line: str) -> None:
    (event,) = events(line, mta="postfix")
    assert {name: event[name] for name in ("kind", "host", "instance", "queue_id", "recipient", "response")} == {
        "kind": "attempt",
        "host": "mx1",
        "instance": "postfix-ip1",
        "queue_id": "4F1B2C",
        "recipient": "ann@dom.example",
        "response": 'said: a "b" \\ é',
    }
    assert str(event["event_time"]) == "2026-11-20 10:00:00"


@pytest.mark.parametrize(("name", "line"), [(name, line) for name, lines in CARRIED.items() for line in lines])
def test_each_carrier_is_told_by_its_first_lines(name: str, line: str) -> None:
    found = detect(line.encode(), "a.log", "postfix")
    assert name in {found.carrier, *found.wrappers}


@pytest.mark.parametrize(
    "outer", ["Nov 20 10:00:01 docker1 5f2e1c0b9a87[812]:", "2026-11-20T11:00:01+01:00 docker1 docker/mail[812]:"]
)
def test_a_syslog_line_in_another_is_the_inner_one(outer: str) -> None:
    assert detect(f"{outer} {PLAIN}".encode(), "a.log", "postfix").wrappers == ("docker_logs",)
    assert events(f"{outer} {PLAIN}", mta="postfix")[0]["host"] == "mx1"


def test_the_carrier_that_reads_most_is_asked_last() -> None:
    assert list(carriers())[-1] == LAST


@pytest.mark.parametrize("name", sorted(CARRIED.keys() - {LAST}))
def test_no_carrier_is_told_by_the_lines_of_another(name: str) -> None:
    others = [line for other, lines in CARRIED.items() if other != name for line in lines]
    assert [line for line in others if carriers()[name].detect.search(line)] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("rfc3164", "2026-11-20 10:00:00 1wAbCd-0000aB-1c Completed"),
        ("rfc3164", "Nov 20 2026 10:00:00 mx1 postfix/smtp[7]: x"),
        ("iso8601", "2026-11-20 10:00:00 mx1 postfix/smtp[7]: x"),
        ("iso8601", "2026-11-20T10:00:00Z [info] a program: x"),
        ("rfc3164", f"{STAMP} {TAG}[7]: x"),
        ("rfc3164", f"{STAMP} mx1 mail.info {TAG}[7]: x"),
        ("rfc3164", f"{STAMP} [{TAG}] x: y"),
        ("syslog_other", "2026-11-20 10:00:00 1wAbCd-0000aB-1c ann@dom.example: error ignored"),
        ("syslog_other", "2026-11-20 10:00:00 SIGHUP received: re-exec daemon"),
        ("docker_logs", "two words | x"),
        ("docker_logs", f"2026-11-20T10:00:00.123456789Z mx1 {TAG}[7]: x"),
        ("docker_logs", f"{STAMP} mx1 exim[7]: 2026-11-20 10:00:00 1wAbCd-0000aB-1c Completed"),
        ("docker_logs", f"{STAMP} mx1 cron[7]: {STAMP} was when it began"),
        ("grep", f"{STAMP} mx1 {TAG}[7]: a:{PLAIN}"),
        ("grep", "2026-11-20T10:00:00Z mx1 x: y"),
        ("grep", "a.log:to=<ann@dom.example>"),
        ("grep", "mx1:  two blanks"),
        ("grep", "1\tof 2"),
        ("shipped_json", '{"message":"to=<ann@dom.example>"}'),
        ("shipped_json", '{"type":"Delivery","response":{"content":"message"}}'),
        ("shipped_json", '{"message":" Nov 20 10:00:00 mx1 x"}'),
        ("shipped_json", '{"rawmsg":"Nov 20 10:00:00 mx1 x: y"}'),
        ("shipped_json", '{"program":"exim","message":"2026-11-20 10:00:00 1wAbCd-0000aB-1c Completed"}'),
        ("shipped_json", '{"message":"2026-11-20 10:00:00 1wAbCd-0000aB-1c Completed","syslogtag":"exim4[7]:"}'),
        ("fields_json", '{"message":"to=<ann@dom.example>","host":"mx1"}'),
        ("fields_json", '{"program":"postfix/smtp","host":"mx1"}'),
        ("fields_json", '{"program":"-","message":"to=<ann@dom.example>"}'),
        ("fields_json", '{"program":{"name":"x"},"message":"to=<ann@dom.example>"}'),
        ("fields_json", '{"process":{"pid":7},"host":{"name":"mx1"},"message":"x"}'),
        ("fields_json", r'{"message":"a \"program\":\"postfix/smtp\" in it"}'),
        ("fields_json", '{"type":"Bounce","id":"1","meta":{"tag":"news","message":"x"}}'),
        ("fields_json", '{"__REALTIME_TIMESTAMP":"1","MESSAGE":"x","syslog_identifier":"postfix/smtp"}'),
        ("fields_json", 'a.log:{"program":"postfix/smtp","message":"x"}'),
        ("docker_json", '{"log":{"offset":1},"time":"2026-11-20T10:00:00Z"}'),
        ("docker_json", '{"log":"x"}'),
        ("rfc5424", "<22>2 2026-11-20T10:00:00Z mx1 postfix/smtp 7 - - x"),
        ("rfc5424", f"<22>{PLAIN}"),
        ("journald_json", '{"type":"Delivery","id":"1"}'),
        ("docker_json", '{"type":"Delivery","log":1}'),
        ("kubernetes_cri", "2026-11-20T10:00:01.123Z stdout X x"),
        ("kubernetes_cri", "2026-11-20T10:00:01Z mx1 F x"),
    ],
)
def test_what_is_no_line_of_a_carrier(name: str, line: str) -> None:
    assert not carriers()[name].detect.search(line)


@pytest.mark.parametrize(
    ("line", "host", "instance"),
    [
        (f"{STAMP} {TAG}[7]: {TEXT}", "", "postfix-ip1"),
        (f"{STAMP} {TAG}: {TEXT}", "", "postfix-ip1"),
        (f"{STAMP} [{TAG}] {TEXT}", "", "postfix-ip1"),
        (f"Fri {STAMP} 2026 mail.info {TAG}[7]: {TEXT}", "", "postfix-ip1"),
        (f"2026-11-20T10:00:00Z {TAG}[7]: {TEXT}", "", "postfix-ip1"),
        (f"{STAMP} [192.0.2.7] {TAG}[7]: {TEXT}", "[192.0.2.7]", "postfix-ip1"),
        (f"{STAMP} 2001:db8::7 {TAG}[7]: {TEXT}", "2001:db8::7", "postfix-ip1"),
        (f"Fri 2026-11-20 10:00:00 UTC MX1 postfix@-.service[7]: {TEXT}", "mx1", None),
    ],
)
def test_a_program_is_no_host(line: str, host: str, instance: str | None) -> None:
    (event,) = events(line)
    assert (event["kind"], event["host"], event.get("instance")) == ("attempt", host, instance)
    assert str(event["event_time"]) == "2026-11-20 10:00:00"


@pytest.mark.parametrize("line", [f"{STAMP} last message repeated 2 times", "2026 Nov 20 10:00:00 mx1 -- MARK --"])
def test_a_line_without_a_program_is_not_told(line: str) -> None:
    assert events(line, mta="postfix") == []


@pytest.mark.parametrize("stamp", ["2026 Feb 30 10:00:00", "Nov 20 25:00:00.5", "Nov 31 10:00:00.5"])
def test_a_time_that_there_is_not_in_another_stamp(stamp: str) -> None:
    assert {event["kind"] for event in events(PLAIN.replace(STAMP, stamp), mta="postfix")} == {"unparsed"}


@pytest.mark.parametrize(
    ("month", "number"),
    [
        *zip(
            ("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov."),
            range(1, 12),
            strict=True,
        ),
        *(("Mär", 3), ("Mai", 5), ("Okt", 10), ("gen", 1), ("ene", 1), ("mag", 5), ("giu", 6), ("lug", 7), ("ott", 10)),
        *(("fev", 2), ("abr", 4), ("ago", 8), ("set", 9), ("out", 10), ("mrt", 3), ("mei", 5), ("maj", 5), ("mrz", 3)),
    ],
)
def test_a_month_in_another_language(month: str, number: int) -> None:
    (event,) = events(PLAIN.replace("Nov", month), mta="postfix")
    assert str(event["event_time"]) == f"2026-{number:02}-20 10:00:00"


@pytest.mark.parametrize("month", ["déc.", "Dez", "dic", "des"])
def test_december_was_last_year(month: str) -> None:
    (event,) = events(PLAIN.replace("Nov", month), mta="postfix")
    assert str(event["event_time"]) == "2025-12-20 10:00:00"


@pytest.mark.parametrize("month", ["Foo", "decembre", "no"])
def test_what_is_no_month(month: str) -> None:
    assert {event["kind"] for event in events(PLAIN.replace("Nov", month), mta="postfix")} == {"unparsed"}


def test_without_a_carrier_the_parser_reads_the_stamp() -> None:
    line = "2026-11-20 10:00:00 1wAbCd-0000aB-1c Completed"
    assert detect(line.encode(), "a.log").carrier == "bare"
    (event,) = events(line)
    assert str(event["event_time"]) == "2026-11-20 10:00:00"


def test_a_journal_message_that_is_not_utf_8() -> None:
    broken = list(TEXT.encode("latin-1").replace(b"said", b"\x00said"))
    (event,) = events(json.dumps(JOURNAL | {"MESSAGE": broken}), mta="postfix")
    assert event["response"] == '\\x00said: a "b" \\ \\xe9'


@pytest.mark.parametrize("name", ["journald_json", "docker_json", "fields_json", "shipped_json"])
def test_a_line_of_json_that_is_cut_short_is_told(name: str) -> None:
    whole = CARRIED[name][0]
    found = events(whole, whole[:-30], mta="postfix")
    assert [event["kind"] for event in found] == ["attempt", "unparsed"]
    assert found[1]["line"] == whole[:-30]


FIELDS = {"program": TAG, "message": TEXT, "host": "mx1"}


@pytest.mark.parametrize(
    ("stamps", "time"),
    [
        ({"timestamp": "2026-11-20T11:00:00+0100"}, "10:00:00"),
        ({"timestamp": "2026-11-20 11:00:00 +01:00"}, "10:00:00"),
        ({"timestamp": "2026-11-20 07:00:00 -0300"}, "10:00:00"),
        ({"timestamp": "2026-11-20T11:00:00"}, "10:00:00"),
        ({"timestamp": "2026-11-20 11:00:00.25"}, "10:00:00.250000"),
        ({"timestamp": "Nov 20 11:00:00.5"}, "10:00:00.500000"),
        ({"timestamp": f"{SECONDS}"}, "10:00:00"),
        ({"timestamp": SECONDS + 0.125}, "10:00:00.125000"),
        ({"timestamp": SECONDS * 1000 + 125}, "10:00:00.125000"),
        ({"timestamp": SECONDS * 1000000}, "10:00:00"),
        ({"timestamp": "2026-11-20T10:00:00.1234567Z"}, "10:00:00.123456"),
        # with a zone before without
        ({"time": "Nov 20 11:00:03", "timestamp": "2026-11-20T10:00:00Z"}, "10:00:00"),
        ({"DATE": "Nov 20 11:00:03", "ISODATE": "2026-11-20T11:00:00+01:00"}, "10:00:00"),
        ({"timestamp": "Nov 20 11:00:03", "time": SECONDS}, "10:00:00"),
        # the line's before the shipper's
        ({"@timestamp": "2026-11-20T12:00:00Z", "timestamp": "Nov 20 11:00:00"}, "10:00:00"),
        ({"date": SECONDS + 3600.5, "time": "Nov 20 11:00:00"}, "10:00:00"),
        ({"TimeGenerated": "2026-11-20T12:00:00Z", "EventTime": "2026-11-20T10:00:00Z"}, "10:00:00"),
        # what is no stamp is passed over
        ({"timestamp": "soon", "date": SECONDS}, "10:00:00"),
        ({"timestamp": {"seconds": 1}, "time": "-", "@timestamp": "2026-11-20T10:00:00Z"}, "10:00:00"),
        ({"timestamp": 7, "date": SECONDS}, "10:00:00"),
    ],
)
def test_the_time_among_fields(stamps: dict[str, object], time: str) -> None:
    (event,) = events(json.dumps(FIELDS | stamps), mta="postfix", zone="Europe/Berlin")
    assert (event["kind"], str(event["event_time"])) == ("attempt", f"2026-11-20 {time}")


@pytest.mark.parametrize(
    "stamp",
    ["2026-02-30T10:00:00Z", "Nov 31 10:00:00", "Nov 20 25:00:00", "9.9E300", "99999999999999999", None, [1], ""],
)
def test_fields_without_a_time(stamp: object) -> None:
    found = events(json.dumps(FIELDS | {"timestamp": stamp}), mta="postfix")
    assert [event["kind"] for event in found] == ["unparsed"]


def test_an_hour_that_came_twice_among_fields() -> None:
    stamps = ["Oct 25 02:50:00", "Oct 25 02:05:00", "Oct 25 03:00:00"]
    found = events(*(json.dumps(FIELDS | {"DATE": stamp}) for stamp in stamps), mta="postfix", zone="Europe/Berlin")
    assert [str(event["event_time"])[11:] for event in found] == ["00:50:00", "01:05:00", "02:00:00"]


@pytest.mark.parametrize(
    ("hosts", "host"),
    [
        ({"host": "MX1.dom.example"}, "mx1.dom.example"),
        ({"host": "shipper", "logsource": "mx1"}, "mx1"),
        ({"host": {"name": "agent", "hostname": "mx1"}}, "mx1"),
        ({"host": {"name": "mx1", "ip": ["192.0.2.1"]}}, "mx1"),
        ({"host": {"ip": ["192.0.2.1"]}}, ""),
        ({"host": {"ip": ["192.0.2.1"]}, "fromhost": "mx1"}, "mx1"),
        ({"host": None, "labels": {"host": "mx1"}}, "mx1"),
        ({"HOST": "", "hostname": "-", "Computer": "mx1"}, "mx1"),
        ({"host": None}, ""),
    ],
)
def test_the_host_among_fields(hosts: dict[str, object], host: str) -> None:
    (event,) = events(json.dumps(FIELDS | {"timestamp": SECONDS} | hosts), mta="postfix")
    assert event["host"] == host


@pytest.mark.parametrize(
    "programs",
    [
        {"programname": "postfix-ip1", "tag": f"{TAG}[7]:"},
        {"appname": "postfix-ip1", "syslogtag": f"{TAG}:"},
        {"program": "-", "ident": TAG},
        {"tag": "mail.info", "ident": TAG},
        {"process": {"pid": 7}, "labels": {"app": TAG}},
    ],
)
def test_the_program_among_fields(programs: dict[str, object]) -> None:
    fields = {"message": TEXT, "timestamp": SECONDS} | programs
    (event,) = events(json.dumps(fields), mta="postfix")
    assert event["instance"] == "postfix-ip1"


@pytest.mark.parametrize("stamp", ["", "2026-11-20 10:00:00 ", " 2026-11-20 10:00:00 "])
def test_exim_among_fields(stamp: str) -> None:
    text = f"{stamp}1wAbCd-0000aB-1c => ann@dom.example R=dnslookup T=smtp H=mx.dom.example [192.0.2.7]"
    (event,) = events(json.dumps({"program": "exim", "message": text, "host": "mx1", "timestamp": SECONDS}))
    assert (event["host"], event["queue_id"], event["outcome"]) == ("mx1", "1wAbCd-0000aB-1c", "delivered")
    assert str(event["event_time"]) == "2026-11-20 10:00:00"


@pytest.mark.parametrize(("times", "kept"), [("3", 3), ("1000000", 1000)])
def test_repeated_messages_count(times: str, kept: int) -> None:
    (event,) = events(f"{STAMP} mx1 {TAG}[7]: message repeated {times} times: [ {TEXT}]", mta="postfix")
    assert (event["repeats"], event["recipient"]) == (kept, "ann@dom.example")


def test_a_message_that_only_speaks_of_repeating() -> None:
    line = PLAIN.replace("said", "message repeated 7 times: [ no]")
    (event,) = events(line, mta="postfix")
    assert event["repeats"] == 1


@pytest.mark.parametrize(
    ("stamp", "latest", "time"),
    [
        ("Nov 20 10:00:00", "2026-12-01", "2026-11-20 10:00:00"),
        ("Dec 31 23:59:59", "2026-01-01", "2025-12-31 23:59:59"),
        ("Jan  1 00:00:01", "2026-01-01 00:00:01", "2026-01-01 00:00:01"),
        ("Jan  1 00:30:00", "2025-12-31 23:59:59", "2026-01-01 00:30:00"),  # a clock a little ahead
        ("Jan 05 00:30:00", "2025-12-31 23:59:59", "2025-01-05 00:30:00"),
        ("Feb 29 10:00:00", "2028-03-01", "2028-02-29 10:00:00"),
        ("Feb 29 10:00:00", "2028-02-20", "2024-02-29 10:00:00"),
        ("Feb 29 10:00:00", "2027-03-01", "2024-02-29 10:00:00"),
        ("Feb 29 10:00:00", "2103-03-01", "2096-02-29 10:00:00"),  # 2100 has none
    ],
)
def test_the_year_that_a_stamp_does_not_name(stamp: str, latest: str, time: str) -> None:
    (event,) = events(PLAIN.replace(STAMP, stamp), mta="postfix", latest=datetime.fromisoformat(latest))
    assert str(event["event_time"]) == time


@pytest.mark.parametrize("stamp", ["Feb 30 10:00:00", "Nov 31 10:00:00", "Nov 20 25:00:00"])
def test_a_time_that_there_is_not(stamp: str) -> None:
    assert {event["kind"] for event in events(PLAIN.replace(STAMP, stamp), mta="postfix")} == {"unparsed"}


@pytest.mark.parametrize(
    ("stamp", "time"),
    [
        ("Jul 20 10:00:00", "2026-07-20 08:00:00"),
        ("Nov 20 10:00:00", "2026-11-20 09:00:00"),
        ("Mar 29 01:59:59", "2026-03-29 00:59:59"),
        ("Mar 29 03:00:00", "2026-03-29 01:00:00"),
        ("Oct 25 01:59:59", "2026-10-24 23:59:59"),
        ("Oct 25 03:00:00", "2026-10-25 02:00:00"),
    ],
)
def test_a_stamp_without_zone_is_in_that_of_the_source(stamp: str, time: str) -> None:
    (event,) = events(PLAIN.replace(STAMP, stamp), mta="postfix", zone="Europe/Berlin")
    assert str(event["event_time"]) == time


def test_an_hour_that_came_twice() -> None:
    stamps = ["Oct 25 02:10:00", "Oct 25 02:50:00", "Oct 25 02:05:00", "Oct 25 02:40:00", "Oct 25 03:00:00"]
    found = events(*(PLAIN.replace(STAMP, stamp) for stamp in stamps), mta="postfix", zone="Europe/Berlin")
    times = [str(event["event_time"]) for event in of_kind("attempt", found)]
    assert times == [f"2026-10-25 {time}:00" for time in ("00:10", "00:50", "01:05", "01:40", "02:00")]


@pytest.mark.parametrize("styles", [("rfc3164", "iso8601"), ("iso8601", "rfc3164")])
def test_a_log_may_go_on_in_another_style(styles: tuple[str, str]) -> None:
    found = events("\n".join([CARRIED[styles[0]][0]] * 3 + [CARRIED[styles[1]][1]]), mta="postfix")
    assert [(event["kind"], event["host"], str(event["event_time"])) for event in found] == [
        ("attempt", "mx1", "2026-11-20 10:00:00")
    ] * 4


@pytest.mark.parametrize(
    "mark",
    [
        "-- Logs begin at Mon 2026-11-02 08:11:02 CET, end at Fri 2026-11-20 10:05:00 CET. --",
        "-- Boot 7c0f1f0a6f3b4e0fa2d5b6a0a0f0c1d2 --",
        "==> /var/log/mail.log <==",
        "--",
    ],
)
def test_what_stands_between_lines_is_none(mark: str) -> None:
    assert [event["kind"] for event in events(f"{PLAIN}\n{mark}\n{PLAIN}")] == ["attempt"] * 2
    assert [event["kind"] for event in events(f"{PLAIN}\n{mark} x")] == ["attempt", "unparsed"]
