"""Writes a first logbounce.yaml from what the machine shows of its mail servers, and what runs a service."""

from logbounce.init.machine import Machine, look
from logbounce.init.service import hidden, program, write_service
from logbounce.init.writing import write

__all__ = ["Machine", "hidden", "look", "program", "write", "write_service"]
