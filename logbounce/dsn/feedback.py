"""Complaints: RFC 5965, and Microsoft's reports, which are a message with nothing but the mail in it."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from logbounce.dsn import address, fields, words
from logbounce.dsn.model import Kind, Original, Record
from logbounce.dsn.original import identifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logbounce.dsn.headers import Headers
    from logbounce.dsn.parts import Part

_MICROSOFT = "complaint about message from "
_RECIPIENTS = ("original-rcpt-to", "removal-recipient")
_LONGEST_TYPE = 100


def in_message(headers: Headers, parts: Sequence[Part], original: Original) -> list[Record]:
    """Return a record for each recipient who complained, one without a recipient when the report leaves it out."""
    for part in parts:
        if part.type == "message/feedback-report" and not part.inner:
            return _arf(part, original)
    if headers.get("subject").strip().lower().startswith(_MICROSOFT) and any(part.returned for part in parts):
        source = headers.get("subject").strip()[len(_MICROSOFT) :].partition(" ")[0]
        return [_microsoft(source, original)]
    return []


def _arf(part: Part, original: Original) -> list[Record]:
    merged = fields.together(fields.groups(part.text))
    several = _several(part.text)
    if "feedback-type" not in merged and "feedback-type" in part.headers:  # the blank line before them was left out
        merged = {name: part.headers.get(name) for name in part.headers.names}
        several = [value for name in _RECIPIENTS for value in part.headers.all(name)]
    complaint = _complaint(merged, original)
    found = [one for one in map(address.bare, several) if one] or _from(original)
    recipients: list[str | None] = [*dict.fromkeys(found)] or [None]
    return [dataclasses.replace(complaint, recipient=recipient) for recipient in recipients]


def _several(text: str) -> list[str]:
    """Return the fields that name recipients: Original-Rcpt-To may stand there several times (RFC 5965 section 3.2)."""
    found = (line.partition(":") for line in text.split("\n"))
    return [value for name, _, value in found if name.strip().lower() in _RECIPIENTS]


def _from(original: Original) -> list[str]:
    """Return whom the message went to, when its own header says so for one."""
    if original.complained:
        return [original.complained]
    return list(original.to) if len(original.to) == 1 else []


def _complaint(group: fields.Group, original: Original) -> Record:
    """Return what the report says, whoever the recipient is."""
    return Record(
        kind=Kind.FEEDBACK,
        feedback_type=group.get("feedback-type", "").strip().lower()[:_LONGEST_TYPE] or "other",
        user_agent=words.one_line(group.get("user-agent", "")),
        source_ip=words.one_line(group.get("source-ip", "")),
        original_mail_from=address.bare(group.get("original-mail-from", "")),
        original_rcpt_to=address.bare(group.get("original-rcpt-to", "")),
        reported_domain=words.one_line(group.get("reported-domain", "")),
        arrival_date=words.time(group.get("arrival-date", "") or group.get("received-date", "")),
        reporting_mta=words.host(group.get("reporting-mta", "")),
        envelope_id=identifier(group.get("original-envelope-id", "")),
        original_message_id=original.message_id,
    )


def _microsoft(source: str, original: Original) -> Record:
    return Record(
        kind=Kind.FEEDBACK,
        recipient=original.complained or next(iter(original.to), None),
        feedback_type="abuse",
        source_ip=source or None,
        original_mail_from=original.return_path,
        original_message_id=original.message_id,
    )
