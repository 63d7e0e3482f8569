r"""Finds one address in any text: as it is, encoded, or packed into another; never as a part of another address.

The patterns are RE2's. What stands on either side of the address is in the groups 1 and 2, so that it can be kept.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

# Neither joann@example.org nor x-ann@example.org is ann@example.org.
_OUTSIDE = r"[^a-z0-9._%+\-]"
# Its characters in hex: %3Cann@example.org, in a URL; =3Cann@example.org, in quoted-printable.
_OUTSIDE_HEX = "(?:[0189a-f][0-9a-f]|2[0-46-9acf]|3[a-f]|40|5[b-e]|60|7[b-f])"
# And as JSON, Exim and repr() write them: \n, \u003c, \x0a, \074.
_ESCAPED = rf"\\(?:[abefnrtv]|u00{_OUTSIDE_HEX}|x{_OUTSIDE_HEX}|[0-7]{{3}})"
# A line of a reply that has more of them: its code, its status (RFC 5321 section 4.2.1, RFC 3463).
_REPLY = r"(?:[245][0-9]{2}-(?:[245]\.[0-9]{1,3}\.[0-9]{1,3}-)?|[245]\.[0-9]{1,3}\.[0-9]{1,3}-)"
_EDGE = rf"(?:^|{_OUTSIDE}|{_ESCAPED})"
_BEFORE = rf"({_EDGE}{_REPLY}?|{_EDGE}-+|\.\.\.|[%=]{_OUTSIDE_HEX})"
# What an address is packed into may end in + or - there, or in what those are in a URL and in xtext.
_BEFORE_PACKED = rf"(^|[^a-z0-9._%]|{_ESCAPED}|[%=]{_OUTSIDE_HEX}|[%=+]2[bd])"
# Neither ann@example.org.uk nor ann@example.org-x.uk is; a sentence may end behind it.
_AFTER = r"($|[^a-z0-9.\-]|[.\-]$|[.\-][^a-z0-9])"
# Around an address that has a column of its own: nothing but quotes and brackets, its type, BATV's signature; behind
# it, the gateway that it went through.
_BEFORE_ALONE = r"""^(?:[<"']*|[a-z0-9-]+;[\s<]*|prvs=[^=@]+=)"""
_AFTER_ALONE = r"""[>"']*(?:$|@)"""
_PLAIN_LOCAL = re.compile(r"[^\s\"(),:;<>@\[\\\]]+")
_QUOTED_LOCAL = re.compile(r'"(.+)"')


def as_text(spellings: Iterable[str]) -> str:
    """Return the pattern of an address in a text: <ann@example.org>, ann%40example.org, rfc822;ann+2Bx@example.org."""
    return f"(?i){_BEFORE}(?:{_any(spellings, _open)}){_AFTER}"


def as_packed(spellings: Iterable[str]) -> str:
    """Return the pattern of an address within the local part of another: VERP's, our own kind too; SRS turns it."""
    return f"(?i){_BEFORE_PACKED}(?:{_any(spellings, _packed)}){_AFTER}"


def as_recipient(spellings: Iterable[str]) -> str:
    """Return the pattern of a recipient that is this address, however it is written."""
    return f"(?i){_BEFORE_ALONE}(?:{_any(spellings, _open)}){_AFTER_ALONE}"


def _any(spellings: Iterable[str], form: Callable[[str, str], str]) -> str:
    return "|".join(form(local, domain) for local, _, domain in (spelling.rpartition("@") for spelling in spellings))


def _open(local: str, domain: str) -> str:
    return _local(local, "%=+") + _char("@", "%=+") + _all(domain, "%=+")


def _packed(local: str, domain: str) -> str:
    signs = "%=+_"  # ours is the last: logbounce/verp/escaping.py
    there, host = _local(local, signs), _all(domain, signs)
    equals = _char("=", signs)
    return f"{there}(?:{equals}|%|[{signs}]40){host}|{host}{equals}{there}"


def _local(text: str, signs: str) -> str:
    """Return the pattern of a local part; one that can do without quotes may have them all the same."""
    quoted = _QUOTED_LOCAL.fullmatch(text)
    bare = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else text
    needed = "?" if _PLAIN_LOCAL.fullmatch(bare) or not quoted else ""
    quote = _char('"', signs) + needed
    return quote + _all(bare, signs) + quote


def _all(text: str, signs: str) -> str:
    return "".join(_char(char, signs) for char in text)


def _char(char: str, signs: str) -> str:
    r"""Return the pattern of one character: %2B of a URL, =2B of MIME, +2B of RFC 3461, _2b of ours, \u002b of JSON."""
    if char.isascii() and char.isalnum():
        return char
    forms = {form: None for same in (char, char.lower(), char.upper()) for form in _forms(same, signs)}
    return f"(?:{'|'.join(forms)})"


def _forms(char: str, signs: str) -> Iterable[str]:
    yield rf"\\*{re.escape(char)}" if char.isascii() else re.escape(char)  # a backslash: of a quoted string
    yield f"[{signs}]".join(("", *(f"{byte:02x}" for byte in char.encode())))
    units = char.encode("utf-16-be")
    yield "".join(rf"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))
    yield rf"\\x\{{0*{ord(char):x}\}}"  # RFC 6533
