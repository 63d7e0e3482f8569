"""One message in, its records out."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING

from logbounce.dsn import address, feedback, fields, original, prose, returned, sns, status, words
from logbounce.dsn.families import families
from logbounce.dsn.model import MOST, Kind, Message, Original, Record
from logbounce.dsn.parts import Parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from logbounce.dsn.families import Family
    from logbounce.dsn.headers import Headers
    from logbounce.dsn.parts import Part
    from logbounce.dsn.prose import Finding, Report

LIMIT = 10_000_000  # bytes of a message that are read
_REPLIED = "auto-submitted: auto-replied"  # RFC 3834 section 5
_TEXTS = 3  # parts of text that may make up a report
_SHOWN = ("auto-submitted", "precedence", "return-path", "x-mailer", "x-autoreply", "content-type")
_ROBOT = re.compile(r"daemon|postmaster|mail delivery|delivery (?:sub)?system|administrator|<>|^$")
_STAFF = re.compile(r"^[^<]*(?<!mail )(?:postmaster|administrator)\b")  # names that people write under, too
_NULL = re.compile(r"return-path: <(?:>|mailer-daemon|null>)")
_ANSWER = re.compile(r"(?:re|aw|sv|vs|antw|odp|rif|ynt|回复|回覆|返信|答复)(?:\[\d{1,3}\])?[:\uff1a]")
_PASSED_ON = re.compile(r"(?:fwd?|wg|wtr|tr|rv|enc|doorst|vb|vidarebefordrat|转发|轉寄|転送)[:\uff1a]")
_BEGINS = re.compile(
    r"^[ \t>*]*(?:-{2,}|_{5,}|(?:begin|anfang)\b|(?:from|von|de|da|发件人|差出人)[ \t]*[:\uff1a])",
    re.IGNORECASE | re.MULTILINE,
)
_FEW = 200  # characters
_ACCEPTED = re.compile(r"delivery via [^\s:]{1,300}:(?:\d{1,5}:)? 2\d\d")  # Postfix's reports tell of good ends too
_COMMAND = re.compile(r"\((in\sreply\sto\s[A-Za-z ]{4,20}(?:\sDATA)?\scommand)\)")  # in lines with single blanks
_BRACKETS = re.compile(r"<[^<>]*>")
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster)@(.+)", re.IGNORECASE)


def read_message(raw: bytes, limit: int = LIMIT) -> Message:
    """Return what a message (RFC 5322, any line ends, an mbox line before it or not) says of deliveries.

    `limit` is how many bytes of it are looked at. Nothing that the bytes hold raises an error: what cannot be
    understood is `nonbounce`, and a report whose recipients nobody can tell has no records.
    """
    parsed = Parsed(raw[:limit])
    headers, parts = parsed.headers, parsed.parts
    text, rest = returned.cut(_text(parts))
    first = original.in_parts(parts)
    if first == Original() and rest:
        first = original.in_text(rest)
    report = _report(headers, text, first)
    if complaints := feedback.in_message(headers, parts, first):
        return _message(headers, Kind.FEEDBACK, complaints, first, "rfc5965")
    letter = _is_letter(headers, report)
    (found, left_out), family = _told(parts, "" if letter else text), "rfc3464"
    if not found:
        found, family = sns.in_text(text + rest), "amazon-sns"
    if found:
        found = _completed(found, report, first, torn=parsed.torn and parts[-1].type in status.TYPES)
        if parsed.cut:
            found = _with_lost(found, report)
        found = _with_commands(found, text)
        return _message(headers, _worst(found), found, first, family, left_out=left_out)
    return _prose(headers, report, first, _disposed(parts), letter=letter)


def _is_letter(headers: Headers, report: Report) -> bool:
    """Tell whether a person answers, or writes to a list: a report that is quoted there is none."""
    if _NULL.search(report.header) or report.failed:
        return False
    if _ROBOT.search(report.sender):
        return bool(_STAFF.search(report.sender) and "in-reply-to" in headers and _ANSWER.match(report.subject))
    if _PASSED_ON.match(report.subject):
        return _is_asked(report.text)
    return bool(_ANSWER.match(report.subject)) or "list-id" in headers or "list-post" in headers


def _is_asked(text: str) -> bool:
    """Tell whether who passes a report on talks about it: asks, or writes more than a line or two before it."""
    mark = _BEGINS.search(text)
    said = text[: mark.start()] if mark else ""
    return "?" in said or len(said.strip()) > _FEW


def _text(parts: Sequence[Part]) -> str:
    """Return the text of a report: what stands before the message that it returns; HTML if there is nothing else."""
    for kind in ("text/plain", "text/html"):
        found = [part for part in parts if part.type == kind and not part.inner][:_TEXTS]
        if text := "\n\n".join(filter(None, (part.text.strip("\n") for part in found))):
            return text
    return "\n\n".join(part.text for part in parts[:1] if not part.type.startswith("message/") and not part.returned)


def _report(headers: Headers, text: str, first: Original) -> Report:
    shown = " ".join(f"{name}: {headers.get(name)}" for name in _SHOWN if name in headers)
    to, senders = address.many(headers.get("to")), [one for one in (first.sender, first.return_path) if one]
    by = address.many(headers.get("from"))
    if (
        _is_back(to, senders) and (first.message_id or first.queue_id) and not {*by} & {*first.to}
    ):  # else it is a letter
        shown += " returned-to: sender"
    addressed = [*to, *by, *(one for one in senders if one not in first.to)]
    failed = address.many(" ".join(headers.all("x-failed-recipients")).replace("\n", " "))
    return prose.Report(
        text=text,
        subject=prose.flat(headers.shown("subject")),
        sender=prose.flat(headers.shown("from")),
        header=prose.flat(f"{' '.join(headers.names)} {shown}"),
        own=frozenset(one.lower() for one in addressed),
        failed=failed,
        mailed=first.to,
    )


def _is_back(to: Iterable[str], senders: Iterable[str]) -> bool:
    """Tell whether the message that came back was sent by whom it came back to."""
    domains = {one.rpartition("@")[2].lower() for one in senders}
    return any(one.rpartition("@")[2].lower() in domains for one in to)


def _disposed(parts: Sequence[Part]) -> tuple[str, ...]:
    """Return whom a disposition notification (RFC 8098) is about: the refusals of mail filters come as such."""
    for part in parts:
        if part.type == "message/disposition-notification" and not part.inner:
            found = (address.bare(group.get("final-recipient", "")) for group in fields.groups(part.text))
            return tuple(one for one in found if one)
    return ()


def _told(parts: Sequence[Part], text: str) -> status.Told:
    """Return what a delivery status says, in a part of its own or among the text."""
    told = status.in_parts(parts)
    return told if told.records else status.in_groups(fields.groups_in_text(text))


def _worst(found: Sequence[Record]) -> Kind:
    kinds = {record.kind for record in found}
    return next(kind for kind in Kind if kind in kinds)


def _completed(found: list[Record], report: Report, first: Original, *, torn: bool) -> list[Record]:
    """Fill in from the text what the fields leave out: a recipient, a reason.

    `torn` when the fields end in the midst of a line: of the last reason, half may be there.
    """
    if all(_is_named(record) and record.diagnostic for record in found) and not torn:
        return _distinct(found)
    reading = prose.read(report) or prose.read(report, "hints")
    findings = reading.findings if reading else ()
    by_recipient = {finding.recipient.lower(): finding for finding in findings}
    completed = []
    for record in found:
        finding = by_recipient.get((record.recipient or "").lower())
        if finding is None and len(found) == len(findings) == 1:
            (finding,) = findings
        if torn and record is found[-1] and finding and finding.diagnostic:
            record = dataclasses.replace(record, diagnostic=None, smtp_code=None)  # noqa: PLW2901 - the text has it whole
        completed.append(_with(record, finding, report, first, alone=len(found) == 1))
    return _distinct(completed)


def _with_commands(found: list[Record], text: str) -> list[Record]:
    """Add which command was refused: Postfix tells it in the text only, and the rules ask for it."""
    if " command)" not in text:
        return found
    places: dict[str, int] = {}
    for match in _BRACKETS.finditer(text):
        places.setdefault(match[0].lower(), match.start())
    return [_with_command(record, text, places) for record in found]


def _with_command(record: Record, text: str, places: Mapping[str, int]) -> Record:
    """Add the command that stands behind the recipient; `places` is where each <address> stands first."""
    start = places.get(f"<{(record.recipient or '').lower()}>")
    if start is None or not record.diagnostic or "(in reply to " in record.diagnostic:
        return record
    said = prose.paragraph(text[start : start + 4 * words.LONGEST])
    match = _COMMAND.search("\n".join(" ".join(line.split()) for line in said.split("\n")))
    if match is None:
        return record
    return dataclasses.replace(record, diagnostic=f"{record.diagnostic} ({words.one_line(match[1])})")


def _is_named(record: Record) -> bool:
    """Tell whether a record names its recipient as somebody outside could have mailed it."""
    return record.recipient is not None and not address.is_internal(record.recipient)


def _with(record: Record, finding: Finding | None, report: Report, first: Original, *, alone: bool) -> Record:
    one = next(iter(report.failed if len(report.failed) == 1 else first.to if len(first.to) == 1 else ()), None)
    if _is_named(record) or not (alone or record.recipient is None):
        recipient = record.recipient
    else:
        known = (finding.recipient if finding else None, one)
        recipient = next((name for name in known if name and not address.is_internal(name)), record.recipient)
    said = record.diagnostic or (finding.diagnostic if finding else report.whole.reply)
    return dataclasses.replace(
        record,
        recipient=recipient,
        diagnostic=said,
        smtp_code=record.smtp_code or words.smtp_code(said or ""),
        status=record.status or words.status(said or ""),
        remote_mta=record.remote_mta or words.remote_host(said or ""),
    )


def _with_lost(found: Sequence[Record], report: Report) -> list[Record]:
    """Return the records and those of the recipients of the text whose fields were cut off."""
    reading = prose.read(report)
    if reading is None:
        return [record for record in found if record.recipient or not found[1:]]
    if found[-1].action is None and found[-1].status is None:  # these were cut off too
        found = [*found[:-1], dataclasses.replace(found[-1], kind=reading.kind)]
    known = {(one or "").lower() for record in found for one in (record.recipient, record.original_recipient)}
    lost = [
        _record(reading.kind, finding, found[0].reporting_mta)
        for finding in reading.findings
        if finding.recipient.lower() not in known and not address.is_internal(finding.recipient)
    ]
    return [record for record in found if record.recipient or not (lost or found[1:])] + lost


def _distinct(found: Iterable[Record]) -> list[Record]:
    """Return one record a recipient: the first, or that of a failure."""
    kept: dict[str | None, Record] = {}
    for record in found:
        key = (record.recipient or "").lower() or None
        known = kept.setdefault(key, record)
        if known.kind is not Kind.BOUNCE and record.kind is Kind.BOUNCE:
            kept[key] = record
    return list(kept.values())


def _prose(headers: Headers, report: Report, first: Original, disposed: Sequence[str], *, letter: bool) -> Message:
    """Read a message without a delivery status; `disposed` is whom a disposition notification in it is about."""
    reading = None if letter else prose.read(report)
    if reading is None:
        if answer := _answer(headers, report):
            return _message(headers, answer.kind or Kind.AUTOREPLY, [], first, answer.id)
        reading = None if letter else prose.read(report, "hints")
    if reading is None:
        kind = Kind.AUTOREPLY if _REPLIED in report.header else Kind.NONBOUNCE
        return _message(headers, kind, [], Original(), None)
    findings = reading.findings
    named = disposed or (first.to if not findings and len(first.to) == 1 and first.list_id is None else ())
    if named:
        said = findings[0].diagnostic if findings else reading.said or words.one_line(report.text)
        findings = tuple(prose.Finding(one, said) for one in named)
    reporting = _reporting(headers, report)
    found = [_record(reading.kind, one, reporting) for one in findings]
    return _message(headers, reading.kind, found, first, reading.family)


def _answer(headers: Headers, report: Report) -> Family | None:
    """Return the kind of answer that this is; what calls itself a report of a delivery is none."""
    if headers.parameters.get("report-type", "").lower() == "delivery-status":
        return None
    return next((answer for answer in families("answers") if prose.family_matches(answer, report)), None)


def _reporting(headers: Headers, report: Report) -> str | None:
    match = _DAEMON.match(address.bare(headers.get("from")) or "")
    return words.reporting_host(report.text) or (match[1].lower() if match else None)


def _record(kind: Kind, finding: Finding, reporting: str | None) -> Record:
    said = finding.diagnostic or ""
    return Record(
        kind=Kind.DELIVERED if _ACCEPTED.match(said) else kind,
        recipient=finding.recipient,
        status=words.status(said),
        smtp_code=words.smtp_code(said),
        diagnostic=finding.diagnostic,
        reporting_mta=reporting,
        remote_mta=words.remote_host(said),
    )


def _message(  # noqa: PLR0913 - what its caller knows of it
    headers: Headers, kind: Kind, found: list[Record], first: Original, family: str | None, *, left_out: int = 0
) -> Message:
    return Message(
        kind=kind,
        records=tuple(_of_original(record, first) for record in found[:MOST]),
        left_out=left_out + len(found[MOST:]),
        original=first,
        family=family,
        message_id=original.identifier(headers.get("message-id")),
        sender=address.bare(headers.get("from")),
        to=address.many(headers.get("to")),
        subject=headers.shown("subject") or None,
    )


def _of_original(record: Record, first: Original) -> Record:
    if (record.original_message_id and record.queue_id) or record.kind is Kind.FEEDBACK:
        return record
    same = first.queue_host is None or record.reporting_mta in {None, first.queue_host}
    return dataclasses.replace(
        record,
        original_message_id=record.original_message_id or first.message_id,
        queue_id=record.queue_id or (first.queue_id if same else None),
    )
