"""Copies of the database for others: kept for bad days, or for analysts who then block nobody."""

from logbounce.publish.copying import Copied, backup, publish

__all__ = ["Copied", "backup", "publish"]
