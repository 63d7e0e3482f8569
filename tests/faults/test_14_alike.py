"""Fault 14: two files with identical first bytes, tiny files and empty ones: none is taken for another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

STARTED = "2026-11-20T09:00:00.000000+00:00 mx1 postfix/master[1]: daemon started -- version 3.7.11, conf /etc\n"
BEGINNINGS = {"1 kB": 9, "20 kB": 180, "400 kB": 3600}


@pytest.mark.parametrize("repeats", BEGINNINGS.values(), ids=BEGINNINGS)
def test_files_that_begin_alike(site: Site, logrotate: Logrotate, repeats: int) -> None:
    for _ in range(4):
        site.log.write_text(STARTED * repeats)
        site.write(5)
        site.once()
        site.write(5)
        logrotate.rotate()
    site.once()
    site.check()


def test_files_that_begin_alike_and_were_rotated_while_it_was_down(site: Site, logrotate: Logrotate) -> None:
    site.log.write_text(STARTED * 20)
    site.once()
    for _ in range(4):
        site.write(5)
        logrotate.rotate()
        site.log.write_text(STARTED * 20)
    site.write(5)
    site.once()
    site.check()


def test_one_begins_as_the_whole_of_another(site: Site, logrotate: Logrotate) -> None:
    """The new file has all that the old one had, and more: a copy that was put back."""
    site.write(5)
    site.once()
    logrotate.rotate()
    site.log.write_bytes((site.folder / "mail.log.1").read_bytes())
    site.write(5)
    site.once()
    site.check()


@pytest.mark.parametrize("run_between", [True, False])
def test_files_of_one_line(site: Site, logrotate: Logrotate, *, run_between: bool) -> None:
    for _ in range(6):
        site.write(1)
        if run_between:
            site.once()
        logrotate.rotate()
    site.write(1)
    site.once()
    site.check()


@pytest.mark.parametrize("run_between", [True, False])
def test_empty_files(site: Site, logrotate: Logrotate, *, run_between: bool) -> None:
    for count in (3, 0, 0, 3, 0, 1, 0):
        if count:
            site.write(count)
        if run_between:
            site.once()
        logrotate.rotate()
    site.once()
    site.check()


def test_files_of_a_few_bytes_of_the_same_line(site: Site, logrotate: Logrotate) -> None:
    """A rotation in the middle of a line: each half is in a file of its own, and neither is a line."""
    first = site.take(1)
    for _ in range(3):
        site.log.write_bytes(first[:10])
        site.once()
        logrotate.rotate()
    site.log.write_bytes(first)
    site.once()
    assert site.stored() == [0]
