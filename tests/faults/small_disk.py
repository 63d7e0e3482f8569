"""`python -m tests.faults.small_disk SCENE FOLDER`: the faults of test_04_disk_full.py, on a disk of its own.

The disk is a tmpfs in a mount namespace, so nobody else sees it and it goes with the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.faults.site import Site

UNSHARE = ("unshare", "--mount", "--propagation", "private") if os.geteuid() == 0 else ("unshare", "-rm")
DISK_MEGABYTES = 48
FREE_KILOBYTES = 512
FULL = "No space left on device"
LINES = 20_000  # 4 MB


def missing() -> str | None:
    """Tell why no disk can be made here, or nothing."""
    tried = subprocess.run([*UNSHARE, "mount", "-t", "tmpfs", "tmpfs", "/mnt"], check=False, capture_output=True)
    return "mounting a tmpfs in a namespace is not permitted here" if tried.returncode else None


def fill(disk: Path) -> Path:
    """Leave a little room on the disk; return the file that takes the rest."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize - FREE_KILOBYTES * 1024))
    return ballast


def once(folder: Path) -> Site:
    """Fill the disk before a run; free it before the next."""
    site = _site(folder)
    ballast = fill(folder / "disk")
    site.write(LINES)
    told = site.once(code=5, apart=True)
    assert FULL in told, told
    assert site.has(10)
    ballast.unlink()
    site.once(apart=True)
    return site


def following(folder: Path) -> Site:
    """Fill the disk while tail follows: it ends with an error."""
    site = _site(folder)
    running = site.start()
    site.write()
    running.wait_for(lambda: site.has(20))
    ballast = fill(folder / "disk")
    site.write(LINES)
    assert running.process.wait(timeout=60) == 5, running.said
    assert FULL in running.said, running.said
    ballast.unlink()
    site.once(apart=True)
    return site


def first(folder: Path) -> Site:
    """Fill the disk before the database is made: nothing half made is left."""
    site = _mounted(folder)
    ballast = fill(folder / "disk")
    site.write()
    told = site.once(code=5, apart=True)
    assert told == f"logbounce: {site.database}: cannot make the database: {FULL}\n"
    assert not site.database.exists()
    ballast.unlink()
    site.once(apart=True)
    return site


def _site(folder: Path) -> Site:
    site = _mounted(folder)
    site.write()
    site.once(apart=True)
    return site


def _mounted(folder: Path) -> Site:
    disk = folder / "disk"
    disk.mkdir()
    size = f"size={DISK_MEGABYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(disk)], check=True)
    return Site(folder, database=disk / "logbounce.duckdb")


if __name__ == "__main__":
    {"once": once, "following": following, "first": first}[sys.argv[1]](Path(sys.argv[2])).check()
