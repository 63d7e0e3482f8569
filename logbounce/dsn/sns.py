"""Amazon SES notifications by mail: JSON in a text (https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html)."""

from __future__ import annotations

import itertools
import json
import re
from typing import Any

from logbounce.dsn import address, words
from logbounce.dsn.model import Kind, Record

_BEGIN = re.compile(r'\{\s{0,20}"(?:notificationType|eventType|Type)"\s{0,5}:')
_PIECE = re.compile(
    r'"(notificationType|eventType|bounce|complaint|delivery|deliveryDelay|mail|\w{0,20}[rR]ecipients)":(?=[{"\[])'
)
_FOLDED = re.compile(r"!\n ")  # sendmail cuts a line of more than 990 bytes so
_MOST = 1000
_PIECES = 50  # that are looked for in one that breaks off: they may stand in each other, and each is read to its end
_KINDS = {"bounce": Kind.BOUNCE, "complaint": Kind.FEEDBACK, "delivery": Kind.DELIVERED, "deliverydelay": Kind.DELAYED}
_LISTS = {
    Kind.BOUNCE: ("bounce", "bouncedRecipients"),
    Kind.FEEDBACK: ("complaint", "complainedRecipients"),
    Kind.DELIVERED: ("delivery", "recipients"),
    Kind.DELAYED: ("deliveryDelay", "delayedRecipients"),
}


def in_text(text: str) -> list[Record]:
    """Return the records of a notification, none if there is none."""
    document = _document(text)
    kind = _KINDS.get(str(document.get("notificationType") or document.get("eventType")).replace(" ", "").lower())
    if kind is None:
        return []
    about, recipients = _LISTS[kind]
    event = _mapping(document, about)
    listed = event.get(recipients)
    return [_record(kind, document, event, one) for one in (listed if isinstance(listed, list) else [])[:_MOST]]


def _document(text: str) -> dict[str, Any]:
    match = _BEGIN.search(text)
    if match is None:
        return {}
    found = _decoded(_FOLDED.sub("", text[match.start() :]))
    inner = found.get("Message")
    return _decoded(inner) if isinstance(inner, str) else found


def _pieces(text: str) -> dict[str, Any]:
    """Return the objects that a notification holds whole before it breaks off."""
    found: dict[str, Any] = {}
    for match in itertools.islice(_PIECE.finditer(text), _PIECES):
        value = _value(text, match.end())
        if value is not None:
            found.setdefault(match[1], value)
    for about, recipients in _LISTS.values():
        if recipients in found:
            found.setdefault(about, {recipients: found[recipients]})
    return found


def _value(text: str, start: int) -> object:
    try:
        return json.JSONDecoder(strict=False).raw_decode(text, start)[0]
    except (ValueError, RecursionError):
        return None


def _decoded(text: str) -> dict[str, Any]:
    found = _value(text, 0)
    return found if isinstance(found, dict) else _pieces(text)


def _mapping(document: dict[str, Any], name: str) -> dict[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _record(kind: Kind, document: dict[str, Any], event: dict[str, Any], one: object) -> Record:
    fields = one if isinstance(one, dict) else {"emailAddress": one}
    mail = _mapping(document, "mail")
    said = words.diagnostic(_text(fields, "diagnosticCode") or _text(event, "smtpResponse"))
    return Record(
        kind=kind,
        recipient=address.bare(_text(fields, "emailAddress")),
        status=words.status(_text(fields, "status")) or words.status(said or ""),
        smtp_code=words.smtp_code(said or ""),
        action=_text(fields, "action") or None,
        diagnostic=said or words.one_line(f"{_text(event, 'bounceType')} {_text(event, 'bounceSubType')}"),
        reporting_mta=words.host(_text(event, "reportingMTA")),
        arrival_date=words.time(_text(mail, "timestamp")),
        last_attempt_date=words.time(_text(event, "timestamp")),
        original_message_id=_message_id(mail),
        envelope_id=_text(mail, "messageId") or None,
        feedback_type=(_text(event, "complaintFeedbackType") or "abuse") if kind is Kind.FEEDBACK else None,
        user_agent=_text(event, "userAgent") or None,
        source_ip=_text(mail, "sourceIp") or None,
        original_mail_from=address.bare(_text(mail, "source")),
    )


def _text(fields: dict[str, Any], name: str) -> str:
    found = fields.get(name)
    return found[: words.LONGEST] if isinstance(found, str) else ""


def _message_id(mail: dict[str, Any]) -> str | None:
    """Return the Message-ID that the sender had put in; SES replaces it by its own."""
    headers = mail.get("headers")
    for header in headers if isinstance(headers, list) else ():
        if isinstance(header, dict) and _text(header, "name").lower() == "message-id":
            return _text(header, "value").strip("<> ") or None
    return None
