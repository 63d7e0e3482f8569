"""What is known of the message that was returned, from its header."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from logbounce.dsn import address
from logbounce.dsn.headers import Headers, split
from logbounce.dsn.model import Original

if TYPE_CHECKING:
    from collections.abc import Sequence

    from logbounce.dsn.parts import Part

_QUEUE_ID = re.compile(r"\sid\s+<?([A-Za-z0-9][A-Za-z0-9._-]{4,40})")
_QUEUE_HOST = re.compile(r"\sby\s+([A-Za-z0-9][A-Za-z0-9.-]{1,250})")
_FOR = re.compile(r"\sfor\s+<([^<>\s]{3,320})>\s*;")
_ANGLES = re.compile(r"<([^<>\s]{1,500})>")
_COMPLAINED = ("x-hmxmroriginalrecipient", "x-original-to", "delivered-to")
_FIELDS = ("message-id", "from", "to", "received", "subject", "return-path")


def in_parts(parts: Sequence[Part]) -> Original:
    """Return the header of the message that came back as a part."""
    for part in parts:
        if part.returned and not part.inner:
            headers = _header(part)
            if any(name in headers for name in _FIELDS):
                return _read(headers)
    return Original()


def in_text(text: str) -> Original:
    """Return the header that a report quotes at its end."""
    raw = text.lstrip("\n -=_").encode("utf-8", "replace")
    return _read(split(raw)[0])


def _header(part: Part) -> Headers:
    """Return the header of what is in the part; some leave out the blank line before it."""
    if "from" in part.headers or "received" in part.headers:
        return part.headers
    return split(part.body.lstrip(b"\n"))[0]


def _read(headers: Headers) -> Original:
    received = f" {headers.get('received')}"
    queue_id, queue_host = _QUEUE_ID.search(received), _QUEUE_HOST.search(received)
    return Original(
        message_id=identifier(headers.get("message-id")),
        sender=address.bare(headers.get("from")),
        to=address.many(headers.get("to")) or address.many(_first(_FOR, headers.all("received"))),
        subject=headers.shown("subject") or None,
        return_path=address.bare(headers.get("return-path")),
        list_id=headers.get("list-id") or None,
        list_unsubscribe=headers.get("list-unsubscribe") or None,
        queue_id=queue_id[1] if queue_id else None,
        queue_host=queue_host[1].lower() if queue_host else None,
        complained=next(filter(None, (address.bare(headers.get(name)) for name in _COMPLAINED)), None),
    )


def _first(pattern: re.Pattern[str], values: Sequence[str]) -> str:
    """Return what the first of several fields has that has it."""
    return next((match[1] for match in map(pattern.search, values) if match), "")


def identifier(value: str) -> str | None:
    """Return a Message-ID or an envelope id without its angle brackets."""
    match = _ANGLES.search(value)
    return match[1] if match else value.strip()[:500] or None
