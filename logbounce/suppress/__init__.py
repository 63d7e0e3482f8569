"""The addresses that are not to be mailed, from the append-only ledger of decisions."""

from logbounce.suppress.active import Suppression, is_suppressed, known_as, listing, was_mailed
from logbounce.suppress.names import (
    FORGOTTEN,
    AddressError,
    as_written,
    mark,
    require_address,
    require_recipient,
    spellings,
)

__all__ = [
    "FORGOTTEN",
    "AddressError",
    "Suppression",
    "as_written",
    "is_suppressed",
    "known_as",
    "listing",
    "mark",
    "require_address",
    "require_recipient",
    "spellings",
    "was_mailed",
]
