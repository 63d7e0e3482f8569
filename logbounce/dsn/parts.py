"""A message cut into its parts, without recursion: as deep and as many as a report can need, and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from logbounce.dsn import decode, markup
from logbounce.dsn.headers import Headers, split

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 200
DEEPEST = 20
_KEPT = (
    256 * 1024
)  # bytes of a part: no more of it is ever read, and twenty messages inside each other must fit in memory
# What a returned message, or its header, comes as (RFC 3462, RFC 6533).
RETURNED = frozenset(
    {
        *("message/rfc822", "message/global", "text/rfc822-headers", "message/rfc822-headers"),
        *("message/global-headers", "text/rfc822", "message/partial"),
    }
)
_LONGEST_WORD = 400
_LAST_WORD = re.compile(r"[^\s<>()\[\]{},;:\"']+\Z")
_LAST_CODE = re.compile(r"(?<![\w.])[45]\d\d(?:[ -](?!\d\.\d{1,3}\.\d)[\w.#-]{0,12})?\Z")
_SNIFFED = re.compile(rb"^--(\S(?:[^\n]{0,99}[^ \t\n])?)[ \t]*\n(?:Content-[A-Za-z-]+|content-[a-z-]+):", re.MULTILINE)


@dataclass(slots=True)
class Part:
    """A leaf of the message, or a message inside it (`returned`), whose own parts follow as `inner` ones."""

    headers: Headers
    body: bytes
    inner: bool
    torn: bool = False  # the message ends here, in the midst of a line

    @property
    def type(self) -> str:
        """The media type."""
        return self.headers.type

    @property
    def returned(self) -> bool:
        """Tell whether this is a message, or the header of one, inside the message."""
        return self.type in RETURNED

    @property
    def text(self) -> str:
        """The text of the part; of HTML, its words."""
        text = decode.text(self.body, self.headers.encoding, self.headers.parameters.get("charset", ""))
        if self.torn and self.headers.encoding == "base64":
            text = text[: len(text) - _half(text[-_LONGEST_WORD:])]
        return markup.words(text) if self.type == "text/html" else text


class Parsed:
    """A message's header and parts; `cut` when its end is missing, `torn` when it ends in the midst of a line."""

    def __init__(self, raw: bytes) -> None:
        self.headers, body = split(decode.lines(raw))
        boundary = self.headers.parameters.get("boundary", "")
        multipart = self.headers.type.startswith("multipart/")
        self.cut = multipart and f"--{boundary}--".encode("latin-1", "replace") not in body
        self.torn = (self.cut or not multipart) and not body.endswith(b"\n")
        tail = body[-_LONGEST_WORD:].decode("latin-1") if self.torn else ""
        self._body = body[: len(body) - _half(tail)]

    @cached_property
    def parts(self) -> list[Part]:
        """The parts in order, at most MOST."""
        found = list(_walk(self.headers, self._body))
        if found:
            found[-1].torn = self.torn
        return found


def _half(tail: str) -> int:
    """Return how many characters at the end are half an address, or a reply code whose words are missing.

    What is missing would make the address somebody else's, and the reply another one.
    """
    word = _LAST_WORD.search(tail)
    if word and "@" in word[0]:
        return len(word[0])
    code = _LAST_CODE.search(tail)
    return len(code[0]) if code else 0


def _walk(headers: Headers, body: bytes) -> Iterator[Part]:
    left = [(headers, body, 0, False)]
    count = 0
    while left and count < MOST:
        headers, body, depth, inner = left.pop()
        children = _children(headers, body) if depth < DEEPEST else None
        if children is None or not headers.type.startswith("multipart/"):
            yield Part(headers, body[:_KEPT], inner)
            count += 1
        if children:
            inside = inner or headers.type in RETURNED
            left += [(*split(child), depth + 1, inside) for child in reversed(children)]


def _children(headers: Headers, body: bytes) -> list[bytes] | None:
    """Return what is inside a part, None if nothing can be."""
    kind = headers.type
    if kind.startswith("multipart/"):
        return _pieces(body, headers.parameters.get("boundary", ""))
    if kind in {"message/rfc822", "message/global"}:
        return [decode.content(body, headers.encoding)] if body else None
    return None


def _pieces(body: bytes, boundary: str) -> list[bytes] | None:
    """Cut at a boundary; at the one that is there, when the header names another or none."""
    pieces = _cut(body, boundary.encode("latin-1", "replace")) if boundary else []
    if not pieces and (found := _SNIFFED.search(body)):
        pieces = _cut(body, found[1])
    return pieces or None


def _cut(body: bytes, boundary: bytes) -> list[bytes]:
    mark = b"\n--" + boundary
    body = b"\n" + body
    pieces: list[bytes] = []
    start = body.find(mark)
    while start >= 0 and len(pieces) < MOST:
        begin = body.find(b"\n", start + len(mark))
        if body.startswith(b"--", start + len(mark)) or begin < 0:
            break
        start = body.find(mark, begin)
        pieces.append(body[begin + 1 : start if start >= 0 else None])
    return pieces
