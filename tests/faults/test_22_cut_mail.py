"""Fault 22: IMAP drops in mid-fetch; the program dies after the commit, before the message is moved: exact."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults.driver import Plan
from tests.faults.postbox import Postbox
from tests.live.cutting import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.live.dovecot import Dovecot

MOST_COMMITS = 30
COUNT = 12


@pytest.mark.parametrize("protocol", ["imap", "pop3"])
def test_the_line_is_cut_again_and_again(tmp_path: Path, dovecot: Dovecot, user: str, protocol: str) -> None:
    """Each connection lasts a little longer than the one before, until one gets everything."""
    post = Postbox(tmp_path, dovecot, user, protocol, after="delete")
    post.deliver(COUNT)
    cuts, after = 0, 4_000
    while True:
        with Proxy(dovecot.ports[f"{protocol}s"], after=after) as proxy:
            post.reach(proxy.port)
            said = post.fetch(code=None)
        if not said:
            break
        assert "mailbox bounces" in said
        cuts, after = cuts + 1, after + 3_000
        assert cuts < MOST_COMMITS
    assert cuts > 2
    post.check()
    assert post.folder_has("INBOX") == 0


def before(number: int) -> Plan:
    return Plan(die_before=number)


def after(number: int) -> Plan:
    return Plan(die_after=number)


@pytest.mark.parametrize("plan", [before, after])
def test_it_dies_at_each_commit_of_a_run_in_turn(
    tmp_path: Path, dovecot: Dovecot, user: str, plan: Callable[[int], Plan]
) -> None:
    """Each run finds a new message, and what the one before it left."""
    post = Postbox(tmp_path, dovecot, user, after="{move: Done}")
    number = 1
    while True:
        post.deliver()
        if not post.killed(plan(number)):
            break
        number += 1
        assert number < MOST_COMMITS
    assert number > 4
    post.fetch()
    post.check()
    assert (post.folder_has("INBOX"), post.folder_has("Done")) == (0, post.delivered)


def test_it_dies_between_the_commit_and_the_move(tmp_path: Path, dovecot: Dovecot, user: str) -> None:
    post = Postbox(tmp_path, dovecot, user, after="{move: Done}")
    post.deliver(3)
    number = next(n for n in range(1, MOST_COMMITS) if post.killed(after(n)) and post.query("from report_rows"))
    assert number > 1
    assert post.folder_has("INBOX") == 3
    post.fetch()
    post.check()
    assert (post.folder_has("INBOX"), post.folder_has("Done")) == (0, 3)
