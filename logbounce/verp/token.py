"""Signed VERP: PREFIX KEY DAY SIGNATURE - RECIPIENT @ DOMAIN, so that nobody else can make one.

The signature is the first 80 bits of an HMAC (RFC 2104, SHA-256) over key, day and recipient, in base32 (RFC 4648) and
lower case: mail systems may change the case of an address. The day is the last on which it is good, and so limits how
long one that was seen by others can be sent back.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum
from typing import TYPE_CHECKING

from logbounce.errors import SettingsError
from logbounce.verp.escaping import escaped, unescaped

if TYPE_CHECKING:
    from logbounce.settings import Verp

_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32's
_DAY_LETTERS = 3  # 32,768 days
_FIRST_DAY = date(2020, 1, 1)
_SIGNATURE_BYTES = 10
_SIGNATURE_LETTERS = 16
_LOCAL_OCTETS = 64  # RFC 5321 section 4.5.3.1.1
_SECRET_BYTES = 16


class Verdict(Enum):
    """What an address of ours that came back turned out to be."""

    GOOD = "good"
    EXPIRED = "expired"
    FORGED = "wrong signature"
    UNKNOWN_KEY = "a key that is not in the settings"
    NOT_OURS = "not one of ours"


@dataclass(frozen=True, slots=True)
class Key:
    """A secret under a name of one letter or digit a-z, 2-7."""

    name: str
    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse a name or a secret that would not do."""
        if len(self.name) != 1 or self.name not in _LETTERS:
            raise SettingsError(f"the VERP key '{self.name}': expected a name of one letter a-z or digit 2-7")
        if len(self.secret) < _SECRET_BYTES:
            raise SettingsError(f"the VERP key '{self.name}': expected a secret of at least {_SECRET_BYTES} bytes")


@dataclass(frozen=True, slots=True)
class Proof:
    """What an address says; the recipient is in lower case, and None unless the verdict is GOOD or EXPIRED."""

    verdict: Verdict
    recipient: str | None = None
    expires: date | None = None


@dataclass(frozen=True, slots=True)
class Signer:
    """Makes and checks the addresses of one bounce domain; the first key signs, all are checked."""

    prefix: str  # the user before the delimiter, and the delimiter: b+
    domain: str
    keys: tuple[Key, ...]
    days: int = 30

    @classmethod
    def of(cls, settings: Verp) -> Signer:
        """Return the signer that the settings describe."""
        return cls(
            settings.prefix, settings.domain, tuple(Key(k.name, k.secret()) for k in settings.keys), settings.days
        )

    def sign(self, recipient: str, today: date) -> str:
        """Return the envelope sender for a message to `recipient`; ValueError if that is no address, or is too long."""
        if not all(recipient.rpartition("@")):
            raise ValueError(f"{recipient!r}: is no address, expected one such as ann@example.org")
        key = self.keys[0]
        day = _day(today + timedelta(days=self.days))
        inside = escaped(recipient)
        local = f"{self.prefix}{key.name}{day}{_signature(key, day, inside)}-{inside}"
        if len(local) > _LOCAL_OCTETS:
            raise ValueError(
                f"{recipient}: too long for a local part of {_LOCAL_OCTETS} octets: {len(local)} are needed"
            )
        return f"{local}@{self.domain}"

    def check(self, address: str, today: date) -> Proof:
        """Tell whether `address` is one that `sign` made, and for whom."""
        local, _, domain = address.strip().lower().rpartition("@")
        prefix = self.prefix.lower()
        head, _, inside = local.removeprefix(prefix).partition("-")
        if domain != self.domain.lower() or not local.startswith(prefix) or not inside:
            return Proof(Verdict.NOT_OURS)
        if len(head) != 1 + _DAY_LETTERS + _SIGNATURE_LETTERS:
            return Proof(Verdict.NOT_OURS)
        return self._verify(head, inside, today)

    def _verify(self, head: str, inside: str, today: date) -> Proof:
        key = next((key for key in self.keys if key.name == head[0]), None)
        if key is None:
            return Proof(Verdict.UNKNOWN_KEY)
        day, signature = head[1 : 1 + _DAY_LETTERS], head[1 + _DAY_LETTERS :]
        if not hmac.compare_digest(signature.encode(), _signature(key, day, inside).encode()):
            return Proof(Verdict.FORGED)
        expires = _date(day)
        verdict = Verdict.EXPIRED if today > expires else Verdict.GOOD
        return Proof(verdict, unescaped(inside), expires)


def _signature(key: Key, day: str, inside: str) -> str:
    said = f"logbounce verp 1:{key.name}:{day}:{inside}".encode()
    code = hmac.new(key.secret, said, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
    return base64.b32encode(code).decode().lower()


def _day(day: date) -> str:
    number = (day - _FIRST_DAY).days
    return "".join(_LETTERS[number >> shift & 31] for shift in (10, 5, 0))


def _date(day: str) -> date:
    number = 0
    for letter in day:
        number = number << 5 | _LETTERS.index(letter)
    return _FIRST_DAY + timedelta(days=number)
