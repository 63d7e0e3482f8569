"""How journalctl is asked: a unit or an identifier, from a cursor on; and what its last line says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import InputError
from logbounce.follow import journal
from logbounce.follow.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in its place that says how it was asked."""
    program = tmp_path / "journalctl"
    identifiers = "echo postfix/slow/smtp; echo postfixed/smtp"
    units = "echo postfix@-.service; echo postfix@a.service; echo other.service"
    cases = f"*--field=SYS*) {identifiers};; *--field=_SYS*) {units};;"
    program.write_text(f'#!/bin/sh\ncase "$*" in {cases} *) printf "%s\\n" "$@";; esac\n')
    program.chmod(0o755)
    machine = tmp_path / "machine-id"
    machine.write_text("abc\n")
    monkeypatch.setattr(journal, "_MACHINE", machine)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def asked(name: str, *, directory: str | None = None, cursor: str | None = None, once: bool = True) -> list[str]:
    """Return what journalctl was asked."""
    with Journal.named(name, directory).follow(cursor, once=once) as process:
        return process.communicate()[0].decode().splitlines()


@pytest.mark.usefixtures("journalctl")
def test_a_unit_is_what_journalctl_takes_for_it() -> None:
    assert asked("postfix@-.service")[-2:] == ["--unit=postfix@-.service", "_MACHINE_ID=abc"]
    assert asked("postfix@-.service", directory="/j")[-1] == "--unit=postfix@-.service"


@pytest.mark.usefixtures("journalctl")
def test_a_pattern_of_units_is_those_that_there_are_and_all_mail() -> None:
    matches = ["_SYSTEMD_UNIT=postfix@-.service", "_SYSTEMD_UNIT=postfix@a.service", "+", "SYSLOG_FACILITY=2"]
    assert asked("postfix@*.service", directory="/j")[-4:] == matches
    assert asked("exim@*.service", directory="/j")[-2:] == ["--no-tail", "SYSLOG_FACILITY=2"]


@pytest.mark.usefixtures("journalctl")
def test_any_other_name_is_an_identifier_and_the_first_part_of_others_and_all_mail() -> None:
    arguments = asked("postfix")
    names = {argument.removeprefix("SYSLOG_IDENTIFIER=") for argument in arguments if "IDENTIFIER" in argument}
    assert {"postfix", "postfix/smtp", "postfix/qmgr", "postfix/relay/smtp", "postfix/slow/smtp"} <= names
    assert "postfixed/smtp" not in names
    assert arguments[-4:] == ["_MACHINE_ID=abc", "+", "SYSLOG_FACILITY=2", "_MACHINE_ID=abc"]


@pytest.mark.usefixtures("journalctl")
def test_it_begins_where_it_was_left_or_at_the_beginning() -> None:
    assert {"--cursor=s=1;i=2", "--no-tail", "--merge"} <= set(asked("exim", cursor="s=1;i=2"))
    assert not any(argument.startswith("--cursor") for argument in asked("exim"))
    assert "--directory=/j" in asked("exim", directory="/j")
    assert ("--follow" in asked("exim"), "--follow" in asked("exim", once=False)) == (False, True)


def entry(identifier: str, unit: str = "a.service") -> bytes:
    told = {"MESSAGE": '"SYSLOG_IDENTIFIER":"postfix"', "SYSLOG_IDENTIFIER": identifier, "_SYSTEMD_UNIT": unit}
    return json.dumps(told).encode()


@pytest.mark.usefixtures("journalctl")
def test_of_all_mail_only_its_own_is_kept() -> None:
    own, others = [entry("postfix"), entry("postfix/new/smtp")], [entry("postfixed"), entry("dovecot"), b"{}", b"x"]
    lines = b"\n".join([others[0], own[0], *others[1:], own[1]])
    assert Journal.named("postfix", None).ours(lines) == b"\n".join(own)
    assert Journal.named("exim", None).ours(lines) == b""
    assert Journal.named("a.service", None).ours(lines) == lines


@pytest.mark.usefixtures("journalctl")
def test_of_all_mail_only_units_of_the_pattern_are_kept() -> None:
    own, other = entry("x", "postfix@b\\x2d1.service"), entry("postfix", "postfix.service")
    assert Journal.named("postfix@*.service", None).ours(own + b"\n" + other) == own


def test_a_machine_without_a_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("postfix", "postfix.service"):
        with pytest.raises(InputError, match="journalctl: is not on this machine"):
            asked(name)


def test_a_journal_that_cannot_be_read_tells_nothing(journalctl: Path) -> None:
    journalctl.write_text('#!/bin/sh\necho \'{"__CURSOR":"a"}\'; exit 1\n')
    found = Journal.named("postfix", None)
    assert (found.last(), found.has("a"), found.files()) == (None, False, [])


def test_the_last_entry_of_a_journal(journalctl: Path) -> None:
    journalctl.write_text('#!/bin/sh\necho \'{"__CURSOR":"a"}\'\n')
    found = Journal.named("postfix.service", None)
    assert (found.last(), found.has("a"), found.has("b")) == ("a", True, False)
    journalctl.write_text("#!/bin/sh\n")
    assert (found.last(), found.has("a")) == ("", False)


def test_the_entry_that_was_read_is_left_out() -> None:
    first, second = b'{"__CURSOR":"s=1;i=1;b=1;m=1;t=1;x=1"}', b'{"__CURSOR":"s=1;i=2;b=1;m=2;t=2;x=2"}'
    lines = first + b"\n" + second
    assert journal.without("s=1;i=1;b=1;m=1;t=1;x=1", lines) == second
    assert journal.without("s=9;i=7;b=1;m=1;t=1;x=1", lines) == second  # copied to another file
    assert journal.without("s=1;i=0;b=1;m=0;t=0;x=0", lines) == lines
    assert journal.without(None, lines) == lines
    assert journal.without("s=1;i=1;b=1;m=1;t=1;x=1", first) == b""


@pytest.mark.parametrize(
    ("lines", "cursor"),
    [
        (b'{"__CURSOR":"a"}\n{"__CURSOR":"b","MESSAGE":"x"}', "b"),
        (b'{"__CURSOR":"a"}', "a"),
        (b'{"MESSAGE":"x"}', None),
        (b"[]", None),
        (b'{"__CURSOR":"a', None),
        (b"", None),
    ],
)
def test_the_cursor_of_the_last_line(lines: bytes, cursor: str | None) -> None:
    assert journal.last_cursor(lines) == cursor
