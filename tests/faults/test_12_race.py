"""Fault 12: a rotation between stat, open and read: exact, between whichever two looks at the log it comes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.faults.racing import NEXT, rotated
from tests.faults.site import Site, lines

if TYPE_CHECKING:
    from pathlib import Path

LINES = 3
MOST_RUNS = 7


def prepare(site: Site, *, read_before: bool) -> None:
    """Give the log two generations, of which the first lines were read, or none."""
    site.write()
    if read_before:
        site.once()
        site.write()
    site.log.rename(site.folder / "mail.log.1")
    site.write()


def raced(site: Site, look: int) -> int:
    """Run `tail --once`, the log rotated just before that look at it (0: never); return how many looks there were."""
    following = site.folder / NEXT
    following.write_bytes(lines(site.written, site.written + LINES))
    with rotated(site.folder, before_look=look) as looks:
        assert site.once() == ""
    if not following.exists():
        site.written += LINES
    return looks.count


@pytest.mark.parametrize("read_before", [True, False])
def test_at_any_moment_of_a_run(tmp_path: Path, *, read_before: bool) -> None:
    folder, saved = tmp_path / "site", tmp_path / "saved"
    folder.mkdir()
    site = Site(folder)
    prepare(site, read_before=read_before)
    shutil.copytree(folder, saved)
    written, looks = site.written, raced(site, 0)
    assert looks > 5
    for look in range(1, looks + 1, -(-looks // MOST_RUNS)):
        shutil.rmtree(folder)
        shutil.copytree(saved, folder)
        site.written = written
        raced(site, look)
        assert site.written > written, f"look {look} of {looks} did not come"
        site.once()
        site.check()


def test_at_some_moment_of_each_run(site: Site) -> None:
    """Each has to find what the one before it left when it was hit."""
    prepare(site, read_before=True)
    for look in range(1, 5 * MOST_RUNS, 3):
        raced(site, look)
        site.write(2)
    site.once()
    site.check()
