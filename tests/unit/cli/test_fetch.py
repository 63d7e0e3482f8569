"""`logbounce fetch --test`: the test button."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = b"From: \x1b]0;owned\x07 <a@b>\nSubject: =?utf-8?q?=1b=5B31m?= =?bad\n\nx\n"


def mbox(home: Path) -> None:
    (home / "old.mbox").write_bytes(b"From x Fri Nov 20 10:00:00 2026\n" + HOSTILE)


def test_a_path_is_an_account(tmp_path: Path) -> None:
    mbox(tmp_path)
    done = logbounce("fetch", "--test", "old.mbox", cwd=tmp_path)
    assert done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0] == f"old.mbox: mbox {tmp_path}/old.mbox (file): 1 messages"
    assert "\x1b" not in done.stdout
    assert "\\x1b" in lines[1]


def test_json(tmp_path: Path) -> None:
    mbox(tmp_path)
    (tmp_path / "Maildir").mkdir()
    done = logbounce("fetch", "--test", "--json", "old.mbox", "Maildir", cwd=tmp_path)
    assert done.returncode == 8
    good, bad = json.loads(done.stdout)
    assert (good["name"], good["protocol"], good["messages"], good["failure"]) == ("old.mbox", "mbox", 1, None)
    assert good["sample"]["bytes"] == len(HOSTILE)
    assert "is no Maildir" in bad["failure"]
    assert done.stderr == f"logbounce: {bad['failure']}\n"


def test_names_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "logbounce.yaml").write_text("mailboxes: [{name: a, protocol: mbox, path: a}]")
    said = fails(logbounce("fetch", "--test", "b", cwd=tmp_path), 4)
    assert said == "no mailbox 'b' in the settings (they have: a), and no Maildir or mbox of that name"


def test_no_mailboxes(tmp_path: Path) -> None:
    said = fails(logbounce("fetch", "--test", cwd=tmp_path), 4)
    assert said == "there is no logbounce.yaml, and so no mailboxes; docs/mailboxes.md shows one"
    (tmp_path / "logbounce.yaml").write_text("timezone: UTC\n")
    said = fails(logbounce("fetch", "--test", cwd=tmp_path), 4)
    assert said == "logbounce.yaml: has no mailboxes; docs/mailboxes.md shows one"


def test_a_trial_is_no_table(tmp_path: Path) -> None:
    mbox(tmp_path)
    done = logbounce("fetch", "--test", "--csv", "old.mbox", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--test prints text or --json" in done.stderr


def test_the_others_are_tried_when_one_fails(tmp_path: Path) -> None:
    mbox(tmp_path)
    (tmp_path / "logbounce.yaml").write_text(
        "mailboxes: [{name: a, protocol: mbox, path: none}, {name: b, protocol: mbox, path: old.mbox}]"
    )
    done = logbounce("fetch", "--test", cwd=tmp_path)
    assert done.returncode == 8
    assert done.stderr == f"logbounce: mailbox a (mbox {tmp_path}/none): cannot be read: No such file or directory\n"
    assert done.stdout.startswith("b: mbox ")
