"""Runs logbounce inside the test's own process: hundreds of runs in the time that Python would take to start."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
from subprocess import CompletedProcess
from typing import TYPE_CHECKING

from logbounce.cli.app import main

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run(folder: Path, *arguments: str) -> CompletedProcess[str]:
    """Run `logbounce ARGUMENT...` in `folder`; what it raises beside SystemExit goes through."""
    out, errors = io.StringIO(), io.StringIO()
    code = 0
    with _as_before(), contextlib.chdir(folder), contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        sys.argv = ["logbounce", *arguments]
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return CompletedProcess(arguments, code, out.getvalue(), errors.getvalue())


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Put back what a program may change for the process that it has to itself."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    arguments, mask = sys.argv, os.umask(0o077)
    try:
        yield
    finally:
        sys.argv = arguments
        os.umask(mask)
        for number, handler in handlers.items():
            signal.signal(number, handler)
