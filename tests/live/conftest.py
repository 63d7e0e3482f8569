"""Logs of real MTAs: each server runs once a session, all of them at the same time."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.live import namespace

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator

PATIENCE = 150  # seconds for a server, which takes about 30


class Runs:
    """The servers that were started, and where each leaves its log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self) -> None:
        """Start all servers."""
        for server in namespace.SERVERS:
            (self._folder / server).mkdir()
            self._processes[server] = namespace.start(server, self._folder / server)

    def stop(self) -> None:
        """End those that still run."""
        for process in self._processes.values():
            process.kill()  # unshare takes all that it started with it
            process.wait()

    def finished(self, server: str) -> Path:
        """Wait for a server's end and return its log."""
        code = self._processes[server].wait(timeout=PATIENCE)
        folder = self._folder / server
        if code:
            pytest.fail(f"{server} ended with {code}:\n{(folder / 'run.out').read_text(errors='replace')[-4000:]}")
        return folder / "log"


@pytest.fixture(scope="session")
def runs() -> Iterator[Runs]:
    if reason := namespace.missing():
        pytest.skip(reason)
    # Not pytest's own folder, which nobody but root may enter: the MTAs run as users of their own.
    folder = Path(tempfile.mkdtemp(prefix="logbounce-live-", dir="/tmp"))
    folder.chmod(0o755)
    started = Runs(folder)
    try:
        started.start()
        yield started
    finally:
        started.stop()
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postfix_log(runs: Runs) -> Path:
    return runs.finished("postfix")


@pytest.fixture(scope="session")
def postfix_log_long_ids(runs: Runs) -> Path:
    return runs.finished("postfix-long-ids")


@pytest.fixture(scope="session")
def postfix_followed(runs: Runs) -> Path:
    return runs.finished("postfix-followed").parent


@pytest.fixture(scope="session")
def exim_log(runs: Runs) -> Path:
    return runs.finished("exim")


@pytest.fixture(scope="session")
def exim_log_all_selectors(runs: Runs) -> Path:
    return runs.finished("exim-all")
