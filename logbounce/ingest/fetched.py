"""A message of a mailbox as rows: what it says, a row for each recipient."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from logbounce.clock import utc_now
from logbounce.dsn import Kind, read_message, time
from logbounce.load import ascii_address
from logbounce.verp import Proof, Verdict, plain_recipient

if TYPE_CHECKING:
    from datetime import datetime

    from logbounce.dsn import Message, Record
    from logbounce.mailbox import Entry
    from logbounce.verp import Signer

_DATE = re.compile(rb"^Date:([^\r\n]{1,100})", re.IGNORECASE | re.MULTILINE)
_CODED = re.compile(r"[245]\d\d[ -]")
_HEAD_BYTES = 64 * 1024
REPORTS = (Kind.BOUNCE, Kind.DELAYED, Kind.DELIVERED, Kind.FEEDBACK)


@dataclass(frozen=True)
class Fetched:
    """A message that was fetched, or why it was not read."""

    entry: str
    size: int
    sha256: str | None = None
    kind: str | None = None
    rows: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None
    left_out: int = 0  # recipients beyond those of which there are rows


@dataclass(frozen=True)
class Reader:
    """Reads the messages of one account. `signer` knows our own VERP addresses; `trusted`: everything is believed."""

    source_name: str
    signer: Signer | None
    trusted: bool

    def read(self, entry: Entry, raw: bytes) -> Fetched:
        """Return what a message says. One that our reader breaks on is said to be unreadable: the next is read."""
        key, sha256 = storable(entry.key), hashlib.sha256(raw).hexdigest()
        try:
            message = read_message(raw)
            rows = self._rows(message, raw, {"sha256": sha256, "entry": key})
        except Exception as error:  # noqa: BLE001 - whatever it is, the next message has to be read
            return Fetched(key, entry.size, sha256, error=storable(f"{type(error).__name__}: {error}"))
        return Fetched(key, entry.size, sha256, str(message.kind), rows, left_out=message.left_out)

    def _rows(self, message: Message, raw: bytes, place: dict[str, Any]) -> list[dict[str, Any]]:
        written = _written(raw)
        proof, hint = self._proof(message), next(filter(None, map(plain_recipient, message.to)), None)
        return [
            _storable(
                self._row(message, record, proof, hint)
                | place
                | {"number": number, "event_time": _when(record, written)}
            )
            for number, record in enumerate(message.records)
            if record.kind in REPORTS
        ]

    def _row(self, message: Message, record: Record, proof: Proof, hint: str | None) -> dict[str, Any]:
        recipient = proof.recipient if proof.verdict is Verdict.GOOD else record.recipient or record.original_rcpt_to
        return {
            "source_name": self.source_name,
            "kind": str(record.kind),
            "recipient": _ascii(recipient or message.original.complained or hint),
            "final_recipient": _ascii(record.recipient),
            "original_recipient": _ascii(record.original_recipient or record.original_rcpt_to),
            "action": record.action,
            "status": record.status,
            "smtp_code": record.smtp_code,
            "diagnostic_code": reply_text(record),
            "reporting_mta": record.reporting_mta,
            "remote_mta": record.remote_mta and record.remote_mta.lower(),
            "arrival_date": record.arrival_date,
            "last_attempt_date": record.last_attempt_date,
            "original_message_id": record.original_message_id or message.original.message_id,
            "original_envelope_id": record.envelope_id,
            "x_queue_id": record.queue_id,
            "sender": record.original_mail_from or message.original.return_path or message.original.sender,
            "feedback_type": record.feedback_type,
            "source_ip": record.source_ip,
            "reporter": record.user_agent or record.reporting_mta,
            "verp": proof.verdict.value if proof.verdict is not Verdict.NOT_OURS else hint and "hint",
            "verp_expires": proof.expires if proof.verdict is Verdict.GOOD else None,
            "trusted": self.trusted,
        }

    def _proof(self, message: Message) -> Proof:
        """Return what our own signature in an address proves: where the report went, or whom the original was from."""
        addresses = (*message.to, message.original.return_path or "")
        today = utc_now().date()
        proofs = [self.signer.check(address, today) for address in addresses] if self.signer else []
        ours = [proof for proof in proofs if proof.verdict is not Verdict.NOT_OURS]
        return min(ours, key=lambda proof: proof.verdict is not Verdict.GOOD, default=Proof(Verdict.NOT_OURS))


def storable(text: str) -> str:
    """Return a text that UTF-8 can hold: a file's name may have bytes that are none."""
    return text.encode("utf-8", "backslashreplace").decode()


def _storable(row: dict[str, Any]) -> dict[str, Any]:
    return {name: storable(value) if isinstance(value, str) else value for name, value in row.items()}


def _ascii(address: str | None) -> str | None:
    return ascii_address(address) if address else None


def reply_text(record: Record) -> str | None:
    """Return what the rules judge: what the server said, with the report's own codes before it if it has none."""
    said = record.diagnostic or ""
    if _CODED.match(said):
        return said
    return " ".join(str(part) for part in (record.smtp_code, record.status, said) if part) or None


def _when(record: Record, written: datetime | None) -> datetime:
    """Return when it failed (UTC): as the report says, but never later than now: the report is a stranger's."""
    now = utc_now()
    return min(record.last_attempt_date or written or now, now)


def _written(raw: bytes) -> datetime | None:
    """Return the time (UTC) of a message's field Date (RFC 5322 section 3.6.1)."""
    found = _DATE.search(raw[:_HEAD_BYTES])
    return time(found[1].decode("ascii", "replace").strip()) if found else None
