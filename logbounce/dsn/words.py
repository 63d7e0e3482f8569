"""Small texts in reports: status codes, reply codes, dates, hosts, and a diagnostic on one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_tz

from logbounce.clock import utc

LONGEST = 1000

_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.]*\d)")
_CODE = re.compile(r"(?:^|[\s:;('\"\[<>-])(25\d|[45]\d\d)(?:[- ,:)\]]|\.(?!\d)|$)")
_TYPED = re.compile(r"^[A-Za-z0-9-]{1,30}\s*;\s*")
_SMTP = re.compile(r"^smtp\s*;\s*", re.IGNORECASE)
_BLANKS = re.compile(r"\s+")
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d)[:-](\d\d)[:-](\d\d)")
_REPORTING = re.compile(
    r"(?:program at|mail system at|mail server at|agent v\S{1,20} at|relay on|queue on)"
    r"[ ](?:host )?([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,20})",
    re.IGNORECASE,
)
_REMOTE = re.compile(
    r"\b(?:host|by|server)\s+<?([A-Za-z0-9][A-Za-z0-9.-]{1,250}\.[A-Za-z]{2,24})\.?>?\s{0,2}[\[(]", re.IGNORECASE
)


def one_line(text: str) -> str | None:
    """Return a text with its blanks made single, at most LONGEST characters of it; None for nothing."""
    return _BLANKS.sub(" ", text[: 4 * LONGEST]).strip()[:LONGEST] or None


def diagnostic(text: str) -> str | None:
    """Return a Diagnostic-Code without the word that says it is SMTP."""
    return one_line(_SMTP.sub("", text))


def status(text: str) -> str | None:
    """Return the first enhanced status code (RFC 3463)."""
    match = _STATUS.search(text)
    return match[1] if match else None


def smtp_code(text: str) -> int | None:
    """Return the first reply code (RFC 5321)."""
    match = _CODE.search(text)
    return int(match[1]) if match else None


def host(text: str) -> str | None:
    """Return the name in a field such as Remote-MTA: `dns; mx.example.org (192.0.2.1)`."""
    name = _TYPED.sub("", text.strip()).strip().partition(" ")[0]
    return name.strip("<>;,").rstrip(".")[:255] or None


def remote_host(text: str) -> str | None:
    """Return the host that a diagnostic names as the one that spoke."""
    match = _REMOTE.search(text)
    return match[1].lower() if match else None


def reporting_host(text: str) -> str | None:
    """Return the host that a report says to come from: `This is the qmail-send program at mx.example.org.`."""
    match = _REPORTING.search(text[:4096])
    return match[1].lower() if match else None


def time(text: str) -> datetime | None:
    """Return a date as UTC without a zone; None if it is none."""
    text = text[:100]
    try:
        if match := _ISO.match(text.strip()):
            return datetime(*map(int, match.groups()))  # type: ignore[arg-type] # noqa: DTZ001 - UTC without a zone
        parsed = parsedate_tz(text)
        if parsed is None:
            return None
        local = datetime(*parsed[:6], tzinfo=UTC).timestamp() - (parsed[9] or 0)
        return utc(datetime.fromtimestamp(local, UTC))
    except (ValueError, OverflowError, OSError, TypeError, IndexError):
        return None
