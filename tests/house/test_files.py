"""What may stand in the project's files, and that the changelog keeps up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import logbounce
from tests.house.tree import ROOT, files, name

# In two halves, so that this file does not find itself.
HOSTS = tuple(a + b for a, b in (("pypi", ".org"), ("python", "hosted.org"), ("deb.debian", ".org"), ("npmjs", ".org")))
TOP = {
    *("logbounce", "parsers", "tests", "sample_logs", "docs", ".ci"),
    *("rules.yaml", "pyproject.toml", "constraints.txt", "README.md", "LICENSE", "CHANGELOG.md"),
    *("CONTRIBUTING.md", "Makefile", ".gitignore"),
}


def strays(texts: tuple[str, ...]) -> list[str]:
    """Return each file that holds one of the texts."""
    return [f"{name(path)}: {text}" for path in files() for text in texts if text.encode() in path.read_bytes()]


def test_no_registry_hosts() -> None:
    assert strays(HOSTS) == []


def test_no_paths_of_this_machine() -> None:
    folders = {ROOT, ROOT.parent, Path.home()}
    # /home and the like may stand in a sample
    assert strays(tuple(f"{folder}/" for folder in folders if len(folder.parts) > 2)) == []


def test_no_merge_was_left_half_done() -> None:
    assert strays(("\n" + "<" * 7 + " ", "\n" + ">" * 7 + " ")) == []


def test_nothing_else_at_the_top() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files()} <= TOP


def test_the_changelog_has_this_version() -> None:
    assert f"## [{logbounce.__version__}]" in (ROOT / "CHANGELOG.md").read_text()


def test_constraints_name_each_requirement() -> None:
    required = re.findall(r'^ +"([A-Za-z-]+)[>=<]', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    pinned = re.findall(r"^([A-Za-z-]+)==", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    assert {package.lower() for package in required} <= {package.lower() for package in pinned}


@pytest.mark.parametrize("script", [name(path) for path in files() if path.read_bytes().startswith(b"#!")])
def test_scripts_can_be_run(script: str) -> None:
    assert (ROOT / script).stat().st_mode & 0o111
