"""Any bytes are a message: the reader never raises, and what it gives fits together."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from logbounce import shipped
from logbounce.dsn import Kind, read_message
from logbounce.dsn.families import families

SAMPLES = [path.read_bytes() for path in sorted((Path(shipped.sample_logs()) / "messages").glob("*.eml"))]
WORDS = [word for name in ("reports", "hints", "answers") for family in families(name) for word in family.text.plain]
LINES = [
    *(
        "From: MAILER-DAEMON@example.net",
        "Subject: failure notice",
        "X-Failed-Recipients: bob@example.org",
        "MIME-Version: 1.0",
    ),
    *(
        "Content-Type: multipart/report; boundary=b",
        "Content-Type: message/delivery-status",
        "Content-Type: message/rfc822",
    ),
    *(
        "Content-Transfer-Encoding: base64",
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Type: text/html; charset=x",
    ),
    *("--b", "--b--", "", "", "<bob@example.org>:", "bob@example.org", "550 5.1.1 no such person", "Action: failed"),
    *(
        "Final-Recipient: rfc822; bob@example.org",
        "Status: 5.1.1",
        "Arrival-Date: 99 Foo 0000 99:99:99 +9999",
        "Action: delayed",
    ),
    *(
        "Feedback-Type: abuse",
        "Content-Type: message/feedback-report",
        '{"notificationType":"Bounce","bounce":{"bouncedRecipients":[1,{}]}}',
    ),
    *("=?utf-8?b?////?=", "\x1b$B", "\xff\xfe", "Received: by x id y", "--- Below this line is a copy of the message."),
]
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def check(raw: bytes) -> None:
    found = read_message(raw)
    assert found == read_message(raw)
    for record in found.records:
        assert record.recipient is None or ("@" in record.recipient and len(record.recipient) <= 320)
        assert record.diagnostic is None or (0 < len(record.diagnostic) <= 1000 and "\n" not in record.diagnostic)
        assert record.smtp_code is None or 200 <= record.smtp_code <= 599
        json.dumps([record.recipient, record.diagnostic, found.subject]).encode()
    assert found.records == () or found.kind in {record.kind for record in found.records}
    assert found.kind not in {Kind.AUTOREPLY, Kind.NONBOUNCE} or found.records == ()


@given(st.binary(max_size=4000))
def test_bytes(raw: bytes) -> None:
    check(raw)


@given(st.lists(st.sampled_from(LINES) | st.sampled_from(WORDS) | st.text(max_size=40), max_size=60), ENDS)
def test_lines_of_reports_in_any_order(lines: list[str], end: str) -> None:
    check(end.join(lines).encode("utf-8", "surrogatepass"))


@given(st.sampled_from(SAMPLES), st.data())
def test_samples_with_a_hole_or_cut(sample: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(sample)))
    end = data.draw(st.integers(start, len(sample)))
    check(sample[:start] + data.draw(st.binary(max_size=20)) + sample[end:])
    check(sample[:start])


@given(st.sampled_from(SAMPLES), st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_line_ends_change_nothing(sample: bytes, end: bytes) -> None:
    plain = sample.replace(b"\r\n", b"\n")
    assert read_message(plain.replace(b"\n", end)).records == read_message(plain).records
