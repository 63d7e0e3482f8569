"""A log file with its rotations, as a source of `tail`."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, cast

from logbounce.clock import utc_now
from logbounce.database import statement, transaction
from logbounce.errors import EmptyLogError, InputError, MissingLogError
from logbounce.follow import Follower, chain
from logbounce.follow.files import ENOUGH_BYTES
from logbounce.ingest import checkpoint, deciding
from logbounce.ingest.complaints import Complaints
from logbounce.ingest.inspect import reading_of
from logbounce.ingest.line_parser import LineParser
from logbounce.ingest.source import Piece, together, up_to

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from duckdb import DuckDBPyConnection

    from logbounce.follow import Block, Followed
    from logbounce.ingest.checkpoint import Checkpoint
    from logbounce.ingest.session import Sessions
    from logbounce.settings import Settings
    from logbounce.settings import Source as Configured

_LOST = "was rotated away, deleted or emptied before it was read to its end"


@dataclass
class FileSource:
    """Follows one `path:` of the settings. `say` gets warnings, each of them once a day."""

    configured: Configured
    settings: Settings
    known: list[Checkpoint]
    say: Callable[[str], None]
    once: bool = False
    pressing: bool = False
    unreadable: bool = False  # a file that is there could not be read when it was last looked at
    _parsers: dict[Followed, LineParser] = field(default_factory=dict)
    _exhausted: set[Followed] = field(default_factory=set)  # they had nothing more when they were last asked

    def __post_init__(self) -> None:
        """Look at nothing yet."""
        self._follower = Follower(self.configured.path, kept=self.configured.rotated)
        self._complaints = Complaints(self.say)

    @property
    def ended(self) -> bool:
        """Tell whether nothing more is waited for: a file may always grow."""
        return self.once

    def read(self, most: int) -> Piece | None:
        """Return what comes next in the oldest file that has something."""
        self.unreadable = self.pressing = False
        files = self._follower.poll(self.known)
        self._parsers = {file: parser for file, parser in self._parsers.items() if file in files}
        self._exhausted.clear()
        for file in files:
            piece = self._piece(file, up_to(most, file.whole), growing=file.log.growing)
            if piece is not None:
                self.pressing = file.behind
                return piece
            if file.broken is not None and not chain.has_twin(file.path):
                self._complain(file.broken)
            self._exhausted.add(file)
            if not file.live:
                self._parsers.pop(file, None)
        for refusal in self._follower.refusals.values():
            self._complain(refusal)
        return None

    def settle(self, sessions: Sessions) -> bool:
        """Finish files that were rotated away and are quiet; find out what is in no file any more.

        The log itself need not have been read to its end: on a busy server it never is.
        """
        history = [file for file in self._follower.poll(self.known) if not file.live]
        for file in history:
            if file in self._exhausted and not file.broken and (self.once or file.abandoned):
                self._finish(file, sessions)
        if not self._exhausted.issuperset(history):
            return False
        ours = [mark for mark in self.known if mark.source_name == self.configured.name]
        orphans = cast("list[tuple[Checkpoint, bool]]", list(self._follower.orphans(ours)))
        if orphans:
            with sessions.open() as connection:
                for mark, elsewhere in orphans:
                    self._give_up(connection, mark, elsewhere=elsewhere)
        return any(not elsewhere for _, elsewhere in orphans)

    def close(self) -> None:
        """Close the files."""
        self._follower.close_all()

    def _piece(self, file: Followed, blocks: Iterable[Block], *, growing: bool) -> Piece | None:
        stored = cast("Checkpoint | None", file.mark)
        seen = stored.last_time if stored else None
        parsing = (self._parser(file).parse(block, file.log.latest, seen) for block in blocks)
        try:
            parsed = together(parsing)
        except InputError as error:  # of no format that is known: it is opened again when it has grown
            file.broken = error
            return None
        if parsed is None or file.cut_off():  # emptied while it was read: it is opened again
            return None
        file.renew()
        reading = self._parser(file).reading
        stored = stored or checkpoint.beginning(file.log, reading)
        at = replace(stored.renewed(file.log), source_name=self.configured.name)
        return Piece(parsed, reading, stored, at, growing, functools.partial(self._committed, file))

    def _parser(self, file: Followed) -> LineParser:
        """Return the file's parser; while it has few lines, they may not tell how those to come are carried."""
        parser = self._parsers.get(file)
        if parser is None or len(file.log.head) < ENOUGH_BYTES:
            file.renew()
            reading = reading_of(file.log, self.settings, None, self.configured)
            if parser is None or parser.reading.detected != reading.detected:
                parser = self._parsers[file] = LineParser(reading)
        return parser

    def _committed(self, file: Followed, after: Checkpoint) -> None:
        self.known = [mark for mark in self.known if mark is not file.mark] + [after]
        file.mark = after

    def _finish(self, file: Followed, sessions: Sessions) -> None:
        """Store the last line, which will not be ended any more, and that the file was read to its end."""
        rest = file.rest()
        # Nobody is judged on a line that may say something else when it is complete.
        piece = self._piece(file, [rest], growing=not file.abandoned) if rest else None
        mark = cast("Checkpoint | None", file.mark)
        if piece or (mark and not mark.finished):
            with sessions.open() as connection:
                stored = [piece.commit(connection)] if piece else []
                self._store_finished(connection, file)
                suppressed = deciding.decide(connection, sessions.rules)
            sessions.told(stored, suppressed)
        self._parsers.pop(file, None)
        self._follower.close(file)

    def _store_finished(self, connection: DuckDBPyConnection, file: Followed) -> None:
        stored = cast("Checkpoint", file.mark)
        done = replace(stored.renewed(file.log.renewed()), finished=True)
        with transaction(connection):
            done.save(connection, stored)
        self._committed(file, done)

    def _give_up(self, connection: DuckDBPyConnection, mark: Checkpoint, *, elsewhere: bool) -> None:
        """Look for a file no longer: another has all of it, or what was written to it last is lost."""
        self.known = [other for other in self.known if other is not mark]
        with transaction(connection):
            if elsewhere:
                mark.drop(connection)
                return
            done = replace(mark, finished=True)
            done.save(connection, mark)
            lost = {name: getattr(mark, name) for name in ("source_name", "path", "position", "last_time")}
            lost |= {"reason": _LOST, "found_at": utc_now()}
            connection.execute(statement("ingest_gap"), lost)
        self.known.append(done)
        self.say(f"{mark.path}: {_LOST}: what came after byte {mark.position} cannot be had (see `logbounce status`)")

    def _complain(self, error: InputError) -> None:
        if isinstance(error, EmptyLogError):
            return
        self.unreadable = self.unreadable or not isinstance(error, MissingLogError)
        self._complaints.hear(str(error))
