"""Fault 2: killed just before and just after any COMMIT: exact."""

from __future__ import annotations

import signal
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults.driver import Plan
from tests.unit.cli.command import environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.rotation import Logrotate
    from tests.faults.site import Site

MOST_COMMITS = 40


def before(number: int) -> Plan:
    return Plan(die_before=number)


def after(number: int) -> Plan:
    return Plan(die_after=number)


def killed(site: Site, plan: Plan) -> bool:
    """Run `tail --once` by the plan; tell whether it was killed, and not done before."""
    command = plan.command("tail", "--once")
    done = subprocess.run(command, cwd=site.folder, env=environment(site.folder), capture_output=True, check=False)
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode != 0


def check(site: Site) -> None:
    """Check the rows, and that the checkpoints count each line once."""
    site.check()
    assert site.query("select sum(lines_read) from sources") == [(site.written,)]


@pytest.mark.parametrize("plan", [before, after])
def test_it_dies_at_each_commit_of_a_run_in_turn(site: Site, logrotate: Logrotate, plan: Callable[[int], Plan]) -> None:
    """Each run finds some new lines, a rotation, and what the one before it left."""
    number = 1
    while True:
        site.write()
        if number % 2:
            logrotate.rotate()
            site.write()
        if not killed(site, plan(number)):
            break
        number += 1
        assert number < MOST_COMMITS
    assert number > 2
    site.once()
    check(site)


def test_it_dies_at_the_same_commit_again_and_again(site: Site) -> None:
    site.write()
    for number in (1, 3):
        for _ in range(2):
            killed(site, before(number))
            killed(site, after(number))
        site.write()
    site.once()
    check(site)
