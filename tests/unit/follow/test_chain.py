"""Which files beside a log are what rotation has made of it: by their names, and by nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pygtail import Pygtail

from logbounce.follow import chain

LOG = "/var/log/mail.log"
ROTATIONS = (
    *("mail.log.1", "mail.log.2", "mail.log.52", "mail.log.1.gz", "mail.log.2.bz2", "mail.log.3.zst"),  # logrotate
    *("mail.log-20261122", "mail.log-20261122.gz", "mail.log-2026112214", "mail.log-20261122-1763827200"),  # dateext
    *("mail.log-2026-11-22", "mail.log.2026-11-22.zst", "mail.log_20261122", "mail.log-1763827200.gz"),  # dateformat
    *("mail.log-2026.11.22", "mail.log-20261122T140000", "mail.log-20261122_140000.bz2"),
    *("mail-20261122.log", "mail-20261122.log.gz", "mail.2026-11-22.log", "mail.1.log", "mail.12.log.gz"),  # extension
    *("mail.log.0", "mail.log.1.gz", "mail.log.old"),  # savelog(8), syslogd
    *("mail.log.2026-11-22", "mail.log.2026-11-22_14", "mail.log.2026-11-22_14-05-09"),  # TimedRotatingFileHandler
)
OTHERS = (
    *("mail.log", "mail.log.offset", "mail.log.swp", ".mail.log.swp", "mail.log~", "mail.log.1~", "mail.log.lock"),
    *("mail.log2", "mail-2.log", "mail.logs.1", "mail.log.1.offset", "mail.log.1.tmp", "mail.log.gz.part"),
    *("#mail.log#", "mail.log-", "mail.log.dpkg-old", "mail.1"),
    *("mail.log-backup", "mail.log.1.xz", "mail.err", "mail.err.1", "mail.warn-20261122", "xmail.log.1", "mail2.log.1"),
    *("mail-old.log", "mail_20261122", "mail.", "mail", "mail.log.", "mail.log.1."),
)  # fmt: skip


@pytest.mark.parametrize("name", ROTATIONS)
def test_names_that_rotation_gives(name: str) -> None:
    assert chain.is_rotation(f"/var/log/{name}", LOG)


@pytest.mark.parametrize("name", OTHERS)
def test_names_that_it_does_not_give(name: str) -> None:
    assert not chain.is_rotation(f"/var/log/{name}", LOG)


def test_a_rotation_stands_beside_its_log() -> None:
    assert not chain.is_rotation("/var/log/old/mail.log.1", LOG)


@pytest.mark.parametrize("name", ["acct-2026-11-22.csv.gz", "acct-2026-11-22.csv.1", "acct-2026-11-22.1.csv"])
def test_rotations_of_a_file_whose_own_name_has_a_date(name: str) -> None:
    assert chain.is_rotation(f"/var/log/{name}", "/var/log/acct-2026-11-22.csv") == (name != "acct-2026-11-22.csv.gz")


@pytest.mark.parametrize("other", ["maillog.1", "maillog-20261122.gz"])
def test_a_log_without_an_ending(other: str) -> None:
    assert chain.is_rotation(f"/var/log/{other}", "/var/log/maillog")


def test_special_characters_of_a_name_mean_themselves() -> None:
    assert chain.is_rotation("/l/a+[b].log-20261122", "/l/a+[b].log")
    assert not chain.is_rotation("/l/aab.log-20261122", "/l/a+[b].log")
    assert not chain.is_rotation("/l/mailxlog-20261122", "/l/mail.log")


@pytest.mark.parametrize(
    "names",
    [
        ("mail.log.0", "mail.log.1.gz"),
        ("mail.log.1",),
        ("mail.log.1.gz",),
        ("mail.log-20261121", "mail.log-20261122"),
        ("mail.log-20261122.gz",),
        ("mail.log-20261122-1763827200",),
        ("mail.log-20261122-1763827200.gz",),
        ("mail.log.2026-11-22",),
    ],
    ids="+".join,
)
def test_pygtails_predecessor_is_one_of_ours(tmp_path: Path, names: tuple[str, ...]) -> None:
    log = tmp_path / "mail.log"
    log.touch()
    for second, name in enumerate(reversed(names)):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1_000_000 + second, 1_000_000 + second))
    candidate = Pygtail(str(log))._check_rotated_filename_candidates()  # noqa: SLF001 - what it knows is the oracle
    assert Path(candidate).name in names
    assert set(chain.rotated(str(log))) == {str(tmp_path / name) for name in names}


def test_the_listing_is_of_every_file_that_the_log_is_spread_over(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "mail.log.5").mkdir()
    for name in ("mail.log", "mail.log.1", "mail.log.offset", "old/mail.log-20261121.gz", "old/other"):
        (tmp_path / name).touch()
    found = chain.listing(str(tmp_path / "mail.log"), str(tmp_path / "old/mail.log*"))
    assert {Path(path).relative_to(tmp_path).as_posix() for path in found} == {
        *("mail.log", "mail.log.1", "old/mail.log-20261121.gz")
    }
    known = (tmp_path / "mail.log.1").stat()
    assert found[str(tmp_path / "mail.log.1")] == (known.st_dev, known.st_ino)


def test_a_pattern_names_files_and_each_of_them_has_rotations(tmp_path: Path) -> None:
    for name in ("acct-a.csv", "acct-b.csv", "acct-b.csv.1.gz", "acct-c.csv.gz", "acct-d.csv.zst", "diag.csv", "x.gz"):
        (tmp_path / name).touch()
    found = chain.listing(str(tmp_path / "acct-*.csv"))
    assert {Path(path).name for path in found} == {
        *("acct-a.csv", "acct-b.csv", "acct-b.csv.1.gz", "acct-c.csv.gz", "acct-d.csv.zst")
    }


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    path = str(tmp_path / "none/mail.log")
    assert (chain.live(path), chain.rotated(path), chain.listing(path)) == ([path], [], {})


@pytest.mark.parametrize(("twin", "expected"), [("mail.log.1", True), ("mail.log.2", False)])
def test_a_compressed_file_has_a_twin_while_it_is_being_made(tmp_path: Path, twin: str, expected: bool) -> None:  # noqa: FBT001
    (tmp_path / twin).touch()
    assert chain.has_twin(str(tmp_path / "mail.log.1.gz")) == expected


def test_a_plain_file_has_no_twin(tmp_path: Path) -> None:
    (tmp_path / "mail.log").touch()
    assert not chain.has_twin(str(tmp_path / "mail.log.1"))
