"""Fault 9: copytruncate, and then smaller or past the offset again: detected; a gap row where lines cannot be had."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

GROWN = pytest.mark.parametrize("after", [5, 30, 200], ids=["smaller", "as long", "grown past"])


@pytest.mark.parametrize(("unread", "compress"), [(0, ()), (20, ()), (20, ("compress",))])
@GROWN
def test_the_copy_is_there(
    site: Site, logrotate: Logrotate, after: int, unread: int, compress: tuple[str, ...]
) -> None:
    logrotate.configure("copytruncate", *compress)
    site.write(30)
    site.once()
    site.write(unread)
    logrotate.rotate()
    site.write(after)
    for _ in range(2):
        site.once()
        site.check()


def test_several_while_it_is_down(site: Site, logrotate: Logrotate) -> None:
    logrotate.configure("copytruncate", "compress", "delaycompress")
    site.write(30)
    site.once()
    for _ in range(5):
        site.write(7)
        logrotate.rotate()
    site.write()
    site.once()
    site.check()


def test_while_it_follows(site: Site, logrotate: Logrotate) -> None:
    logrotate.configure("copytruncate")
    running = site.start()
    for _ in range(6):
        site.write()
        logrotate.rotate()
        site.write(3)
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.check()


@GROWN
def test_no_copy_was_kept_while_it_was_down(site: Site, after: int) -> None:
    site.write(30)
    site.once()
    position = site.log.stat().st_size
    site.write(20)
    os.truncate(site.log, 0)
    site.write(after)
    site.check_gap(site.once(code=1))
    assert site.gaps()[0][2] == position
    site.check(lost=range(30, 50))


def test_no_copy_was_kept_while_it_followed(site: Site) -> None:
    """The same descriptor and inode: only the size, or the bytes before the offset, tell."""
    site.write(30)
    running = site.start()
    running.wait_for(lambda: site.has(30))
    for _ in range(3):
        os.truncate(site.log, 0)
        site.write(60)
        running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    assert site.stored() == list(range(site.written))
