"""Mail addresses as reports write them."""

from __future__ import annotations

import re
import sys

_LONGEST = 320  # RFC 5321 section 4.5.3.1: 64 and 255 octets, and the @
_TYPE = re.compile(r"^\s*[A-Za-z0-9-]{1,20}\s*;\s*")
_BRACKETS = re.compile(r"<([^<>]*@[^<>]*)>")
_COMMENT = re.compile(r"(?<=\w)[ \t]+\([^()]*\)?[ \t]*$")  # RFC 5322 section 3.2.2, perhaps cut
_ROUTE = re.compile(r"^@[^:]{0,1000}:")  # RFC 5321 appendix C
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 section 3
# Marks of Chinese, Japanese and Arabic sentences, which stand next to an address without a blank.
MARKS = "，。、：；！（）「」『』【】《》،؛"  # noqa: RUF001 - they are what is meant
_WHOLE = re.compile(
    r'(?:"[^"\n]{1,64}"|[^\s<>()\[\],;:"@' + MARKS + r"]{1,128})"
    r"@(?:[^\s<>()\[\],;:\"'@" + MARKS + r"]{1,255}|\[[0-9A-Za-z:.]{3,60}\])"
)
_HIDDEN = re.compile(r"^\*|\*\*")  # ***@example.org: the one who reports hides a name
_TAIL = re.compile(r"(?<=\w)[^\w\]]+$")  # what a sentence goes on with
_INSIDE = re.compile(r"(?:^|\.)(?:local|localdomain|localhost|lan|internal|intern|home|corp|arpa)$", re.IGNORECASE)


def bare(text: str) -> str | None:
    """Return the address that a field or a line holds: `rfc822; <bob@example.org>` and the like."""
    text = _TYPE.sub("", text[:1000]).strip()
    if match := _BRACKETS.search(text):
        text = match[1]
    text = _ROUTE.sub("", _COMMENT.sub("", text).strip()).strip("'<>")
    text = (text if '"@' in text else text.strip('"')).rstrip(".,;:*").removeprefix("mailto:")
    if "\\x{" in text:
        text = _UNICODE.sub(lambda found: _character(found[1]), text)
    text = _TAIL.sub("", text)
    return text if _WHOLE.fullmatch(text) and len(text) <= _LONGEST and not _HIDDEN.search(text) else None


def _character(digits: str) -> str:
    number = int(digits, 16)
    character = chr(number) if number <= sys.maxunicode else ""
    return character if character.isprintable() else ""  # no surrogate is


def many(text: str) -> tuple[str, ...]:
    """Return the addresses of a header such as To."""
    found = (bare(piece) for piece in text[:10_000].split(","))
    return tuple(dict.fromkeys(one for one in found if one))


def is_internal(address: str) -> bool:
    """Tell whether nobody outside can have mailed this: a host without domain, or a name of a network within."""
    domain = address.rpartition("@")[2]
    return "." not in domain or bool(_INSIDE.search(domain))
