"""The machine's own time zone, where it has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.settings.zone import is_zone, machine_zone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def localtime(tmp_path: Path) -> Path:
    path = tmp_path / "localtime"
    path.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    return path


@pytest.mark.parametrize("variable", ["Europe/Berlin", ":Europe/Berlin"])
def test_tz_comes_first(localtime: Path, variable: str) -> None:
    assert machine_zone({"TZ": variable}, localtime) == "Europe/Berlin"


@pytest.mark.parametrize("environ", [{}, {"TZ": ""}, {"TZ": "CET-1CEST"}])
def test_then_the_link(localtime: Path, environ: dict[str, str]) -> None:
    assert machine_zone(environ, localtime) == "Asia/Tokyo"


def test_then_the_name_that_debian_writes(tmp_path: Path) -> None:
    (tmp_path / "timezone").write_text("Europe/Paris\n")
    assert machine_zone({}, tmp_path / "localtime", tmp_path / "timezone") == "Europe/Paris"


def test_then_utc(tmp_path: Path) -> None:
    assert machine_zone({}, tmp_path / "localtime", tmp_path / "timezone") == "UTC"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "/etc/passwd", "../x", "a\0b"])
def test_not_a_zone(name: str) -> None:
    assert not is_zone(name)
