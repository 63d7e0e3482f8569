"""What the runs of both servers share."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

TEMPLATES = Path(__file__).parent / "templates"
SCRIPT = """case "$1" in
nouser*) echo "no such user here"; exit 67;; # EX_NOUSER
busy*) echo "try later"; exit 75;; # EX_TEMPFAIL
esac
cat >/dev/null
"""
PATIENCE = 65  # seconds; more than Postfix's maximal_queue_lifetime and the retries after it


def call(*command: str) -> str:
    """Run a command of the server and return its standard output."""
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def wait_for_an_empty_queue(waiting: Callable[[], object]) -> None:
    """Return when nothing is waiting any more."""
    end = time.monotonic() + PATIENCE
    while left := waiting():
        if time.monotonic() > end:
            message = f"there is still mail after {PATIENCE} s: {left}"
            raise TimeoutError(message)
        time.sleep(1)
