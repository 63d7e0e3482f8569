"""A process that commits row after row, as `tail` does: it opens the database for each."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from tests.unit.cli.command import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

# Ten rows at least, until its standard input has something to say; then it says the number of the next one.
PROGRAM = """
import select, sys
from pathlib import Path
from logbounce.database import connect, transaction
path, first = Path(sys.argv[1]), int(sys.argv[2])
number = first
while number < first + 10 or not select.select([sys.stdin], [], [], 0)[0]:
    with connect(path, patience_seconds=30) as connection, transaction(connection):
        connection.execute("insert into unparsed_lines values ($1, 'mx1', $1, 'r', 'x')", [number])
    number += 1
print(number)
"""


def start(database: Path, first: int = 0) -> subprocess.Popen[str]:
    """Start writing rows with the numbers from `first` on."""
    return subprocess.Popen(
        (sys.executable, "-c", PROGRAM, str(database), str(first)),
        env=environment(database.parent),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def stop(writer: subprocess.Popen[str]) -> int:
    """End it after a commit; return the number after that of its last row."""
    return int(writer.communicate("stop\n")[0])
