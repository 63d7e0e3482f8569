"""Fault 20: a reader holds the database for minutes: tail tries again, names its PID, is exact when it is gone.

Here the reader holds it for seconds and the warning is asked for after one; ten minutes are the same many times over.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.command import logbounce

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.site import Site

SOON = {"LOGBOUNCE_LOCK_WARNING_SECONDS": "1"}
READER = """
import sys, time, duckdb
while True:
    try:
        connection = duckdb.connect(sys.argv[1], read_only=True)
        break
    except duckdb.IOException:
        time.sleep(0.01)
print(connection.execute("select count(*) from attempt_rows").fetchone()[0], flush=True)
sys.stdin.read()
print(connection.execute("select count(*) from attempt_rows").fetchone()[0], flush=True)
"""


@contextmanager
def reader(site: Site) -> Iterator[subprocess.Popen[str]]:
    """Have another program hold the database open for reading; it ends with its standard input."""
    command = [sys.executable, "-c", READER, str(site.database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert int(process.stdout.readline()) == 10
            yield process
            assert process.communicate("")[0] == "10\n"  # one state, as long as it looks
        finally:
            process.kill()


def test_it_waits_warns_and_goes_on(site: Site) -> None:
    site.write()
    running = site.start(variables=SOON)
    running.wait_for(lambda: site.has(10))
    assert running.said == ""
    with reader(site) as process:
        for _ in range(20):
            site.write()
            time.sleep(0.15)
        running.wait_for(lambda: f"PID {process.pid}" in running.said)
        assert str(site.database) in running.said
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    assert len(running.said.splitlines()) == 1
    site.check()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_it_ends_while_it_waits(site: Site, number: signal.Signals) -> None:
    site.write()
    running = site.start(variables=SOON)
    running.wait_for(lambda: site.has(10))
    with reader(site):
        site.write()
        running.wait_for(lambda: "PID" in running.said)
        running.stop_soon(number)
    site.once()
    site.check()


def test_the_log_is_rotated_while_it_waits(site: Site) -> None:
    site.write()
    running = site.start(variables=SOON)
    running.wait_for(lambda: site.has(10))
    with reader(site):
        for number in range(3, 0, -1):
            site.write()
            site.log.rename(site.folder / f"mail.log.{number}")
            time.sleep(0.5)
        site.write()
        running.wait_for(lambda: "PID" in running.said)
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.check()


def test_commands_that_read_do_so_while_it_follows(site: Site) -> None:
    site.write()
    running = site.start()
    running.wait_for(lambda: site.has(10))
    for _ in range(5):
        site.write()
        assert logbounce("query", "select count(*) from attempts", cwd=site.folder).returncode == 0
        assert logbounce("status", cwd=site.folder).returncode == 0
        assert logbounce("report", cwd=site.folder).returncode == 0
        told = logbounce("explain", "u0@example.org", cwd=site.folder)  # the first line bounces for good
        assert (told.returncode, told.stderr) == (0, "")
        assert told.stdout.startswith("u0@example.org: suppressed: 1 hard bounce ")
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    assert running.said == ""
    site.check()
