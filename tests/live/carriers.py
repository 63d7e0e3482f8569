"""Brings one Postfix log in every carrier: what syslog daemons, containers and log shippers make of a line."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

# Postfix's own maillog_file has RFC 3164's form.
LINE = re.compile(
    r"(?P<stamp>\w{3} [ \d]\d \d\d:\d\d:\d\d) (?P<host>\S+) (?P<tag>[^\[ ]+)\[(?P<pid>\d+)\]: (?P<text>.*)"
)


@dataclass(frozen=True)
class Line:
    """One logged line, apart from how it travels."""

    time: dt.datetime  # UTC, to the second
    host: str
    tag: str
    pid: str
    text: str

    @property
    def program(self) -> str:
        """The program's name and process, as syslog writes them."""
        return f"{self.tag}[{self.pid}]"


def read(log: str, year: int) -> list[Line]:
    """Take a maillog_file apart; its stamps are in UTC here."""
    found = [LINE.fullmatch(line) for line in log.splitlines()]
    assert all(found), "each line of the real log has the form that Postfix documents"
    return [
        Line(
            dt.datetime.strptime(f"{year} {match['stamp']}", "%Y %b %d %H:%M:%S").replace(tzinfo=dt.UTC),
            *match.group("host", "tag", "pid", "text"),
        )
        for match in found
        if match
    ]


def _bsd_stamp(line: Line) -> str:
    return f"{line.time:%b} {line.time.day:2} {line.time:%H:%M:%S}"


def rfc3164(line: Line) -> str:
    return f"{_bsd_stamp(line)} {line.host} {line.program}: {line.text}"


def rfc3164_with_priority(line: Line) -> str:
    return f"<22>{rfc3164(line)}"


def rfc3339(line: Line) -> str:
    """As rsyslog writes it by default since Debian 12, here in a zone that is not UTC."""
    zone = dt.timezone(dt.timedelta(hours=1))
    return f"{line.time.astimezone(zone):%Y-%m-%dT%H:%M:%S}.123456+01:00 {line.host} {line.program}: {line.text}"


def rfc5424(line: Line) -> str:
    return f"<22>1 {line.time:%Y-%m-%dT%H:%M:%S}.123456Z {line.host} {line.tag} {line.pid} - - {line.text}"


def journalctl_short_iso(line: Line) -> str:
    return f"{line.time:%Y-%m-%dT%H:%M:%S}+0000 {line.host} {line.program}: {line.text}"


def journalctl_short_iso_precise(line: Line) -> str:
    return f"{line.time:%Y-%m-%dT%H:%M:%S}.654321+0000 {line.host} {line.program}: {line.text}"


def _journal_entry(line: Line, message: str | list[int]) -> str:
    entry = {
        "__CURSOR": "s=1;i=1",
        "__REALTIME_TIMESTAMP": f"{int(line.time.timestamp())}123456",
        "_HOSTNAME": line.host,
        "SYSLOG_IDENTIFIER": line.tag,
        "SYSLOG_PID": line.pid,
        "SYSLOG_FACILITY": "2",
        "PRIORITY": "6",
        "MESSAGE": message,
    }
    return json.dumps(entry, separators=(",", ":"))


def journald_json(line: Line) -> str:
    """As `journalctl -o json`, which writes a message that is not plain ASCII text as an array of bytes."""
    return _journal_entry(line, line.text if line.text.isascii() else list(line.text.encode()))


def journald_json_bytes(line: Line) -> str:
    """As arrays of bytes also where journald needs none: half of all lines."""
    return _journal_entry(line, list(line.text.encode()) if int(line.pid) % 2 else line.text)


def docker_json(line: Line) -> str:
    entry = {"log": rfc3164(line) + "\n", "stream": "stdout", "time": f"{line.time:%Y-%m-%dT%H:%M:%S}.123456789Z"}
    return json.dumps(entry, separators=(",", ":"))


def logcli_jsonl(line: Line) -> str:
    """As Loki's client writes a whole line, in Go's JSON."""
    entry = {"labels": {"job": "mail"}, "line": rfc3164(line), "timestamp": f"{line.time:%Y-%m-%dT%H:%M:%S}.123456789Z"}
    return json.dumps(entry, separators=(",", ":")).replace("<", "\\u003c").replace(">", "\\u003e")


def syslog_ng_json(line: Line) -> str:
    """As $(format-json --scope rfc3164) writes it: no year, no zone."""
    return json.dumps(
        {"PROGRAM": line.tag, "PID": line.pid, "MESSAGE": line.text, "HOST": line.host, "DATE": _bsd_stamp(line)}
    )


def rsyslog_json(line: Line) -> str:
    """As its jsonf templates write it: the blank after the tag is the message's, a slash is escaped."""
    entry = {"timestamp": f"{line.time:%Y-%m-%dT%H:%M:%S}.123456+00:00", "host": line.host, "tag": f"{line.program}:"}
    return json.dumps(entry | {"msg": f" {line.text}"}, separators=(",", ":")).replace("/", "\\/")


def logstash_json(line: Line) -> str:
    """As the SYSLOGLINE pattern takes a line apart, an hour after it was written."""
    read = line.time + dt.timedelta(hours=1)
    entry = {"@timestamp": f"{read:%Y-%m-%dT%H:%M:%S}.123Z", "host": "shipper", "logsource": line.host}
    return json.dumps(entry | {"program": line.tag, "timestamp": _bsd_stamp(line), "message": line.text})


def elasticsearch_json(line: Line) -> str:
    """As Filebeat's system module indexes a line and elasticdump hands it out."""
    source = {
        "@timestamp": f"{line.time:%Y-%m-%dT%H:%M:%S}.000Z",
        "process": {"name": line.tag, "pid": int(line.pid)},
        "host": {"hostname": line.host, "name": "shipper"},
        "message": line.text,
    }
    return json.dumps({"_index": "logs", "_source": source})


def gelf_json(line: Line) -> str:
    entry = {"version": "1.1", "host": line.host, "short_message": line.text, "timestamp": line.time.timestamp()}
    return json.dumps(entry | {"_application_name": line.tag})


def kubernetes_cri(line: Line) -> str:
    return f"{line.time:%Y-%m-%dT%H:%M:%S}.123456789Z stdout F {rfc3164(line)}"


CARRIERS: dict[str, Callable[[Line], str]] = {
    carrier.__name__: carrier
    for carrier in (
        rfc3164,
        rfc3164_with_priority,
        rfc3339,
        rfc5424,
        journalctl_short_iso,
        journalctl_short_iso_precise,
        journald_json,
        journald_json_bytes,
        docker_json,
        logcli_jsonl,
        syslog_ng_json,
        rsyslog_json,
        logstash_json,
        elasticsearch_json,
        gelf_json,
        kubernetes_cri,
    )
}
ENVELOPES: dict[str, Callable[[bytes], bytes]] = {
    "maillog_file": lambda log: log,
    "crlf": lambda log: log.replace(b"\n", b"\r\n"),
    "bom": lambda log: b"\xef\xbb\xbf" + log,
    "no_last_newline": lambda log: log.removesuffix(b"\n"),
}


def carried(lines: Iterable[Line], carrier: Callable[[Line], str]) -> bytes:
    return "".join(f"{carrier(line)}\n" for line in lines).encode()


def repeated(lines: Iterable[Line]) -> Iterator[str]:
    """Write lines that repeat as rsyslog does ($RepeatedMsgReduction): the first, then how often it came again."""
    previous, times = None, 0
    for line in lines:
        if previous and (line.tag, line.pid, line.text) == (previous.tag, previous.pid, previous.text):
            previous, times = line, times + 1  # rsyslog stamps the repetition when the last of them came
            continue
        if previous and times:
            yield _repetition(previous, times)
        yield rfc3164(line)
        previous, times = line, 0
    if previous and times:
        yield _repetition(previous, times)


def _repetition(line: Line, times: int) -> str:
    return f"{_bsd_stamp(line)} {line.host} {line.program}: message repeated {times} times: [ {line.text}]"
