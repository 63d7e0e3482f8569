"""Whatever a message holds: no exception, no time, no memory."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from logbounce.dsn import Kind, read_message
from logbounce.dsn.families import families
from logbounce.dsn.parts import DEEPEST, MOST, Parsed

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 2
MARKS = " ".join(word for family in families("reports") for word in family.text.plain)
HEAD = b"From: MAILER-DAEMON@example.net\nSubject: failure notice\n"
REPORT = b"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n"
TEXT = b"Content-Type: text/plain\n\n"
STATUS = b"Content-Type: message/delivery-status\n\n"
TRANSLATED = (
    b"From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>\nSubject: x\n\n** Nie ma **\n\nbob@example.org\n"
)


def nested(depth: int) -> bytes:
    """Return multiparts inside each other, with a delivery status inside the last."""
    opened = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return HEAD + opened + b"Content-Type: message/delivery-status\n\nFinal-Recipient: rfc822; bob@example.org\n"


def messages(depth: int) -> bytes:
    """Return messages inside each other."""
    return HEAD + b"Content-Type: message/rfc822\n\n" * depth + b"Subject: x\n\ny\n"


def poison() -> Iterator[tuple[str, bytes]]:
    """Yield a name and a message."""
    yield "nested", nested(5000)
    yield "messages", messages(5000)
    yield "parts", HEAD + REPORT + b"Content-Type: text/plain\n\nx\n--b\n" * 20_000
    yield "same boundary", HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n--b\n" * 5000
    yield "headers", b"X-A: b\n" * 500_000
    yield "folded", b"Subject: " + b"x\n " * 500_000
    yield "words", b"Subject: " + b"=?utf-8?q?=41?= " * 100_000 + b"\n\nx"
    yield "addresses", b"To: " + b"a@example.org, " * 200_000 + b"\n\nx"
    yield "html", HEAD + b"Content-Type: text/html\n\n" + b"<style " * 1_000_000
    yield "open tags", HEAD + b"Content-Type: text/html\n\n" + b"<" * 5_000_000
    yield "json", HEAD + b'\n{"notificationType":"Bounce","bounce":' + b"[" * 1_000_000
    yield "json pieces", HEAD + b'\n{"notificationType":"Bounce",' + b'"bounce":{' * 100_000
    yield (
        "fields",
        HEAD + REPORT + b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822; a@b.c\n\n" * 200_000,
    )
    yield (
        "one field",
        HEAD + REPORT + b"Content-Type: message/delivery-status\n\nDiagnostic-Code: " + b"x\n " * 1_000_000,
    )
    yield "base64", HEAD + b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(b"a@b.c\n" * 1_000_000)


def fillers() -> Iterator[tuple[str, bytes]]:
    """Yield a name and a message that repeats something."""
    plain = HEAD + b"Content-Type: text/plain; charset=%s\n\n"
    for charset in (
        b"zip",
        b"rot13",
        b"punycode",
        b"idna",
        b"unicode_escape",
        b"x" * 500,
        b"utf-16",
        b"utf-7",
        b"hz-gb-2312",
    ):
        yield f"charset {charset[:14]!r}", plain % charset + b"\xff\x1b$B\\x+AAA-~{" * 50_000
    for filler in (
        b"550 ",
        b"<a@b.c>:\n",
        b"a@b.c ",
        b" " * 50,
        b"-" * 50 + b"\n",
        b"> ",
        b"\n",
        b"<" * 9,
        b'"',
        b"[1.2.3.4] ",
        b"x" * 99,
    ):
        yield f"marks and {filler!r:.12}", HEAD + b"\n" + MARKS.encode() + b"\n" + filler * 100_000
        yield f"report and {filler!r:.12}", HEAD + REPORT + b"\n" + filler * 100_000


def runs() -> Iterator[tuple[str, bytes]]:
    """Yield a name and a message in which a pattern could begin anew at each byte of something long."""
    yield "CRs", HEAD + b"\nhello " + b"\r" * 150_000 + b"x\r\n"
    yield "blanks in a folded field", b"Subject: a" + b" " * 60_000 + b"b\n c\n\nx"
    yield "blank lines at the end", TRANSLATED + b"\n " * 8000 + b"x\n\n.\n"
    yield "blanks behind a boundary", HEAD + b"Content-Type: multipart/mixed\n\n--x" + b" " * 9_000_000 + b"y\n"
    yield "signs in addresses", parts(b"Final-Recipient: <" + b"@" * 980 + b"\n\n", 64)
    yield "blanks in comments", parts(b"Final-Recipient: a (" + b" " * 970 + b"(\n\n", 64)
    named = [b"a%d@b.cc" % number for number in range(200)]
    command = b" command)<" + b"> <".join(named) + b"> (in reply to" + b" " * 3000 + b"x\n--b\n"
    failed = b"".join(b"Final-Recipient: x;%s\nDiagnostic-Code: x\n\n" % one for one in named)
    yield "blanks in a command", HEAD + REPORT + TEXT + command + STATUS + failed


def numbers() -> Iterator[tuple[str, bytes]]:
    """Yield a name and a message with many things, each of which could be done over for each other one."""
    groups = [b"x-%x:b\n\n" % number for number in range(7500)]
    yield "groups", HEAD + REPORT + (STATUS + b"".join(groups) + b"\n--b\n") * 150
    several = b"".join(groups[:4000]) + b"Final-Recipient:\n\n" * 1700
    yield "groups and recipients", HEAD + REPORT + (STATUS + several + b"\n--b\n") * 150
    text = TEXT + b"x: 55\n" * 10_000 + b"\n--b\n"
    named = b"".join(b"Final-Recipient: x;a%d@b.c\n\n" % number for number in range(1900))
    yield "recipients without a reason", HEAD + REPORT + text * 3 + STATUS + named
    yield "statuses", HEAD + REPORT + (STATUS + named + b"\n--b\n") * 170
    yield "fields of parts", HEAD + REPORT + (STATUS[:-1] + b"".join(groups).replace(b"\n\n", b"\n") + b"\n--b\n") * 150
    begun, more = b'{"notificationType":"Bounce",' + b'"bounce":{' * 900 + b'"x":[', TEXT + b"1," * 32_000 + b"\n--b\n"
    yield "json in json", HEAD + REPORT + TEXT + begun + b"1," * 27_000 + b"\n--b\n" + more * 2
    mdaemon = b"\nThe attached message had permanent fatal delivery errors.\n\n"
    yield "recipients in one text", HEAD + mdaemon + b"".join(b"a%d@b.c\n" % number for number in range(3000))


def parts(field: bytes, number: int) -> bytes:
    """Return a report of as many statuses as 10 MB hold, with a field that often in each."""
    return HEAD + REPORT + (STATUS + field * number + b"\n--b\n") * 150


POISON = {**dict(poison()), **dict(fillers()), **dict(runs()), **dict(numbers())}


@pytest.mark.parametrize("name", POISON)
def test_a_message_takes_no_time(name: str) -> None:
    start = time.process_time()
    read_message(POISON[name])
    assert time.process_time() - start < SECONDS


def test_a_number_that_python_refuses_to_read_is_no_letter() -> None:
    found = read_message(
        HEAD + b"Content-Type: text/html\n\n<p>no such user &#" + b"9" * 5000 + b"; bob@example.org</p>\n"
    )
    assert [record.recipient for record in found.records] == ["bob@example.org"]


def test_parts_and_depth_are_bounded() -> None:
    assert len(Parsed(POISON["parts"]).parts) == MOST
    assert len(Parsed(messages(5000)).parts) == DEEPEST + 1


def test_recipients_are_bounded_and_the_others_counted() -> None:
    """Over all parts: each may have as many as its text holds."""
    groups = "".join(f"Final-Recipient: rfc822; u{one}@b.example\n\n" for one in range(700)).encode()
    part = b"Content-Type: message/delivery-status\n\n%s\n--b\n"
    status = read_message(HEAD + REPORT + b"".join(part % groups.replace(b"u", name) for name in (b"u", b"v", b"w")))
    assert (len(status.records), status.left_out, status.kind) == (1000, 1100, Kind.BOUNCE)
    assert status.records[-1].recipient == "v299@b.example"
    fields = "".join(f"Original-Rcpt-To: u{one}@b.example\n" for one in range(1200)).encode()
    feedback = REPORT + b"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n" + fields
    complaints = read_message(HEAD + feedback + b"\n--b--\n")
    assert (len(complaints.records), complaints.left_out) == (1000, 200)


def test_a_report_in_reason_is_found() -> None:
    found = read_message(nested(DEEPEST - 1))
    assert [record.recipient for record in found.records] == ["bob@example.org"]


def test_no_more_of_a_message_is_read_than_the_limit() -> None:
    late = HEAD + b"\n" + b"x" * 2000 + b"\n<bob@example.org>:\nthis is the qmail-send program\n"
    assert read_message(late).kind is Kind.BOUNCE
    assert read_message(late, limit=1000).records == ()


def test_memory_stays_below_300_mb() -> None:
    program = (
        "import pathlib, re\n"
        f"HEAD = {HEAD!r}\n"
        "from logbounce.dsn import read_message\n"
        "inner = b'Content-Type: message/rfc822\\n\\n' * 19 + b'Content-Type: text/plain\\n\\n'\n"
        "inner += b'a@b.c said 550\\n' * 700_000\n"
        "read_message(HEAD + inner)\n"
        "read_message(HEAD + b'\\n' + b'\\xe4 \\r' * 3_000_000)\n"
        # not ru_maxrss: that of the process that forked is inherited (getrusage(2))
        "print(re.search('VmHWM: *([0-9]+)', pathlib.Path('/proc/self/status').read_text().replace('\\t', ' '))[1])\n"
    )
    done = subprocess.run((sys.executable, "-c", program), capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 300_000_000
