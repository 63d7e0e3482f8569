"""How journalctl is asked: a unit or an identifier, from a cursor on; and what its last line says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from logbounce.errors import InputError
from logbounce.follow import journal

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def journalctl(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a program in its place that says how it was asked."""
    program = tmp_path / "journalctl"
    known = "echo postfix/slow/smtp; echo postfixed/smtp"
    program.write_text(f'#!/bin/sh\ncase "$*" in *--field*) {known};; *) printf "%s\\n" "$@";; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return program


def asked(name: str, *, directory: str | None = None, cursor: str | None = None, once: bool = True) -> list[str]:
    """Return what journalctl was asked."""
    with journal.follow(name, directory=directory, cursor=cursor, once=once) as process:
        return process.communicate()[0].decode().splitlines()


@pytest.mark.usefixtures("journalctl")
def test_a_name_with_a_dot_is_a_unit() -> None:
    arguments = asked("postfix@-.service")
    assert "--unit=postfix@-.service" in arguments
    assert not any(argument.startswith("--identifier") for argument in arguments)


@pytest.mark.usefixtures("journalctl")
def test_any_other_name_is_an_identifier_and_the_first_part_of_others() -> None:
    names = {argument.removeprefix("--identifier=") for argument in asked("postfix") if "--identifier" in argument}
    assert {"postfix", "postfix/smtp", "postfix/qmgr", "postfix/relay/smtp", "postfix/slow/smtp"} <= names
    assert "postfixed/smtp" not in names


@pytest.mark.usefixtures("journalctl")
def test_it_begins_where_it_was_left_or_at_the_beginning() -> None:
    assert "--after-cursor=s=1;i=2" in asked("exim", cursor="s=1;i=2")
    assert "--no-tail" in asked("exim")
    assert "--directory=/j" in asked("exim", directory="/j")
    assert ("--follow" in asked("exim"), "--follow" in asked("exim", once=False)) == (False, True)


def test_a_machine_without_a_journal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for name in ("postfix", "postfix.service"):
        with pytest.raises(InputError, match="journalctl: is not on this machine"):
            asked(name)


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
