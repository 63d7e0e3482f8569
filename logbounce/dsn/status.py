"""Records from the groups of a delivery status (RFC 3464, RFC 6533)."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

from logbounce.dsn import address, fields, words
from logbounce.dsn.model import MOST, Kind, Record
from logbounce.dsn.original import identifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from logbounce.dsn.fields import Group
    from logbounce.dsn.parts import Part

TYPES = frozenset({"message/delivery-status", "message/global-delivery-status"})
# RFC 3464 section 2.3.3, and what Postfix (`sendmail -bv`), OpenSMTPD and SendGrid write.
_ACTIONS = {
    "failed": Kind.BOUNCE,
    "failure": Kind.BOUNCE,
    "fail": Kind.BOUNCE,
    "error": Kind.BOUNCE,
    "expired": Kind.BOUNCE,
    "undeliverable": Kind.BOUNCE,
    "delayed": Kind.DELAYED,
    "delivered": Kind.DELIVERED,
    "relayed": Kind.DELIVERED,
    "expanded": Kind.DELIVERED,
    "deliverable": Kind.DELIVERED,
}


class _Whole(NamedTuple):
    """What is told once for all recipients."""

    reporting_mta: str | None
    arrival_date: datetime | None
    original_message_id: str | None
    queue_id: str | None
    envelope_id: str | None


_XTEXT = re.compile(r"\+(2B|3D)", re.IGNORECASE)  # RFC 3461 section 4: left encoded, as it came with RCPT TO
_OTHERS = ("application/octet-stream", "text/", "message/")
_LONGEST_ACTION = 100
_PARTS = 20  # parts that are read as a status: a report has one
_ACCEPTED = re.compile(r"2\d\d(?:[ -]|$)")


class Told(NamedTuple):
    """The first MOST recipients that delivery statuses name, and how many more they name."""

    records: list[Record]
    left_out: int = 0


def in_parts(parts: Sequence[Part]) -> Told:
    """Return what the message's own delivery status says; that of one that it forwards, if it has none."""
    told = list(itertools.islice((part for part in parts if part.type in TYPES or _is_unnamed(part)), _PARTS))
    own = _told(_in_part(part) for part in told if not part.inner)
    forwarded = (_told([_in_part(part)]) for part in told if part.inner)
    return own if own.records else next((one for one in forwarded if one.records), own)


def _is_unnamed(part: Part) -> bool:
    """Tell whether a part of another type holds a status."""
    known = part.inner or part.returned or part.type in {"text/plain", "text/html"}
    if known or not part.type.startswith(_OTHERS):
        return False
    text = part.text.lower()
    return "\nfinal-recipient:" in text and ("\naction:" in text or "\nstatus:" in text)


def _in_part(part: Part) -> list[Group]:
    # Some leave out the blank line between the part's header and the first group.
    merged = {name: part.headers.get(name) for name in part.headers.names if not name.startswith("content-")}
    found = fields.groups(part.text)
    return [merged, *found] if merged else found


def in_groups(found: list[Group]) -> Told:
    """Return one record for each group that is about a recipient."""
    return _told([found])


def _told(statuses: Iterable[list[Group]]) -> Told:
    """Return what several statuses say; one after the other, for the groups of all would not fit into memory."""
    records: list[Record] = []
    left_out = 0
    for found in statuses:
        whole = _of_message(fields.of_message(found))  # once: it may be long, and the recipients many
        about = [group for group in found if fields.is_recipient(group)]
        room = MOST - len(records)
        records += [_record(whole, group) for group in about[:room]]
        left_out += len(about[room:])
    return Told(records, left_out)


def _of_message(whole: Group) -> _Whole:
    return _Whole(
        reporting_mta=words.host(whole.get("reporting-mta", "").lower()),
        arrival_date=words.time(whole.get("arrival-date", "")),
        original_message_id=identifier(whole.get("x-original-message-id", "")),
        queue_id=_queue_id(whole),
        envelope_id=identifier(whole.get("original-envelope-id", "")),
    )


def _record(whole: _Whole, group: Group) -> Record:
    final = address.bare(group.get("final-recipient", ""))
    original = address.bare(_XTEXT.sub(lambda one: chr(int(one[1], 16)), group.get("original-recipient", "")))
    said = words.diagnostic(group.get("diagnostic-code", ""))
    status = words.status(group.get("status", ""))
    action = group.get("action", "").partition(" ")[0].strip().lower()
    if _ACTIONS.get(action) is Kind.BOUNCE:
        # Of a session that went wrong later, sendmail 8.8 tells the reply to the step before: `250 OK`.
        said = None if _ACCEPTED.match(said or "") else said
        status = None if (status or "").startswith("2") else status
    return Record(
        kind=_kind(action, status),
        recipient=address.mailed(final, original),
        original_recipient=original,
        status=status or words.status(said or ""),
        smtp_code=words.smtp_code(said or ""),
        action=action[:_LONGEST_ACTION] or None,
        diagnostic=said if said and not said.endswith(";") else None,
        reporting_mta=whole.reporting_mta,
        remote_mta=words.host(group.get("remote-mta", "")) or words.remote_host(said or ""),
        arrival_date=whole.arrival_date,
        last_attempt_date=words.time(group.get("last-attempt-date", "")),
        original_message_id=whole.original_message_id,
        queue_id=whole.queue_id,
        envelope_id=whole.envelope_id,
    )


def _kind(action: str, status: str | None) -> Kind:
    if action in _ACTIONS:
        return _ACTIONS[action]
    if action and (kinds := {kind for name, kind in _ACTIONS.items() if name.startswith(action)}):
        return next(kind for kind in Kind if kind in kinds)  # the message ends in the midst of the word
    return Kind.DELIVERED if (status or "").startswith("2") else Kind.BOUNCE


def _queue_id(whole: Group) -> str | None:
    """Return Postfix's queue id, or that of one who names the field alike (X-Yandex-Queue-ID, X-SendGrid-QueueID)."""
    for name, value in whole.items():
        if name.startswith("x-") and name.endswith(("queue-id", "queueid")) and value:
            return value[:100]
    return None
