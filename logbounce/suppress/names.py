"""One address in the ways in which it may be written, and the mark that stays of one that was forgotten."""

from __future__ import annotations

import hashlib

import idna

from logbounce.errors import Exit, LogbounceError

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
