"""docs/adding-a-format.md, followed to the letter in a copy of the project."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "adding-a-format.md"
PLACES = {"text": "sample_logs/sendmail.log", "sql": "parsers/sendmail.sql", "json": "tests/golden/sendmail.log.jsonl"}
SENDMAIL = ("tests/golden", "-k", "sendmail and not eml", "-q", "-p", "no:cacheprovider")


def block(language: str) -> str:
    """Return the page's only block of a language."""
    (text,) = re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    return str(text)


def pytest_in(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the golden tests of a copy, for sendmail."""
    command = (sys.executable, "-m", "pytest", *SENDMAIL, *arguments)
    return subprocess.run(command, cwd=project, check=False, capture_output=True, text=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the project with the page's files in their places."""
    left_out = shutil.ignore_patterns("__pycache__", Path(__file__).name)
    for folder in ("logbounce", "parsers", "sample_logs", "tests/golden"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=left_out)
    for file in ("pyproject.toml", "rules.yaml", "tests/conftest.py"):
        shutil.copy(ROOT / file, tmp_path / file)
    for language, place in PLACES.items():
        (tmp_path / place).write_text(block(language), encoding="utf-8")
    return tmp_path


def test_the_page_s_three_files_pass(project: Path) -> None:
    done = pytest_in(project)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^6 passed", done.stdout, re.MULTILINE), done.stdout


def test_the_golden_file_is_what_update_golden_writes(project: Path) -> None:
    (project / PLACES["json"]).unlink()
    assert pytest_in(project).returncode == 1
    assert pytest_in(project, "--update-golden").returncode == 0
    assert (project / PLACES["json"]).read_text(encoding="utf-8") == block("json")


@pytest.mark.parametrize(
    ("place", "cut", "test"),
    [
        ("sample_logs/sendmail.log", "1+02:03:04", "test_every_when_of_a_parser_is_reached"),
        ("sample_logs/sendmail.log", "cut@bakery.example", "test_every_select_of_a_parser_finds_something"),
        ("tests/golden/sendmail.log.jsonl", "gone@bakery.example", "test_a_sample_gives_its_golden_file"),
    ],
)
def test_what_is_missing_is_found(project: Path, place: str, cut: str, test: str) -> None:
    path = project / place
    path.write_text("".join(line for line in path.read_text().splitlines(keepends=True) if cut not in line))
    done = pytest_in(project)
    assert done.returncode == 1
    assert re.search(rf"^FAILED .*{test}", done.stdout, re.MULTILINE), done.stdout
