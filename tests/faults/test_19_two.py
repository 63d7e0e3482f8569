"""Fault 19: two tails on one database: the second says which PID holds it and exits, the first is not disturbed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import Exit
from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from tests.faults.site import Site


@pytest.mark.parametrize("second", [("tail",), ("tail", "--once"), ("ingest", "mail.log")], ids=" ".join)
def test_the_second_ends_and_names_the_first(site: Site, second: tuple[str, ...]) -> None:
    site.write()
    first = site.start()
    first.wait_for(lambda: site.has(10))
    line = fails(logbounce(*second, cwd=site.folder), Exit.LOCKED)
    assert f"PID {first.process.pid}" in line
    assert str(site.database) in line
    site.write()
    first.wait_for(lambda: site.has(20))
    assert first.stop() == 0
    assert first.said == ""
    site.check()


def test_a_lock_of_a_tail_that_was_killed_is_no_lock(site: Site) -> None:
    site.write()
    first = site.start()
    first.wait_for(lambda: site.has(10))
    first.end()
    site.write()
    site.once()
    site.check()


def test_another_name_of_the_same_database(site: Site) -> None:
    site.write()
    first = site.start()
    first.wait_for(lambda: site.has(10))
    other = site.folder / "other.duckdb"
    other.symlink_to(site.database)
    line = fails(logbounce("tail", "--once", "--db", other, cwd=site.folder), Exit.LOCKED)
    assert f"PID {first.process.pid}" in line
    assert first.stop() == 0
    site.check()


def test_two_databases_may_follow_one_log(site: Site) -> None:
    site.write()
    first = site.start()
    first.wait_for(lambda: site.has(10))
    done = logbounce("tail", "--once", "--db", "other.duckdb", cwd=site.folder)
    assert done.returncode == 0, done.stderr
    assert first.stop() == 0
    site.check()
