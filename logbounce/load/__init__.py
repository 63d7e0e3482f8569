"""Correlates the events of a block, drops repeats and inserts rows; the caller owns the transaction."""

from logbounce.load.block import Loaded, forget_provisional, load_block, prepare, provisional

__all__ = ["Loaded", "forget_provisional", "load_block", "prepare", "provisional"]
