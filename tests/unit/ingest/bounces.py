"""Bounce messages and complaints as servers write them, and a mailbox's way into the database."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.utils import format_datetime
from typing import TYPE_CHECKING

from logbounce.ingest import deciding, reports
from logbounce.ingest.fetched import Reader
from logbounce.mailbox import Entry
from logbounce.verp import Key, Signer
from tests.unit.ingest.logs import RULES, START

if TYPE_CHECKING:
    import datetime as dt

    from logbounce.ingest.fetched import Fetched
    from tests.unit.ingest.state import Memory

SIGNER = Signer("b+", "bounces.example", (Key("a", b"sixteen bytes and more"),))
NO_USER = "550 5.1.1 <{recipient}>: Recipient address rejected: User unknown"
FULL = "452 4.2.2 <{recipient}>: the mailbox is over quota"


def dsn(recipient: str, **given: str | dt.datetime | None) -> bytes:
    """Return a report of RFC 3464.

    `given`: to, mta, queue_id, envelope_id, message_id, said, action, original, note, time.
    """
    said = str(given.get("said") or NO_USER).format(recipient=recipient)
    status = said.split()[1]
    queue_id, original = given.get("queue_id"), given.get("original")
    lines = [
        "From: MAILER-DAEMON@mx1.sender.example (Mail Delivery System)",
        f"To: {given.get('to') or 'news@sender.example'}",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(given.get('time') or START)}",  # type: ignore[arg-type]
        "Auto-Submitted: auto-replied",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
        *([f"X-Note: {given['note']}"] if "note" in given else []),
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "I'm sorry to have to inform you that your message could not be delivered.",
        "",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        f"Reporting-MTA: dns; {given.get('mta') or 'mx.example.org'}",
        *([f"X-Postfix-Queue-ID: {queue_id}"] if queue_id else []),
        *([f"Original-Envelope-Id: {given['envelope_id']}"] if "envelope_id" in given else []),
        "",
        f"Final-Recipient: rfc822; {recipient}",
        *([f"Original-Recipient: rfc822; {original}"] if original else []),
        f"Action: {given.get('action') or 'failed'}",
        f"Status: {status}",
        f"Diagnostic-Code: smtp; {said}",
        "",
        *_original(given.get("message_id")),
    ]
    return "\r\n".join(lines).encode()


def complaint(feedback: str = "abuse", **given: str) -> bytes:
    """Return a report of RFC 5965; `given`: to, recipient, message_id."""
    recipient = given.get("recipient")
    lines = [
        "From: feedback@example.org",
        f"To: {given.get('to', 'abuse@sender.example')}",
        "Subject: FW: News",
        f"Date: {format_datetime(START)}",
        "MIME-Version: 1.0",
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "This is an email abuse report.",
        "",
        "--b",
        "Content-Type: message/feedback-report",
        "",
        f"Feedback-Type: {feedback}",
        "User-Agent: Someone/1.0",
        "Version: 1",
        *([f"Original-Rcpt-To: {recipient}"] if recipient else []),
        "",
        *_original(given.get("message_id")),
    ]
    return "\r\n".join(lines).encode()


def _original(message_id: object) -> list[str]:
    """Return the last part of a report: the headers of the message that it is about."""
    return [
        "--b",
        "Content-Type: text/rfc822-headers",
        "",
        "From: News <news@sender.example>",
        "Subject: News",
        *([f"Message-ID: <{message_id}>"] if message_id else []),
        "",
        "--b--",
        "",
    ]


@dataclass
class Post:
    """A mailbox whose messages go into a database, each under a key of its own."""

    database: Memory
    name: str = "bounces"
    trusted: bool = False
    signer: Signer | None = SIGNER
    _count: int = field(default=0)

    def take(self, *messages: bytes) -> set[str]:
        """Store messages as one commit of a fetch does, and decide."""
        connection = self.database.connection
        given_up = reports.store(connection, self.name, [self.read(raw) for raw in messages])
        deciding.decide(connection, RULES)
        return given_up

    def read(self, raw: bytes) -> Fetched:
        """Return what a message says, under the next key."""
        self._count += 1
        entry = Entry(f"INBOX/1/{self._count}", len(raw))
        return Reader(self.name, self.signer, self.trusted).read(entry, raw)
