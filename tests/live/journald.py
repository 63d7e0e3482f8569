"""A real systemd-journald(8) in a mount namespace of its own, whose journal is in a folder of ours."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.live.namespace import ROOT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DAEMON = "/lib/systemd/systemd-journald"
UNSHARE = ("unshare", "--mount", "--propagation", "private")
PATIENCE_SECONDS = 60.0
STAGE = """
set -e
mount -t tmpfs tmpfs /etc/systemd
printf '[Journal]\\nStorage=volatile\\nRateLimitIntervalSec=0\\nReadKMsg=no\\nAudit=no\\n' > /etc/systemd/journald.conf
mount -t tmpfs tmpfs /run
mkdir -p /run/log/journal /run/systemd/journal
mount --bind "$1" /run/log/journal
mount --bind "$2" /run/systemd/journal
exec "$3"
"""


def missing() -> str | None:
    """Return why there can be no journald here."""
    if os.geteuid() != 0:
        return "needs root, for a mount namespace"
    if not os.access(DAEMON, os.X_OK) or not shutil.which("journalctl"):
        return "no systemd-journald: run tests/live/install.sh"
    if subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode:
        return "unshare is not permitted here"
    return None


@dataclass(frozen=True)
class Journald:
    """A journald that runs, the folder of its journal, and how one speaks to it."""

    process: subprocess.Popen[bytes]
    journal: Path
    sockets: Path

    def log(self, identifier: str, *texts: str) -> None:
        """Log messages as syslog(3) does, facility mail if it is Postfix; return when they are in the journal."""
        before = self._entries("syslog")
        priority = 22 if identifier.startswith("postfix") else 30
        folder = os.open(self.sockets, os.O_RDONLY)  # the path may be longer than an address can be
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as syslog:
            syslog.connect(f"/proc/self/fd/{folder}/dev-log")
            for text in texts:
                syslog.send(f"<{priority}>{identifier}[7]: {text}".encode())
        os.close(folder)
        until(lambda: self._entries("syslog") == before + len(texts))

    def rotate(self) -> None:
        """Have it begin another file, as it does when one is full; return when it has said so in the new one.

        Until then it needs the old one: what is removed in between leaves it without the sequence's name.
        """
        before, said = self.archived(), self._entries("driver")
        self.process.send_signal(signal.SIGUSR2)
        until(lambda: self.archived() > before and self._entries("driver") > said)

    def vacuum(self) -> None:
        """Remove every file that is not written any more."""
        command = ["journalctl", f"--directory={self.journal}", "--vacuum-size=1"]
        subprocess.run(command, check=True, capture_output=True)
        assert self.archived() == 0

    def within(self, command: list[str]) -> list[str]:
        """Return a command that sees the journal where a machine has its own."""
        return ["nsenter", f"--target={self.process.pid}", "--mount", f"--wdns={ROOT}", *command]

    def archived(self) -> int:
        """Return how many files are not written any more."""
        return len(list(self.journal.glob("*/*@*.journal")))

    def _entries(self, transport: str) -> int:
        command = ["journalctl", f"--directory={self.journal}", "--quiet", "--output=cat", f"_TRANSPORT={transport}"]
        return subprocess.run(command, check=False, capture_output=True).stdout.count(b"\n")


@contextmanager
def running(folder: Path) -> Iterator[Journald]:
    """Run a journald with its journal in a folder."""
    journal, sockets = folder / "journal", folder / "sockets"
    for one in (journal, sockets):
        one.mkdir(exist_ok=True)
    command = [*UNSHARE, "sh", "-c", STAGE, "sh", str(journal), str(sockets), DAEMON]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: (sockets / "dev-log").exists() and any(journal.glob("*/system.journal")))
            yield Journald(process, journal, sockets)
        finally:
            process.terminate()


def until(reached: Callable[[], bool]) -> None:
    """Wait for something that comes soon, however busy the machine is."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not reached():
        assert time.monotonic() < deadline, "journald does not do it"
        time.sleep(0.02)
