"""Fault 12: a rotation between stat, open and read: exact, between whichever two looks at the log it comes."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults.driver import NEXT, Plan
from tests.faults.site import Site, lines
from tests.unit.cli.command import environment

if TYPE_CHECKING:
    from pathlib import Path

MOST_LOOKS = 400
LINES = 3


def rotated_at(site: Site, look: int) -> bool:
    """Run `tail --once` with a rotation just before that look at the log; tell whether it came so far."""
    (site.folder / NEXT).write_bytes(lines(site.written, site.written + LINES))
    command = Plan(look=look).command("tail", "--once")
    done = subprocess.run(command, cwd=site.folder, env=environment(site.folder), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert done.stderr == b""
    if (site.folder / NEXT).exists():
        return False
    site.written += LINES
    return True


@pytest.mark.parametrize("start", range(1, 4))
def test_a_rotation_at_any_moment_of_a_run(site: Site, start: int) -> None:
    """Each run is hit three looks later than the one before it, and has to find what that one left."""
    site.write()
    look = start
    while rotated_at(site, look):
        site.write(2)
        look += 3
        assert look < MOST_LOOKS
    assert look > 3 * 3
    site.once()
    site.check()


def test_a_rotation_at_any_moment_of_a_first_run(tmp_path: Path) -> None:
    look = 1
    while True:
        folder = tmp_path / str(look)
        folder.mkdir()
        site = Site(folder)
        site.write()
        if not rotated_at(site, look):
            break
        site.once()
        site.check()
        look += 1
        assert look < MOST_LOOKS
    assert look > 3
