"""Fault 5: SIGTERM and SIGINT in mid-batch: it stops within 5 s, and what it stored is exact."""

from __future__ import annotations

import signal
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.faults.site import Site

STOPS = [(signal.SIGTERM, 0), (signal.SIGINT, 130)]


@pytest.mark.parametrize(("number", "code"), STOPS)
def test_in_the_middle_of_a_long_log(site: Site, number: int, code: int) -> None:
    site.write(120_000)
    running = site.start("--commit-lines", "5000")
    running.wait_for(lambda: site.has(1))
    assert running.stop_soon(number) == code
    assert running.said == ""
    so_far = site.stored()
    assert so_far == list(range(len(so_far)))
    assert 0 < len(so_far) < site.written
    site.once()
    site.check()


@pytest.mark.parametrize(("number", "code"), STOPS)
def test_with_lines_that_wait_for_their_commit(site: Site, number: int, code: int) -> None:
    site.write()
    running = site.start("--commit-seconds", "600")
    running.wait_for(lambda: site.has(10))
    site.write()
    time.sleep(0.3)
    assert running.stop_soon(number) == code
    assert site.stored() in (list(range(10)), list(range(20)))
    site.once()
    site.check()


@pytest.mark.parametrize(("number", "code"), STOPS)
def test_with_nothing_to_do(site: Site, number: int, code: int) -> None:
    site.write()
    running = site.start()
    running.wait_for(lambda: site.has(10))
    time.sleep(0.5)
    assert running.stop_soon(number) == code
    assert running.said == ""
    site.check()
