"""`logbounce tail` as a process: started, signalled, waited for, and what it says to systemd."""

from __future__ import annotations

import os
import selectors
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from tests.unit.cli.command import environment

if TYPE_CHECKING:
    import signal
    from collections.abc import Callable
    from pathlib import Path

PATIENCE_SECONDS = 20.0  # on a machine that has much else to do


def until(happened: Callable[[], bool], what: str) -> None:
    """Wait until something has happened."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline, f"not within {PATIENCE_SECONDS} seconds: {what}"
        time.sleep(0.02)


class Service:
    """A `tail` that runs in a folder until it is ended."""

    def __init__(self, home: Path, *arguments: str) -> None:
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        (home / "notify").unlink(missing_ok=True)
        self._notices.bind(str(home / "notify"))
        self._notices.settimeout(PATIENCE_SECONDS)
        self._errors = (home / "stderr").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "logbounce", "tail", *arguments],
            cwd=home,
            env=environment(home, {"NOTIFY_SOCKET": str(home / "notify")}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
        )

    def told(self, state: str) -> list[str]:
        """Wait until systemd is told `state`; return what it was told before."""
        found = []
        while (notice := self._notices.recv(100).decode()) != state:
            found.append(notice)
        return found

    def write(self, text: str) -> None:
        """Write to its standard input."""
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def confirmed(self) -> int:
        """Return the next number that it confirms."""
        return int(self.printed())

    def printed(self) -> str:
        """Return the next line that it prints."""
        assert self.process.stdout is not None
        with selectors.DefaultSelector() as ready:
            ready.register(self.process.stdout, selectors.EVENT_READ)
            assert ready.select(PATIENCE_SECONDS), "nothing is printed"
        return self.process.stdout.readline().decode()

    @property
    def said(self) -> str:
        """Return its standard error."""
        return os.pread(self._errors.fileno(), 1 << 20, 0).decode()

    def says(self, text: str) -> None:
        """Wait until it says `text`."""
        until(lambda: text in self.said, text)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.process.send_signal(number)

    def ended(self) -> int:
        """Wait for its end; return its exit code."""
        return self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        """End it, if it has not ended."""
        self.process.kill()
        self.process.communicate()
        self._errors.close()
        self._notices.close()
