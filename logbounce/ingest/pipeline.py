"""Runs a file through all the rooms, block by block."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from logbounce import classify, escalate, load
from logbounce.database import statement, transaction
from logbounce.follow import blocks, open_log
from logbounce.follow.ahead import read_ahead
from logbounce.follow.files import STDIN
from logbounce.ingest import checkpoint
from logbounce.ingest.allocator import give_back
from logbounce.ingest.inspect import reading_of
from logbounce.parse import in_batches, parse_blocks
from logbounce.rules import publish

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block, LogFile
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.load import Loaded
    from logbounce.parse import Parsed, Reading
    from logbounce.rules import Rules
    from logbounce.settings import Settings


COMMIT_BYTES = 12 * 1024 * 1024  # to plan and commit takes as long for one block as for several
DECIDE_BYTES = 256 * 1024 * 1024  # to plan the rules and the policy takes longer than to apply them to a block
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

    def add(self, loaded: Loaded) -> None:
        """Count one block more."""
        for name in ("lines", "attempts", "new", "unparsed", "noise"):
            setattr(self, name, getattr(self, name) + getattr(loaded, name))


@dataclass(frozen=True)
class Pipeline:
    """What every file is read with."""

    connection: DuckDBPyConnection
    settings: Settings
    rules: Rules

    def __post_init__(self) -> None:
        """Put the rules, and the map from instance to source IP, where SQL finds them."""
        give_back()
        self.connection.execute("set threads = 1")  # parsing has the other core
        with transaction(self.connection):
            publish(self.connection, self.rules)
        ips = self.settings.source_ips
        self.connection.execute(statement("ingest_source_ips"), {"names": list(ips), "ips": list(ips.values())})
        self.decide()  # what an earlier run had no time for

    def ingest(self, path: str, wanted: str | None = None, progress: Progress = lambda _: None) -> Ingested:
        """Read the log at `path` (`-`: standard input) from where it was left; `progress` gets the bytes read."""
        with open_log(path) as log:
            reading = reading_of(log, self.settings, wanted)
            left = None if path == STDIN else checkpoint.known(self.connection, log)
            if left is None:
                return self._run(log, reading, checkpoint.beginning(log, reading), progress)
            if checkpoint.digest(log.skip(left.position, left.tail_length)) == left.tail_fingerprint:
                return self._run(log, reading, left, progress)
        with open_log(path) as log:  # not what its first bytes promised: read whole, and what is known is dropped
            return self._run(log, reading, checkpoint.beginning(log, reading).provisionally(left.provisional), progress)

    def _run(self, log: LogFile, reading: Reading, start: Checkpoint, progress: Progress) -> Ingested:
        result = Ingested(log.path, reading.detected.format, start.carrier)
        at = start.renewed(log)
        load.prepare(self.connection, reading.detected.format, reading.source_name)
        pieces = read_ahead(
            in_batches(parse_blocks(blocks(log.stream, at.position), reading, at.last_time), COMMIT_BYTES)
        )
        decide_at = at.position + DECIDE_BYTES
        for parsed in pieces:
            with transaction(self.connection):
                start.drop(self.connection)
                at = self._load(parsed, at, result, growing=log.growing)
                at.save(self.connection)
            if at.position >= decide_at:
                result.suppressed += self.decide()
                decide_at = at.position + DECIDE_BYTES
            progress(at.position)
        result.suppressed += self.decide()
        if not result.lines and at != start:  # nothing new, under another name
            with transaction(self.connection):
                start.drop(self.connection)
                at.save(self.connection)
        return result

    def _load(self, parsed: Parsed, at: Checkpoint, result: Ingested, *, growing: bool) -> Checkpoint:
        """Load one block; return the checkpoint after it."""
        whole = parsed.block.ended or not growing
        result.new -= load.forget_provisional(self.connection, at.provisional)
        loaded = load.load_block(self.connection, parsed, whole_lines=whole)
        if whole:  # nobody is judged on a line that may say something else when it is complete
            self.connection.execute(statement("ingest_touched"))
        result.add(loaded)
        return self._after(parsed.block, loaded, at)

    def decide(self) -> int:
        """Classify what is new and apply the policy to whom it is about; return how many addresses it suppressed.

        What is stored and not decided is kept in the database, so that a run that was cut short loses no decision.
        """
        with transaction(self.connection):
            classify.classify_templates(self.connection, self.rules)
            self.connection.execute(statement("ingest_undecided"))
            return escalate.escalate(self.connection)

    def _after(self, block: Block, loaded: Loaded, at: Checkpoint) -> Checkpoint:
        """Return the checkpoint after a block: a last line without an end will be read again, as it then is."""
        if not block.ended:
            return at.provisionally(load.provisional(self.connection))
        tail = b"" if block.overlong else block.data
        return at.advanced(loaded, block.end, tail + b"\n")
