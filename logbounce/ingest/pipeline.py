"""Runs a file through all the rooms, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from logbounce import load
from logbounce.allocator import few_pools
from logbounce.database import transaction
from logbounce.follow import blocks, open_log, resume
from logbounce.follow.ahead import read_ahead
from logbounce.follow.files import STDIN, explained
from logbounce.ingest import checkpoint, deciding
from logbounce.ingest.commit import commit
from logbounce.ingest.inspect import is_written, reading_of
from logbounce.parse import in_batches, parse_blocks

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.follow import LogFile
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.load import Loaded
    from logbounce.parse import Reading
    from logbounce.rules import Rules
    from logbounce.settings import Settings


COMMIT_BYTES = 12 * 1024 * 1024  # to plan and commit takes as long for one block as for several
DECIDE_BYTES = 256 * 1024 * 1024  # to plan the rules and the policy takes longer than to apply them to a block
_MAPPED_BYTES = 2 * 1024 * 1024  # who reads a whole log is to be fast
Progress = Callable[[int], None]


@dataclass
class Ingested:
    """What one file brought; `new` attempts were not in the database before."""

    path: str
    format: str
    carrier: str
    lines: int = 0
    attempts: int = 0
    new: int = 0
    unparsed: int = 0
    noise: int = 0
    suppressed: int = 0

    def add(self, loaded: Loaded, forgotten: int) -> None:
        """Count one block more, which took the place of `forgotten` attempts."""
        self.new -= forgotten
        for name in ("lines", "attempts", "new", "unparsed", "noise"):
            setattr(self, name, getattr(self, name) + getattr(loaded, name))


@dataclass(frozen=True)
class Pipeline:
    """What every file is read with."""

    connection: DuckDBPyConnection
    settings: Settings
    rules: Rules

    def __post_init__(self) -> None:
        """Prepare the connection."""
        few_pools(_MAPPED_BYTES)
        self.connection.execute("set threads = 1")  # parsing has the other core
        deciding.prepare(self.connection, self.settings, self.rules)
        self.decide()  # what an earlier run had no time for

    def ingest(self, path: str, wanted: str | None = None, progress: Progress = lambda _: None) -> Ingested:
        """Read the log at `path` (`-`: standard input) from where it was left; `progress` gets the bytes read."""
        with open_log(path) as log:
            reading = reading_of(log, self.settings, wanted)
            if path == STDIN:
                return self._run(log, None, reading, progress)
        known = checkpoint.known(self.connection)
        log, left = resume(path, [mark for mark in known if mark.format == reading.detected.format])
        with log.raw, explained(path):
            return self._run(log, cast("Checkpoint | None", left), reading, progress)

    def decide(self) -> int:
        """Classify what is new and apply the policy; return how many addresses it suppressed."""
        return deciding.decide(self.connection, self.rules)

    def _run(self, log: LogFile, left: Checkpoint | None, reading: Reading, progress: Progress) -> Ingested:
        stored = left or checkpoint.beginning(log, reading)
        result = Ingested(log.path, reading.detected.format, stored.carrier)
        at = stored.renewed(log)
        load.prepare(self.connection, reading.detected.format, reading.source_name)
        read = parse_blocks(blocks(log.stream, at.position), reading, at.last_time)
        decide_at = at.position + DECIDE_BYTES
        for parsed in read_ahead(in_batches(read, COMMIT_BYTES)):
            at, loaded, forgotten = commit(self.connection, parsed, stored, at, growing=log.growing)
            stored = at
            result.add(loaded, forgotten)
            if at.position >= decide_at:
                result.suppressed += self.decide()
                decide_at = at.position + DECIDE_BYTES
            progress(at.position)
        result.suppressed += self.decide()
        at = replace(at, finished=not is_written(log, self.settings))
        if at != stored:
            with transaction(self.connection):
                at.save(self.connection, stored)
        return result
