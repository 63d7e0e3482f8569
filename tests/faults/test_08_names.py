"""Fault 8: dateext, a dateformat of one's own, olddir: exact, or a gap row and a non-zero exit."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from tests.faults.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.rotation import Logrotate

TODAY = dt.datetime.now().astimezone().date()  # as logrotate has it
DAYS = 4


def age(folder: Path, name: str) -> None:
    """Rename each dated copy to the day before, as if a day had passed since the last rotation."""
    for days in range(DAYS, -1, -1):
        old, older = (TODAY - dt.timedelta(days=n) for n in (days, days + 1))
        for suffix in ("", ".gz"):
            copy = folder / (old.strftime(name) + suffix)
            if copy.exists():
                copy.rename(folder / (older.strftime(name) + suffix))


NAMES = {
    "dateext": (("dateext",), "mail.log-%Y%m%d"),
    "day first": (("dateext", "dateformat -%d-%m-%Y"), "mail.log-%d-%m-%Y"),
    "before the ending": (("dateext", "extension .log"), "mail-%Y%m%d.log"),
    "with a dot": (("dateext", "dateformat .%m%d%Y"), "mail.log.%m%d%Y"),
}


@pytest.mark.parametrize("compress", [(), ("compress",)], ids=["plain", "compressed"])
@pytest.mark.parametrize("directives_and_name", NAMES.values(), ids=NAMES)
def test_dated_copies(
    site: Site, logrotate: Logrotate, directives_and_name: tuple[tuple[str, ...], str], compress: tuple[str, ...]
) -> None:
    directives, name = directives_and_name
    logrotate.configure(*directives, *compress)
    site.write()
    site.once()
    for _ in range(DAYS):
        site.write()
        age(site.folder, name)
        logrotate.rotate()
        site.write()
    for _ in range(2):
        site.once()
        site.check()


def test_dated_copies_while_it_follows(site: Site, logrotate: Logrotate) -> None:
    logrotate.configure("dateext", "compress")
    running = site.start()
    for _ in range(DAYS):
        site.write()
        age(site.folder, "mail.log-%Y%m%d")
        logrotate.rotate()
    site.follow_to_the_end(running)


ELSEWHERE = ("olddir old", "createolddir 0755")


@pytest.fixture
def told(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path, rotated=f"{tmp_path}/old/mail.log*")
    yield made
    made.end()


@pytest.mark.parametrize("compress", [(), ("compress",)], ids=["plain", "compressed"])
def test_another_folder_that_the_settings_name(told: Site, logrotate: Logrotate, compress: tuple[str, ...]) -> None:
    logrotate.configure(*ELSEWHERE, *compress)
    told.write()
    told.once()
    for _ in range(3):
        told.write()
        logrotate.rotate()
    told.write()
    for _ in range(2):
        told.once()
        told.check()


def test_another_folder_while_it_follows(told: Site, logrotate: Logrotate) -> None:
    logrotate.configure(*ELSEWHERE)
    running = told.start()
    for _ in range(3):
        told.write()
        logrotate.rotate()
    told.follow_to_the_end(running)


NAMELESS = ("dateext", "dateformat -archive%s")


@pytest.mark.parametrize("directives", [ELSEWHERE, NAMELESS], ids=["olddir", "dateformat"])
def test_a_name_that_nobody_told_it_of_is_a_gap(site: Site, logrotate: Logrotate, directives: tuple[str, ...]) -> None:
    logrotate.configure(*directives)
    site.write(20)
    site.once()
    site.write(30)
    logrotate.rotate()
    site.write(10)
    site.check_gap(site.once(code=1))
    site.check(lost=range(20, 50))
