"""`python -m tests.faults.driver PLAN ARGUMENT...`: logbounce, with something added that no user has.

PLAN is a JSON object of the fields of `Plan`: a count of the commits, death just before or after one of them, a
rotation between any two looks at the log.
"""

from __future__ import annotations

import builtins
import contextlib
import datetime as dt
import functools
import importlib
import io
import json
import os
import pkgutil
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import logbounce
from logbounce import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from duckdb import DuckDBPyConnection

ROWS, OTHER = b"r", b"o"  # a commit that moved a checkpoint, and one that did not
NEXT = "next"  # the file that becomes mail.log when `look` is reached
_transaction = database.transaction


@dataclass(frozen=True)
class Plan:
    """What is to happen beside the program's own work; 0 is never."""

    commits: str = ""  # a file that grows by one byte after each COMMIT
    die_before: int = 0  # the number of the COMMIT
    die_after: int = 0
    look: int = 0  # the number of the look at the log before which it is rotated

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs `logbounce ARGUMENT...` so."""
        return [sys.executable, "-m", "tests.faults.driver", json.dumps(asdict(self)), *arguments]


def commits(path: Path, kinds: bytes = ROWS) -> int:
    """Return how many commits of these kinds a file tells of."""
    return sum(path.read_bytes().count(bytes([kind])) for kind in kinds) if path.exists() else 0


def main(plan: Plan, arguments: list[str]) -> None:
    """Become `logbounce ARGUMENT...`."""
    replace(_transaction, functools.partial(_watched_transaction, plan, _Counter()))
    if plan.look:
        _watch_the_log(Path.cwd(), plan.look)
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


def replace(old: Callable[..., Any], new: Callable[..., Any]) -> dict[Any, list[str]]:
    """Put `new` wherever a module of logbounce has `old`, whatever imported it by name; return where that was."""
    for found in pkgutil.walk_packages(logbounce.__path__, "logbounce."):
        if not found.name.endswith("__main__"):
            importlib.import_module(found.name)
    modules = [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "logbounce"]
    places = {module: [name for name, value in vars(module).items() if value is old] for module in modules}
    assert sum(map(bool, places.values())) > 1, "nobody imports the function any more"
    for module, names in places.items():
        for name in names:
            setattr(module, name, new)
    return places


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


def _watch_the_log(folder: Path, planned: int) -> None:
    """Rotate just before a look at a log in `folder`: a stat, an open, a read, a listing.

    Which functions the program uses is its own affair, so all are watched by which Python can look.
    """
    looks = _Counter()

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def look(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the function takes and gives
            if arguments and _concerns(arguments[0], folder) and looks.next() == planned:
                _rotate(folder)
            return function(*arguments, **named)

        return look

    opened = watched(io.open)
    for name in ("stat", "lstat", "fstat", "open", "read", "pread", "scandir", "listdir"):
        setattr(os, name, watched(getattr(os, name)))
    for module in (io, builtins):
        module.open = opened  # type: ignore[attr-defined]


def _concerns(subject: object, folder: Path) -> bool:
    """Tell whether a path or a descriptor is of the folder or a log in it."""
    if isinstance(subject, int):
        try:
            subject = os.readlink(f"/proc/self/fd/{subject}")  # noqa: PTH115 - pathlib's is watched
        except OSError:
            return False
    path = os.path.abspath(os.fsdecode(subject))  # type: ignore[arg-type]  # noqa: PTH100 - it may be bytes
    return path == str(folder) or path.startswith(f"{folder}/mail.log")


def _rotate(folder: Path) -> None:
    """Rename each generation and put the next file where the log was."""
    for number in range(8, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            os.rename(folder / f"mail.log.{number}", folder / f"mail.log.{number + 1}")  # noqa: PTH104 - as quick as can be
    os.rename(folder / "mail.log", folder / "mail.log.1")  # noqa: PTH104
    os.rename(folder / NEXT, folder / "mail.log")  # noqa: PTH104


if __name__ == "__main__":
    main(Plan(**json.loads(sys.argv[1])), sys.argv[2:])
