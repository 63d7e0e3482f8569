"""What a mail message comes to: its kind, and one record for each recipient that it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

MOST = 1000  # recipients of one message: Postfix takes no more by default (smtpd_recipient_limit)


class Kind(StrEnum):
    """What a message, or one recipient's part of it, says."""

    BOUNCE = "bounce"  # not delivered, given up
    DELAYED = "delayed"  # not delivered yet, tried again: never a failure
    DELIVERED = "delivered"  # delivered, relayed or expanded
    FEEDBACK = "feedback"  # RFC 5965: abuse, not-spam, auth-failure, ...; `feedback_type` says which
    AUTOREPLY = "autoreply"  # RFC 3834: vacation, out of office, challenge
    NONBOUNCE = "nonbounce"  # ordinary mail


@dataclass(frozen=True, slots=True)
class Original:
    """The headers of the message that was returned, as far as they came back. Addresses are bare, texts are decoded."""

    message_id: str | None = None  # without its angle brackets
    sender: str | None = None  # From
    to: tuple[str, ...] = ()
    subject: str | None = None
    return_path: str | None = None
    list_id: str | None = None
    list_unsubscribe: str | None = None
    queue_id: str | None = None  # as its last Received line has it, if who reports has written that
    queue_host: str | None = None  # who wrote that line
    complained: str | None = None  # the address that a provider put in when it redacted the rest


@dataclass(frozen=True, slots=True)
class Record:
    """One recipient of a report, in the words of RFC 3464 and RFC 5965. Times are UTC without a zone."""

    kind: Kind
    recipient: str | None = None
    original_recipient: str | None = None
    status: str | None = None  # RFC 3463, from the field Status, else from the diagnostic
    smtp_code: int | None = None
    action: str | None = None
    diagnostic: str | None = None  # what the remote server said, on one line
    reporting_mta: str | None = None
    remote_mta: str | None = None
    arrival_date: datetime | None = None
    last_attempt_date: datetime | None = None
    original_message_id: str | None = None
    queue_id: str | None = None
    envelope_id: str | None = None
    feedback_type: str | None = None
    user_agent: str | None = None
    source_ip: str | None = None
    original_mail_from: str | None = None
    original_rcpt_to: str | None = None
    reported_domain: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was understood. A bounce whose recipient nobody can tell has no records."""

    kind: Kind
    records: tuple[Record, ...] = ()  # at most MOST
    left_out: int = 0  # recipients beyond those
    original: Original = Original()
    family: str | None = None  # who worded the report: an id of parsers/messages, rfc3464, rfc5965, amazon-sns
    message_id: str | None = None  # the report's own
    sender: str | None = None
    to: tuple[str, ...] = ()  # where the report went: a VERP address tells whom it is about
    subject: str | None = None
