"""Fault 11: the old descriptor is still written after the rotation: exact."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.faults.rotation import compress

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site


def test_a_daemon_that_reopens_late_while_it_follows(site: Site, logrotate: Logrotate) -> None:
    logrotate.configure("compress", "delaycompress")
    running = site.start()
    for _ in range(3):
        with site.log.open("ab", buffering=0) as old:
            old.write(site.take(5))
            logrotate.rotate()
            for _ in range(4):
                old.write(site.take(5))
                time.sleep(0.1)
    site.follow_to_the_end(running)


def test_two_daemons_of_which_one_reopens_late(site: Site, logrotate: Logrotate) -> None:
    running = site.start()
    with site.log.open("ab", buffering=0) as old:
        old.write(site.take(5))
        logrotate.rotate()
        for _ in range(10):
            site.write(5)
            old.write(site.take(5))
            time.sleep(0.1)
        site.write(5)
        running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.check()


def test_between_runs(site: Site, logrotate: Logrotate) -> None:
    with site.log.open("ab", buffering=0) as old:
        old.write(site.take(5))
        site.once()
        logrotate.rotate()
        old.write(site.take(5))
        site.once()
        old.write(site.take(5))
        site.write(5)
        site.once()
        old.write(site.take(5))
    site.once()
    site.check()
    compress(site.folder / "mail.log.1")
    site.once()
    site.check()


def test_written_between_the_last_run_and_the_compression(site: Site, logrotate: Logrotate) -> None:
    with site.log.open("ab", buffering=0) as old:
        old.write(site.take(5))
        logrotate.rotate()
        site.once()
        old.write(site.take(5))
    compress(site.folder / "mail.log.1")
    site.write(5)
    site.once()
    site.check()


def test_written_while_it_was_killed(site: Site, logrotate: Logrotate) -> None:
    with site.log.open("ab", buffering=0) as old:
        old.write(site.take(5))
        running = site.start()
        running.wait_for(lambda: site.has(5))
        logrotate.rotate()
        site.write(5)
        running.wait_for(lambda: site.has(10))
        running.end()
        old.write(site.take(5))
    again = site.start()
    again.wait_for(lambda: site.has(site.written))
    assert again.stop() == 0
    site.check()
