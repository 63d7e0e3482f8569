"""Fault 7: compressed with and without delaycompress; a .gz beside its plain twin; a half-written .gz: exact."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

WAYS = [("compress",), ("compress", "delaycompress"), ("compress", "compresscmd /bin/bzip2", "compressext .bz2")]


@pytest.mark.parametrize("directives", WAYS, ids=["at once", "delayed", "bzip2"])
@pytest.mark.parametrize("rotations", [1, 5])
def test_compressed_while_it_is_down(
    site: Site, logrotate: Logrotate, directives: tuple[str, ...], rotations: int
) -> None:
    logrotate.configure(*directives)
    site.write()
    site.once()
    for _ in range(rotations):
        site.write()
        logrotate.rotate()
        site.write()
    for _ in range(2):
        site.once()
        site.check()


@pytest.mark.parametrize("directives", WAYS[:2], ids=["at once", "delayed"])
def test_compressed_after_each_was_read(site: Site, logrotate: Logrotate, directives: tuple[str, ...]) -> None:
    logrotate.configure(*directives, keep=3)
    for _ in range(5):
        site.write()
        logrotate.rotate()
        site.once()
    site.check()


@pytest.mark.parametrize("directives", WAYS[:2], ids=["at once", "delayed"])
def test_compressed_while_it_follows(site: Site, logrotate: Logrotate, directives: tuple[str, ...]) -> None:
    logrotate.configure(*directives)
    running = site.start()
    for _ in range(6):
        site.write()
        logrotate.rotate()
    site.follow_to_the_end(running)


@pytest.mark.parametrize("read_before", [True, False])
def test_a_compressed_copy_beside_its_plain_twin(site: Site, logrotate: Logrotate, *, read_before: bool) -> None:
    site.write()
    if read_before:
        site.once()
        site.write()
    logrotate.rotate()
    twin = site.folder / "mail.log.1"
    (site.folder / "mail.log.1.gz").write_bytes(gzip.compress(twin.read_bytes()))
    site.write()
    for _ in range(2):
        site.once()
        site.check()
    twin.unlink()
    site.once()
    site.check()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_half_written_copy_beside_its_plain_twin(site: Site, logrotate: Logrotate, share: float) -> None:
    """As gzip leaves it while it works, or when it is killed."""
    site.write()
    site.once()
    site.write(2000)
    logrotate.rotate()
    twin, copy = site.folder / "mail.log.1", site.folder / "mail.log.1.gz"
    whole = gzip.compress(twin.read_bytes())
    copy.write_bytes(whole[: int(share * len(whole))])
    site.write()
    site.once()
    site.check()
    copy.write_bytes(whole)
    twin.unlink()
    site.once()
    site.check()


def test_a_copy_that_is_written_while_it_follows(site: Site, logrotate: Logrotate) -> None:
    site.write()
    running = site.start()
    running.wait_for(lambda: site.has(10))
    site.write(2000)
    logrotate.rotate()
    twin, copy = site.folder / "mail.log.1", site.folder / "mail.log.1.gz"
    whole = gzip.compress(twin.read_bytes())
    with copy.open("wb", buffering=0) as file:
        for start in range(0, len(whole), 2000):
            file.write(whole[start : start + 2000])
            site.write(5)
    twin.unlink()
    site.write()
    running.wait_for(lambda: site.has(site.written))
    assert running.stop() == 0
    site.once()
    site.check()


def test_a_damaged_copy_that_is_all_there_is(site: Site, logrotate: Logrotate) -> None:
    """A person must act: it is told of, it fails, and nothing is taken for read; a whole copy mends it."""
    site.write()
    site.once()
    site.write(2000)
    logrotate.rotate()
    twin, copy = site.folder / "mail.log.1", site.folder / "mail.log.1.gz"
    whole = gzip.compress(twin.read_bytes())
    twin.unlink()
    copy.write_bytes(whole[: len(whole) // 2])
    site.write()
    assert str(copy) in site.once(code=3)
    copy.write_bytes(whole)
    site.once()
    assert sorted(site.stored()) == list(range(site.written))
