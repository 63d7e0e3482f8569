"""Why an address is suppressed or not, and what happened to the mail to it, down to the line of the log."""

from logbounce.explain.address import Explained, Row, explain

__all__ = ["Explained", "Row", "explain"]
