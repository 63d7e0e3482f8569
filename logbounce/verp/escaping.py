"""An address inside the local part of another, in letters that every mail system leaves as they are."""

from __future__ import annotations

import re

_KEPT = re.compile(r"[a-z0-9-]")
_ESCAPED = re.compile(r"_([0-9a-f]{2})")
# The plain kind (D. J. Bernstein's, as mailing lists use it): LIST-bounces+USER=DOMAIN@, LIST-USER=DOMAIN@.
_PLAIN = re.compile(r"[^+=@]*[+-](?P<user>[^=@]+)=(?P<domain>[^=@]+\.[^=@]+)@", re.IGNORECASE)
_AFTER_DELIMITER = re.compile(r".*\+")


def escaped(address: str) -> str:
    """Return `address` in lower case, its @ as =, what is no letter, digit, hyphen or single dot as _HEX."""
    local, _, domain = address.lower().rpartition("@")
    return f"{_dotted(local)}={_dotted(domain)}"


def unescaped(text: str) -> str:
    """Return the address that `escaped` was given, in lower case; ValueError if it was given none."""
    local, _, domain = text.rpartition("=")
    if not local or not domain:
        raise ValueError("no address")
    return f"{_bytes(local).decode()}@{_bytes(domain).decode()}"


def plain_recipient(address: str) -> str | None:
    """Return the recipient in an unsigned VERP address: a hint, since anybody can write it."""
    found = _PLAIN.match(address)
    if found is None:
        return None
    return f"{_AFTER_DELIMITER.sub('', found['user'])}@{found['domain']}".lower()


def _dotted(text: str) -> str:
    """Escape; a dot stays where a local part may have one (RFC 5321 section 4.1.2, Dot-string)."""
    parts = text.split(".")
    if all(parts):
        return ".".join(_part(part) for part in parts)
    return "_2e".join(_part(part) for part in parts)


def _part(text: str) -> str:
    return "".join(
        char if _KEPT.fullmatch(char) else "".join(f"_{byte:02x}" for byte in char.encode()) for char in text
    )


def _bytes(text: str) -> bytes:
    if re.fullmatch(r"(?:[a-z0-9.-]|_[0-9a-f]{2})+", text) is None:
        raise ValueError("not escaped by us")
    parts = _ESCAPED.split(text)
    return b"".join(bytes([int(part, 16)]) if number % 2 else part.encode() for number, part in enumerate(parts))
