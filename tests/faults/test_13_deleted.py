"""Fault 13: a rotated file is deleted before it was read to its end: a gap row and a non-zero exit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.unit.cli.command import logbounce

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site


def test_the_rest_of_a_file_that_was_read_in_part(site: Site, logrotate: Logrotate) -> None:
    site.write(30)
    site.once()
    position = site.log.stat().st_size
    last = site.query("select max(event_time) from attempts")
    site.write(20)
    logrotate.rotate()
    (site.folder / "mail.log.1").unlink()
    site.write(10)
    told = site.once(code=1)
    assert site.query("select last_time from source_gaps") == last
    assert site.gaps()[0][2] == position
    site.check_gap(told)
    site.check(lost=range(30, 50))


def test_logrotate_deletes_more_than_was_read(site: Site, logrotate: Logrotate) -> None:
    logrotate.configure("compress", keep=2)
    site.write(30)
    site.once()
    for _ in range(5):
        site.write(10)
        logrotate.rotate()
    site.write(10)
    site.check_gap(site.once(code=1))
    site.check(lost=range(30, 60))


def test_a_gap_is_told_of_once(site: Site, logrotate: Logrotate) -> None:
    site.write(30)
    site.once()
    logrotate.rotate()
    (site.folder / "mail.log.1").unlink()
    site.write(10)
    assert site.once(code=1)
    site.write(10)
    assert site.once() == ""
    assert len(site.gaps()) == 1
    assert logbounce("status", cwd=site.folder).returncode == 1


def test_it_was_deleted_while_tail_was_killed(site: Site, logrotate: Logrotate) -> None:
    site.write(30)
    running = site.start()
    running.wait_for(lambda: site.has(30))
    running.end()
    site.write(20)
    logrotate.rotate()
    (site.folder / "mail.log.1").unlink()
    site.write(10)
    again = site.start()
    again.wait_for(lambda: site.has(40))
    assert again.stop() == 0
    site.check_gap(again.said)
    site.check(lost=range(30, 50))


def test_it_was_deleted_while_tail_held_it_open(site: Site, logrotate: Logrotate) -> None:
    """What a descriptor is open for is there until the descriptor is closed."""
    site.write(30)
    running = site.start("--commit-seconds", "1")
    running.wait_for(lambda: site.has(30))
    with site.log.open("ab", buffering=0) as old:
        logrotate.rotate()
        (site.folder / "mail.log.1").unlink()
        old.write(site.take(20))
    site.write(10)
    running.wait_for(lambda: site.has(60))
    assert running.stop() == 0
    site.check()
