"""The options that every command has, and what those without a database make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import typer.main
from typer.testing import CliRunner

from logbounce.cli.app import app
from logbounce.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NO_CSV = {
    "parse": "prints JSON lines, whose keys differ from line to line",
    "tail": "prints a line for each commit, for ever, which is no table",
    "init": "prints one document: what it wrote, and what it found",
}
OWN_CONFIG = {
    "init": "writes the file",
    "doctor": "has it among what is wrong",
}
NEEDED = {
    "ingest": ["mail.log"],
    "parse": ["mail.log"],
    "query": ["select 1"],
    "explain": ["ann@example.org"],
    "backup": ["copy.duckdb"],
    "publish": ["copies"],
    "purge": ["--keep", "400d"],
    "forget": ["ann@example.org"],
    "rules show": ["spamhaus"],
    "suppress check": ["ann@example.org"],
    "verp sign": ["ann@example.org"],
    "verp check": ["ann@example.org"],
}
OWN_RULES = ("classify", "rules list", "rules test", "rules lint", "rules show")


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's groups have no common type
    """Yield `suppress list` and the like, each with its command."""
    if not hasattr(command, "list_commands"):
        yield " ".join(words), command
        return
    context = command.make_context("logbounce", [], resilient_parsing=True)
    for word in command.list_commands(context):
        yield from leaves(command.get_command(context, word), (*words, word))


COMMANDS = dict(leaves(typer.main.get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_the_options_of_all(name: str) -> None:
    options = {option for parameter in COMMANDS[name].params for option in parameter.opts}
    wanted = {"--db", "--config", "--json", "--csv"}
    assert options & wanted == wanted - ({"--csv"} if name in NO_CSV else set())


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - NO_CSV))
def test_json_and_csv_exclude_each_other(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, [*name.split(), *NEEDED.get(name, []), "--json", "--csv"])
    assert (done.exit_code, done.stdout) == (Exit.USAGE, "")
    assert "--json and --csv exclude each other" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - OWN_CONFIG))
def test_wrong_settings_that_are_named_are_an_error(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "wrong.yaml").write_text("timezone: UTC\ndatabse: x\n")
    flags = ["--config", "wrong.yaml", "--db", "x.duckdb"]
    done = CliRunner().invoke(app, [*name.split(), *NEEDED.get(name, []), *flags])
    assert (done.exit_code, done.stdout) == (Exit.SETTINGS, "")
    assert done.stderr.startswith("logbounce: wrong.yaml:2: unknown key 'databse'")
    assert [path.name for path in tmp_path.iterdir()] == ["wrong.yaml"]


@pytest.mark.parametrize("name", OWN_RULES)
def test_settings_are_read_beside_rules_if_they_are_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those that nobody named may be another user's: /etc/logbounce/logbounce.yaml is its owner's only."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "logbounce.yaml").write_text("nonsense: 1\n")
    (tmp_path / "mine.yaml").write_text("rules: []\n")
    arguments = [*name.split(), *NEEDED.get(name, []), "--rules", "mine.yaml"]
    assert CliRunner().invoke(app, arguments).exit_code == Exit.OK
    assert CliRunner().invoke(app, [*arguments, "--config", "logbounce.yaml"]).exit_code == Exit.SETTINGS
    assert CliRunner().invoke(app, arguments[:-2]).exit_code == Exit.SETTINGS


@pytest.mark.parametrize("arguments", ["classify", "parse mail.log", "rules list", "rules show spamhaus"])
def test_a_database_that_is_not_needed_is_not_opened(
    arguments: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mail.log").write_text("Nov 20 10:00:00 mx1 postfix/qmgr[1]: 4TX001: removed\n")
    (tmp_path / "x.duckdb").write_text("no database")
    done = CliRunner().invoke(app, [*arguments.split(), "--db", "x.duckdb"])
    assert (done.exit_code, done.stderr) == (Exit.OK, "")
    assert (tmp_path / "x.duckdb").read_text() == "no database"
