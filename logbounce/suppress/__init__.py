"""The addresses that are not to be mailed, from the append-only ledger of decisions."""

from logbounce.suppress.active import Suppression, is_suppressed, listing

__all__ = ["Suppression", "is_suppressed", "listing"]
