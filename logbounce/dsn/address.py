"""Mail addresses as reports write them."""

from __future__ import annotations

import re
import sys

_LONGEST = 320  # RFC 5321 section 4.5.3.1: 64 and 255 octets, and the @
_TYPE = re.compile(r"^\s*[A-Za-z0-9-]{1,20}\s*;\s*")
_BRACKETS = re.compile(r"<([^<>@]*@[^<>]*)>")
_COMMENT = re.compile(r"(?<=\w)[ \t]+\([^()]*+\)?[ \t]*$")  # RFC 5322 section 3.2.2, perhaps cut
_ROUTE = re.compile(r"^@[^:]{0,1000}:")  # RFC 5321 appendix C
_UNICODE = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")  # RFC 6533 section 3
# Marks of Chinese, Japanese and Arabic sentences, which stand next to an address without a blank.
MARKS = "，。、：；！（）「」『』【】《》،؛"  # noqa: RUF001 - they are what is meant
_WHOLE = re.compile(
    r'(?:"[^"\n]{1,64}"|[^\s<>()\[\],;:"@' + MARKS + r"]{1,128})"
    r"@(?:[^\s<>()\[\],;:\"'@" + MARKS + r"]{1,255}|\[[0-9A-Za-z:.]{3,60}\])"
)
_NEEDLESS = re.compile(r"^\"([\w!#$%&'*+/=?^`{|}~-]+(?:\.[\w!#$%&'*+/=?^`{|}~-]+)*)\"(?=@)")  # RFC 5321 section 4.1.2
# Scripts without blanks between words: what stands next to an address there is a word of its own.
_UNSPACED = "\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af"
_GLUED_BEFORE = re.compile(rf"^[{_UNSPACED}]+(?=[!-~]+@[!-~])")
_GLUED_BEHIND = re.compile(rf"(?<=\.)([A-Za-z]{{2,63}})[{_UNSPACED}][^.]*$")
_HIDDEN = re.compile(r"^\*|\*\*")  # ***@example.org: the one who reports hides a name
_TAIL = re.compile(r"(?<=\w)[^\w\]]+$")  # what a sentence goes on with
_INSIDE = re.compile(r"(?:^|\.)(?:local|localdomain|localhost|lan|internal|intern|home|corp|arpa)$", re.IGNORECASE)


def bare(text: str) -> str | None:
    """Return the address that a field or a line holds: `rfc822; <bob@example.org>` and the like."""
    text = text[:1000]
    text = (_TYPE.sub("", text) if ";" in text else text).strip()
    if match := _BRACKETS.search(text):
        text = match[1]
    text = _without_comment(text).strip("'<>")
    text = (text if '"@' in text else text.strip('"')).rstrip(".,;:*").removeprefix("mailto:")
    if "\\x{" in text:
        text = _UNICODE.sub(lambda found: _character(found[1]), text)
    text = _NEEDLESS.sub(r"\1", text) if text[:1] == '"' else text
    text = text if text[-1:].isalnum() else _TAIL.sub("", text)
    return text if _WHOLE.fullmatch(text) and len(text) <= _LONGEST and not _HIDDEN.search(text) else None


def _without_comment(text: str) -> str:
    """Return an address without the comment behind it and the route before it."""
    text = _COMMENT.sub("", text).strip() if "(" in text else text
    return _ROUTE.sub("", text) if text[:1] == "@" else text


def in_sentence(text: str) -> str:
    """Return what a sentence has as an address without the words that it is written together with."""
    if text.isascii():
        return text
    return _GLUED_BEHIND.sub(r"\1", _GLUED_BEFORE.sub("", text))


def _character(digits: str) -> str:
    number = int(digits, 16)
    character = chr(number) if number <= sys.maxunicode else ""
    return character if character.isprintable() else ""  # no surrogate is


def many(text: str) -> tuple[str, ...]:
    """Return the addresses of a header such as To."""
    found = (bare(piece) for piece in text[:10_000].split(","))
    return tuple(dict.fromkeys(one for one in found if one))


def mailed(final: str | None, original: str | None) -> str | None:
    """Return the address that was mailed: the final one, unless only a host within knows it."""
    if final is None or (original and (is_internal(final) or is_same_inside(final, original))):
        return original
    return final


def is_same_inside(final: str, mailed: str) -> bool:
    """Tell whether an address is the one that was mailed on a host of that domain: bob@store.example.org."""
    (name, _, host), (mailed_name, _, domain) = final.lower().rpartition("@"), mailed.lower().rpartition("@")
    return name == mailed_name and host.endswith(f".{domain}")


def is_internal(address: str) -> bool:
    """Tell whether nobody outside can have mailed this: a host without domain, or a name of a network within."""
    domain = address.rpartition("@")[2]
    return "." not in domain or bool(_INSIDE.search(domain))
