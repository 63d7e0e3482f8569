"""`python -m tests.faults.driver PLAN ARGUMENT...`: logbounce, with something added that no user has.

PLAN is a JSON object of the fields of `Plan`: a count of the commits, and death just before or after one of them.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from logbounce import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

ROWS, OTHER = b"r", b"o"  # a commit that moved a checkpoint, and one that did not
_transaction = database.transaction


@dataclass(frozen=True)
class Plan:
    """What is to happen beside the program's own work; 0 is never."""

    commits: str = ""  # a file that grows by one byte after each COMMIT
    die_before: int = 0  # the number of the COMMIT
    die_after: int = 0

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs `logbounce ARGUMENT...` so."""
        return [sys.executable, "-m", "tests.faults.driver", json.dumps(asdict(self)), *arguments]


def commits(path: Path, kinds: bytes = ROWS) -> int:
    """Return how many commits of these kinds a file tells of."""
    return sum(path.read_bytes().count(bytes([kind])) for kind in kinds) if path.exists() else 0


def main(plan: Plan, arguments: list[str]) -> None:
    """Become `logbounce ARGUMENT...`."""
    replace(_transaction, functools.partial(_watched_transaction, plan, _Counter()))
    from logbounce.cli.app import main  # noqa: PLC0415 - after what it imports was replaced

    sys.argv = ["logbounce", *arguments]
    main()


class _Counter:
    """Counts from 1."""

    def __init__(self) -> None:
        self.value = 0

    def next(self) -> int:
        self.value += 1
        return self.value


def replace(old: Callable[..., Any], new: Callable[..., Any]) -> None:
    """Put `new` wherever a module of logbounce has `old`; what is imported from now on gets it from its first place."""
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] == "logbounce"]:
        for name in [name for name, value in vars(module).items() if value is old]:
            setattr(module, name, new)


@contextlib.contextmanager
def _watched_transaction(plan: Plan, counter: _Counter, connection: DuckDBPyConnection) -> Iterator[None]:
    began = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with _transaction(connection):
        yield
        kind = _kind(connection, began)
        number = counter.next()
        _die_at(plan.die_before, number)
    _die_at(plan.die_after, number)
    if plan.commits:
        with Path(plan.commits).open("ab", buffering=0) as file:
            file.write(kind)


def _die_at(planned: int, number: int) -> None:
    if number == planned:
        os.kill(os.getpid(), signal.SIGKILL)


def _kind(connection: DuckDBPyConnection, began: dt.datetime) -> bytes:
    found = connection.execute("select count(*) from sources where committed_at >= $1", [began]).fetchall()
    return ROWS if found[0][0] else OTHER


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])), sys.argv[2:])
