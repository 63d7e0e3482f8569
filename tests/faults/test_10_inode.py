"""Fault 10: a new file has the inode of the old one: it is read from byte 0.

Which number a new file gets is the file system's affair, so here the database is told that the old file had it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site


def reuse_inode(site: Site) -> None:
    """Make the log that is there now have the inode that every file had before."""
    found = site.log.stat()
    with connect(site.database) as connection:
        connection.execute("update sources set device = $1, inode = $2", [found.st_dev, found.st_ino])


@pytest.mark.parametrize("after", [1, 200], ids=["smaller", "longer"])
@pytest.mark.parametrize("compress", [(), ("compress",)], ids=["plain", "compressed"])
def test_the_new_file_is_read_from_its_first_byte(
    site: Site, logrotate: Logrotate, after: int, compress: tuple[str, ...]
) -> None:
    logrotate.configure(*compress)
    site.write(30)
    site.once()
    site.write(20)
    logrotate.rotate()
    site.write(after)
    reuse_inode(site)
    site.once()
    site.check()


def test_the_old_file_was_deleted_unread(site: Site) -> None:
    site.write(30)
    site.once()
    site.write(20)
    site.log.unlink()
    site.write(200)
    reuse_inode(site)
    site.check_gap(site.once(code=1))
    site.check(lost=range(30, 50))
