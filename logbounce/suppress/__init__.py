"""The addresses that are not to be mailed, from the append-only ledger of decisions."""

from logbounce.suppress.active import Suppression, is_suppressed, listing
from logbounce.suppress.names import FORGOTTEN, mark, spellings

__all__ = ["FORGOTTEN", "Suppression", "is_suppressed", "listing", "mark", "spellings"]
