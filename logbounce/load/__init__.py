"""Correlates the events of a block, drops repeats and inserts rows; the caller owns the transaction."""

from logbounce.load.block import Loaded, done, forget_provisional, load_block, prepare, provisional
from logbounce.load.names import ascii_address

__all__ = ["Loaded", "ascii_address", "done", "forget_provisional", "load_block", "prepare", "provisional"]
