"""The machine's own time zone, where it has a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import SettingsError
from logbounce.settings.zone import machine_zone, zone

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def localtime(tmp_path: Path) -> Path:
    path = tmp_path / "localtime"
    path.symlink_to("/usr/share/zoneinfo/Asia/Tokyo")
    return path


@pytest.mark.parametrize(
    "variable",
    ["Europe/Berlin", ":Europe/Berlin", "/usr/share/zoneinfo/Europe/Berlin", ":/usr/share/zoneinfo/Europe/Berlin"],
)
def test_tz_comes_first(localtime: Path, variable: str) -> None:
    assert machine_zone({"TZ": variable}, localtime) == "Europe/Berlin"


def test_tz_that_points_to_the_link(localtime: Path) -> None:
    assert machine_zone({"TZ": f":{localtime}"}) == "Asia/Tokyo"


@pytest.mark.parametrize(
    ("rule", "name"),
    [("<+03>-3", "Etc/GMT-3"), ("BRT3", "Etc/GMT+3"), ("JST-9:00", "Etc/GMT-9"), ("UTC0", "Etc/GMT+0")],
)
def test_a_rule_of_whole_hours_is_a_zone(localtime: Path, rule: str, name: str) -> None:
    assert machine_zone({"TZ": rule}, localtime) == name


@pytest.mark.parametrize(
    "rule", ["CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST", "<+0530>-5:30", "XXX-15", "Mars/Olympus", "/etc/passwd"]
)
def test_no_other_rule_is_passed_over(localtime: Path, rule: str) -> None:
    with pytest.raises(SettingsError, match=r"^TZ: '.*' is not the name of a time zone: set `timezone`"):
        machine_zone({"TZ": rule}, localtime)


@pytest.mark.parametrize("environ", [{}, {"TZ": ""}, {"TZ": "localtime"}])
def test_then_the_link(localtime: Path, environ: dict[str, str]) -> None:
    assert machine_zone(environ, localtime) == "Asia/Tokyo"


def test_then_the_name_that_debian_writes(tmp_path: Path) -> None:
    (tmp_path / "timezone").write_text("Europe/Paris\n")
    copied = tmp_path / "localtime"  # and no link, as some images have it
    copied.write_bytes(b"TZif2")
    for environ in ({}, {"TZ": f":{copied}"}):
        assert machine_zone(environ, copied, tmp_path / "timezone") == "Europe/Paris"


def test_then_utc(tmp_path: Path) -> None:
    assert machine_zone({}, tmp_path / "localtime", tmp_path / "timezone") == "UTC"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "Europe", "/etc/passwd", "../x", "a\0b"])
def test_not_a_zone(name: str) -> None:
    assert zone(name) is None


@pytest.mark.parametrize("name", ["posixrules", "posix/posixrules", "posix/localtime", "right/Europe/Berlin"])
def test_no_zone_of_duckdb(name: str) -> None:
    assert zone(name) is None


def test_a_copy_is_the_zone_that_it_copies(localtime: Path) -> None:
    assert zone("posix/Europe/Berlin") == "Europe/Berlin"
    assert zone("localtime", localtime) == "Asia/Tokyo"
