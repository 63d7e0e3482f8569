"""Fault 18: no permission, a link that is swapped, a log that is missing at first: a clear error, nothing changed."""

from __future__ import annotations

import hashlib
import time
from typing import TYPE_CHECKING

import pytest

from logbounce.database import connect
from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

READERS = [("query", "select 1"), ("status",), ("suppress", "list"), ("report",)]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    connect(tmp_path / "logbounce.duckdb").close()
    yield tmp_path
    tmp_path.chmod(0o700)


def digest(home: Path) -> str:
    return hashlib.sha256((home / "logbounce.duckdb").read_bytes()).hexdigest()


@pytest.mark.parametrize("command", READERS)
def test_a_database_without_permission(home: Path, command: tuple[str, ...]) -> None:
    before = digest(home)
    (home / "logbounce.duckdb").chmod(0)
    line = fails(logbounce(*command, cwd=home, ordinary=True), 5)
    assert line.startswith("logbounce.duckdb: no permission to open the database")
    assert digest(home) == before


def test_a_database_in_a_closed_folder(home: Path) -> None:
    (home / "closed").mkdir(0)
    line = fails(logbounce("status", "--db", "closed/x.duckdb", cwd=home, ordinary=True), 5)
    assert line.startswith("closed/x.duckdb: no permission to open the database")


def test_a_database_that_may_only_be_read_can_be_asked(home: Path) -> None:
    (home / "logbounce.duckdb").chmod(0o400)
    home.chmod(0o500)
    assert logbounce("query", "select 1 as x", "--csv", cwd=home, ordinary=True).stdout == "x\r\n1\r\n"


def test_settings_without_permission(home: Path) -> None:
    (home / "logbounce.yaml").touch(0)
    line = fails(logbounce("status", cwd=home, ordinary=True), 4)
    assert line == "logbounce.yaml: cannot be read: Permission denied"


def test_settings_cannot_be_written(home: Path) -> None:
    home.chmod(0o500)
    line = fails(logbounce("init", cwd=home, ordinary=True), 4)
    assert line == "logbounce.yaml: cannot be written: Permission denied"


def test_tail_may_not_read_the_log(site: Site) -> None:
    site.write()
    site.once()
    site.write()
    site.log.chmod(0)
    before = digest(site.folder)
    told = site.once(code=3, ordinary=True)
    assert told == f"logbounce: {site.log}: cannot be read: Permission denied\n"
    assert digest(site.folder) == before
    site.log.chmod(0o600)
    site.once()
    site.check()


def test_tail_may_not_read_the_log_for_a_while(site: Site) -> None:
    """It says so once, goes on, and reads the log when it may."""
    site.write()
    site.log.chmod(0)
    running = site.start(ordinary=True)
    running.wait_for(lambda: "Permission denied" in running.said)
    time.sleep(2)
    site.log.chmod(0o600)
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    (line,) = running.said.splitlines()
    assert str(site.log) in line
    site.check()


def test_tail_may_not_read_a_rotated_file(site: Site, logrotate: Logrotate) -> None:
    site.write()
    site.once()
    site.write()
    logrotate.rotate()
    rotated = site.folder / "mail.log.1"
    rotated.chmod(0)
    site.write()
    assert f"{rotated}: cannot be read: Permission denied" in site.once(code=3, ordinary=True)
    rotated.chmod(0o600)
    site.once()
    site.check()


def test_the_log_is_missing_and_comes_later(site: Site) -> None:
    running = site.start()
    running.wait_for(lambda: str(site.log) in running.said)
    time.sleep(1)
    site.write()
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    assert len(running.said.splitlines()) == 1
    site.check()


def test_the_log_is_missing_and_there_is_one_run(site: Site) -> None:
    assert str(site.log) in site.once()
    site.write()
    site.once()
    site.check()


def test_the_log_is_away_for_a_while(site: Site) -> None:
    """As between the rename and the creation: what was renamed is read, and what comes in its place."""
    site.write()
    running = site.start()
    running.wait_for(lambda: site.has(10))
    site.write()
    site.log.rename(site.folder / "mail.log.1")
    time.sleep(2)
    site.write()
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.check()


@pytest.mark.parametrize("following", [True, False])
def test_a_link_is_swapped(site: Site, *, following: bool) -> None:
    """It follows what the path names now."""
    for name in ("first", "second"):
        (site.folder / name).mkdir()
    site.log.symlink_to("first/mail.log")
    site.write(log=site.folder / "first/mail.log")
    running = site.start() if following else None
    if running:
        running.wait_for(lambda: site.has(10))
    else:
        site.once()
    site.write(log=site.folder / "second/mail.log")
    (site.folder / "new").symlink_to("second/mail.log")
    (site.folder / "new").rename(site.log)
    site.write(log=site.folder / "second/mail.log")
    if running:
        running.wait_for(lambda: site.has(site.written))
        assert running.stop() == 0
    else:
        site.once(code=None)
    assert site.stored() == list(range(site.written))


def test_the_folder_of_the_database_may_not_be_written(site: Site) -> None:
    site.write()
    site.folder.chmod(0o500)
    told = site.once(code=5, ordinary=True)
    assert "may not write to the folder" in told
    assert len(told.splitlines()) == 1
    site.folder.chmod(0o700)
    site.once()
    site.check()
