"""One round through a mailbox: fetch what is new, commit it, and only then mark, move or delete it there."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError
from logbounce.ingest import reports
from logbounce.ingest.fetched import Fetched, Reader

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

    from logbounce.mailbox import Box, Entry
    from logbounce.settings import Mailbox, Settings

BATCH = 100  # messages a commit
