"""Fault 6: 1, 2 and 5 rotations (rename and create) while tail is down: exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site


@pytest.mark.parametrize("rotations", [1, 2, 5])
def test_rotations_while_it_is_down(site: Site, logrotate: Logrotate, rotations: int) -> None:
    site.write()
    site.once()
    for _ in range(rotations):
        site.write()
        logrotate.rotate()
        site.write()
    site.once()
    site.check()


@pytest.mark.parametrize("rotations", [1, 5])
def test_rotations_before_it_was_ever_run(site: Site, logrotate: Logrotate, rotations: int) -> None:
    for _ in range(rotations):
        site.write()
        logrotate.rotate()
    site.write()
    site.once()
    site.check()


def test_a_rotation_after_which_nothing_is_written(site: Site, logrotate: Logrotate) -> None:
    site.write()
    site.once()
    site.write()
    logrotate.rotate()
    for _ in range(2):
        site.once()
        site.check()


def test_what_is_read_to_its_end_may_be_rotated_away(site: Site, logrotate: Logrotate) -> None:
    """The last generation is deleted by each rotation: no gap, because it had been read."""
    logrotate.configure(keep=2)
    for _ in range(6):
        site.write()
        site.once()
        logrotate.rotate()
        site.once()
    site.check()


def test_rotations_while_it_follows(site: Site, logrotate: Logrotate) -> None:
    running = site.start()
    for _ in range(8):
        site.write()
        logrotate.rotate()
    site.follow_to_the_end(running)
    site.once()
    site.check()
