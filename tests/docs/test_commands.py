"""Every command is documented, and every command that is documented exists."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
import typer.main
from typer.testing import CliRunner

from logbounce.cli.app import app
from tests.docs.shown import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTED = "\n".join(page.read_text() for page in PAGES if page.exists())


def names(command: Any, words: tuple[str, ...] = ()) -> Iterator[str]:  # noqa: ANN401 - Typer's groups have no common type
    """Yield `suppress list` and the like for each command below this one."""
    if not hasattr(command, "list_commands"):
        yield " ".join(words)
        return
    context = command.make_context("logbounce", [], resilient_parsing=True)
    for word in command.list_commands(context):
        yield from names(command.get_command(context, word), (*words, word))


COMMANDS = sorted(names(typer.main.get_command(app)))


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_is_documented(command: str) -> None:
    assert re.search(rf"\blogbounce {command}\b", DOCUMENTED)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_command_has_help(command: str) -> None:
    shown = CliRunner().invoke(app, [*command.split(), "--help"])
    assert shown.exit_code == 0
    assert "Usage" in shown.output


def test_documented_commands_exist() -> None:
    shown = set(re.findall(r"^\$ logbounce ([a-z]+)", DOCUMENTED, re.MULTILINE))
    assert shown <= {command.split()[0] for command in COMMANDS}
