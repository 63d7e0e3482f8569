"""Whatever the order of writes, rotations, deaths and runs: the database holds what a plain list of lines says.

Deaths are exceptions here, so that hundreds of runs take seconds; tests/faults kills the real process.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from logbounce import database
from tests.faults.driver import replace
from tests.faults.rotation import Logrotate, logrotate_is_missing
from tests.faults.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

WAYS = {
    "numbers": (),
    "compressed": ("compress",),
    "compressed later": ("compress", "delaycompress"),
    "dated": ("dateext", "dateformat -%Y%m%d-DAY"),
    "dated, compressed": ("dateext", "dateformat -%Y%m%d-DAY", "compress"),
    "copied": ("copytruncate",),
    "copied, compressed": ("copytruncate", "compress"),
}
COUNTS = st.integers(1, 12)


class Death(BaseException):
    """What kill -9 is to the program, but for what it does while it unwinds."""


class Following(RuleBasedStateMachine):
    """A writer, logrotate, and `tail --once` that may die at a commit."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="logbounce-following-"))
        self.site = Site(self.folder)
        self.rest = b""  # of a line that is half written
        self.late: int | None = None  # a descriptor of the file that was renamed
        self.days = 0
        self.complete = True  # every line was read by the last run

    @initialize(way=st.sampled_from(sorted(WAYS)))
    def choose_a_rotation(self, way: str) -> None:
        """Set up logrotate; all files of one history are rotated in one way."""
        self.way = WAYS[way]
        self.logrotate = Logrotate(self.site.log)
        self.site.log.touch()

    @rule(count=COUNTS)
    def write(self, count: int) -> None:
        """Write lines, after the rest of one that was half written."""
        self._append(self.rest + self.site.take(count))
        self.rest = b""

    @rule(count=st.integers(0, 3), cut=st.integers(1, 150))
    def write_half_a_line(self, count: int, cut: int) -> None:
        """Write lines, the last of them in part."""
        text = self.rest + self.site.take(count + 1)
        kept = len(text) - cut if len(text) > cut else 1
        self._append(text[:kept])
        self.rest = text[kept:]

    @precondition(lambda self: not self.rest)
    @rule()
    def rotate(self) -> None:
        """Run logrotate; who wrote to the old file has closed it."""
        self._rotate()

    @precondition(lambda self: not self.rest and self.late is None and self.way in (WAYS["numbers"], WAYS["dated"]))
    @rule(count=COUNTS)
    def rotate_under_an_open_descriptor(self, count: int) -> None:
        """Run logrotate, and go on writing to the file that it renamed."""
        late = os.open(self.site.log, os.O_WRONLY | os.O_APPEND)
        self._rotate()
        os.write(late, self.site.take(count))
        self.late, self.complete = late, False

    @precondition(lambda self: self.late is not None)
    @rule(count=COUNTS)
    def write_to_the_old_descriptor(self, count: int) -> None:
        """Write to the file that was renamed."""
        assert self.late is not None
        os.write(self.late, self.site.take(count))
        self.complete = False

    @precondition(lambda self: self.late is not None)
    @rule()
    def close_the_old_descriptor(self) -> None:
        """Open the path again for what comes."""
        assert self.late is not None
        os.close(self.late)
        self.late = None

    @rule()
    def run(self) -> None:
        """Read all that is there."""
        self._once()
        self.complete = not self.rest

    @rule(number=st.integers(1, 8), committed=st.booleans())
    def die(self, number: int, *, committed: bool) -> None:
        """Begin to read, and die at a commit; there may be fewer."""
        with dying(number, committed=committed):
            self._once()

    @invariant()
    def nothing_is_doubled_and_what_is_complete_is_all_there(self) -> None:
        """Compare what is stored with the list."""
        if not self.site.database.exists():
            return
        stored = self.site.stored()
        assert len(stored) == len(set(stored))
        if self.complete:
            self.site.check()

    def teardown(self) -> None:
        """Finish the line, read to the end, and compare."""
        if self.late is not None:
            os.close(self.late)
        if self.rest:
            self._append(self.rest)
        self._once()
        self.site.check()
        shutil.rmtree(self.folder)

    def _append(self, data: bytes) -> None:
        with self.site.log.open("ab") as file:
            file.write(data)
        self.complete = False

    def _rotate(self) -> None:
        if self.late is not None:
            os.close(self.late)
            self.late = None
        self.days += 1
        self.logrotate.configure(*(text.replace("DAY", f"{self.days:03}") for text in self.way))
        self.logrotate.rotate()

    def _once(self) -> None:
        """Read what is there; die if that was planned."""
        with contextlib.suppress(Death):
            self.site.once()


@contextlib.contextmanager
def dying(planned: int, *, committed: bool) -> Iterator[None]:
    """Have the program die just before or just after its next COMMIT of that number."""
    original = database.transaction
    done = 0

    @contextlib.contextmanager
    def transaction(connection: DuckDBPyConnection) -> Iterator[None]:
        nonlocal done
        with original(connection):
            yield
            done += 1
            if done == planned and not committed:
                raise Death
        if done == planned:
            raise Death

    replace(original, transaction)
    try:
        yield
    finally:
        replace(transaction, original)


FEW = settings(
    max_examples=15,
    stateful_step_count=20,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def test_the_database_holds_what_the_list_says() -> None:
    if reason := logrotate_is_missing():
        pytest.skip(reason)
    run_state_machine_as_test(Following, settings=FEW)
