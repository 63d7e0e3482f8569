"""The addresses that are not to be mailed, from the append-only ledger of decisions."""

from logbounce.suppress.active import Suppression, is_suppressed, known_as, listing
from logbounce.suppress.names import FORGOTTEN, AddressError, mark, require_address, require_recipient, spellings

__all__ = [
    "FORGOTTEN",
    "AddressError",
    "Suppression",
    "is_suppressed",
    "known_as",
    "listing",
    "mark",
    "require_address",
    "require_recipient",
    "spellings",
]
