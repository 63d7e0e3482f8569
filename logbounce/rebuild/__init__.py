"""Makes the database again from the logs, and keeps what no log can tell."""

from __future__ import annotations

from logbounce.rebuild.logs import logs_of
from logbounce.rebuild.rebuilding import Rebuilding, rebuilding

__all__ = ["Rebuilding", "logs_of", "rebuilding"]
