"""Writes a first logbounce.yaml from what the machine shows of its mail servers."""

from logbounce.init.machine import Machine, look
from logbounce.init.writing import write

__all__ = ["Machine", "look", "write"]
