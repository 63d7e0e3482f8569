"""One mail message in, its bounce records out: RFC 3464, RFC 5965, and the reports that only people were to read."""

from logbounce.dsn.model import Kind, Message, Original, Record
from logbounce.dsn.read import LIMIT, read_message
from logbounce.dsn.words import time

__all__ = ["LIMIT", "Kind", "Message", "Original", "Record", "read_message", "time"]
