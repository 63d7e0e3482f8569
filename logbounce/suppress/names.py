"""One address in the ways in which it may be written, and the mark that stays of one that was forgotten."""

from __future__ import annotations

import hashlib
import re
from email.utils import parseaddr
from urllib.parse import unquote

import idna

from logbounce.errors import Exit, LogbounceError

_MAILTO = "mailto:"  # RFC 6068
_NO_NAME = re.compile(r"[\s<>,;]")  # in no address, unless it is in quotes
FORGOTTEN = "forgotten:"
# RFC 7914: 16 MB and some 50 ms for each guess, so that nobody can try a list of addresses on a stolen database.
_COST, _BLOCK_SIZE, _PARALLEL = 2**14, 8, 1


class AddressError(LogbounceError):
    """What was given is no address."""

    exit = Exit.USAGE


def require_address(given: str) -> str:
    """Return what was given, without blanks around it; AddressError if it is no address."""
    if not all(given.strip().rpartition("@")):
        raise AddressError(f"{given}: is no address, expected one such as ann@example.org")
    return given.strip()


def require_recipient(given: str) -> str:
    """Return what was given, without blanks around it: an address, or a user of the server's own, who has no domain.

    AddressError if it is nothing: a script's empty variable is nobody who may be mailed.
    """
    if not given.strip():
        raise AddressError("no address was given, expected one such as ann@example.org")
    return require_address(given) if "@" in given else given.strip()


def as_written(given: str) -> str:
    """Return the address in what people paste: `Ann <ann@example.org>`, `mailto:ann@example.org`, with a last dot."""
    given = given.strip()
    if given.lower().startswith(_MAILTO):
        given = unquote(given[len(_MAILTO) :].partition("?")[0])
    if given.endswith(">"):
        given = parseaddr(given)[1] or given
    given = require_recipient(given.rstrip(".") if "@" in given else given)
    bare = given.rpartition("@")[2] if given.startswith('"') else given
    if _NO_NAME.search(bare) or given == "-":
        raise AddressError(f"{given}: is no address, expected one such as ann@example.org")
    return given


def spellings(address: str) -> list[str]:
    """Return an address in lower case, with its domain in A-labels (RFC 5890) first and in U-labels after that."""
    local, sign, domain = address.strip().lower().rpartition("@")
    if not sign:
        return [address.strip().lower()]
    return list(dict.fromkeys(f"{local}@{form}" for form in (_a_labels(domain), _u_labels(domain))))


def mark(address: str, salt: str) -> str:
    """Return what stands in the ledger for an address that was forgotten: nobody can read it out of that."""
    key = hashlib.scrypt(
        spellings(address)[0].encode(), salt=bytes.fromhex(salt), n=_COST, r=_BLOCK_SIZE, p=_PARALLEL, dklen=32
    )
    return f"{FORGOTTEN}{key.hex()}"


def _a_labels(domain: str) -> str:
    try:
        return idna.encode(domain, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return domain


def _u_labels(domain: str) -> str:
    try:
        return idna.decode(domain, uts46=True)
    except (idna.IDNAError, UnicodeError):
        return domain
