"""The real command line, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
# Root may read and write anything; without these two capabilities permissions hold for it as for anybody
# (capabilities(7)).
ORDINARY = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def logbounce(
    *arguments: str | Path,
    cwd: Path,
    variables: dict[str, str] | None = None,
    ordinary: bool = False,
    text: str | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `logbounce`; `ordinary` takes root's passage through permissions away."""
    prefix = ORDINARY if ordinary and os.geteuid() == 0 else ()
    command = [*prefix, sys.executable, "-m", "logbounce", *map(str, arguments)]
    given = (text or "").encode()
    done = subprocess.run(
        command, cwd=cwd, env=environment(cwd, variables), input=given, capture_output=True, check=False
    )
    return subprocess.CompletedProcess(command, done.returncode, done.stdout.decode(), done.stderr.decode())


def environment(home: Path, variables: dict[str, str] | None = None) -> dict[str, str]:
    """Return an environment that nobody's own settings can reach."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(home), **(variables or {})}


def fails(done: subprocess.CompletedProcess[str], code: int) -> str:
    """Check that a command failed as it should, with one line on stderr and no data; return that line."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    line, end, rest = done.stderr.partition("\n")
    assert (end, rest) == ("\n", ""), done.stderr
    assert line.startswith("logbounce: ")
    return line.removeprefix("logbounce: ")
