"""Fault 4: the disk is full: a non-zero exit, and exact after space is freed."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults import small_disk
from tests.unit.cli.command import ROOT, environment

if TYPE_CHECKING:
    from pathlib import Path

    from tests.faults.site import Site

MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("scene", ["once", "following", "first"])
def test_a_small_disk(tmp_path: Path, scene: str) -> None:
    if reason := small_disk.missing():
        pytest.skip(reason)
    command = [*small_disk.UNSHARE, sys.executable, "-m", "tests.faults.small_disk", scene, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_file_that_may_not_grow(site: Site) -> None:
    """The same by RLIMIT_FSIZE, as of a quota: the write fails with another error (EFBIG)."""
    site.write()
    site.once()
    site.write(20_000)
    limit = f"--fsize={site.database.stat().st_size + MEGABYTE // 4}"
    command = ["prlimit", limit, sys.executable, "-m", "logbounce", "tail", "--once"]
    done = subprocess.run(command, cwd=site.folder, env=environment(site.folder), capture_output=True, check=False)
    assert done.returncode == 5, done.stderr.decode()
    assert done.stderr.startswith(b"logbounce: ")
    site.once()
    site.check()
