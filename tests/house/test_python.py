"""What ruff does not check: short functions, SQL in files of its own, tests that pytest finds."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from tests.house.tree import ROOT, name, python_files

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST_FUNCTION = 45
LONGEST_SQL = 3
DISTRIBUTIONS = {"yaml": "pyyaml"}  # where the names differ
SQL = re.compile(r"\s*(--.*\n\s*)*(select|insert|update|delete|create|with|copy|from|alter|merge)\s", re.IGNORECASE)


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(path: Path) -> Iterator[str]:
    """Yield the top-level name of each module that the file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").partition(".")[0]


def long_functions(path: Path) -> list[str]:
    return [
        f"{name(path)}:{node.lineno} {node.name} has {length} lines"
        for node in functions(path)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]


def passed_over(tree: ast.Module) -> set[int]:
    """Return the ids of the constants that are docstrings or parts of an f-string."""
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    return parts | {id(body[0].value) for body in bodies if body and isinstance(body[0], ast.Expr)}


def long_sql(path: Path) -> list[str]:
    tree = ast.parse(path.read_text())
    skipped = passed_over(tree)
    return [
        f"{name(path)}:{node.lineno} SQL of {(node.end_lineno or 0) - node.lineno + 1} lines belongs in a .sql file"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant | ast.JoinedStr)
        and id(node) not in skipped
        and (node.end_lineno or node.lineno) - node.lineno >= LONGEST_SQL
        and SQL.match(_text(node))
    ]


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(part.value if isinstance(part, ast.Constant) else "x" for part in node.values)  # type: ignore[misc]


def test_functions_are_short() -> None:
    assert [line for path in python_files() for line in long_functions(path)] == []


def test_long_sql_is_in_sql_files() -> None:
    assert [line for path in python_files() if path.is_relative_to(ROOT / "logbounce") for line in long_sql(path)] == []


def test_only_the_room_database_opens_databases() -> None:
    inside = [path for path in python_files() if path.is_relative_to(ROOT / "logbounce")]
    openers = {path.parent.name for path in inside if "duckdb.connect(" in path.read_text()}
    assert openers == {"database"}


def test_what_is_imported_is_required() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]["keyring"]  # imported where the settings ask for it
    required = {re.split("[<>=]", line)[0] for line in (*project["dependencies"], *optional)}
    inside = [path for path in python_files() if path.is_relative_to(ROOT / "logbounce")]
    imported = {module for path in inside for module in imports(path)}
    foreign = imported - sys.stdlib_module_names - {"logbounce"}
    assert {DISTRIBUTIONS.get(module, module) for module in foreign} <= required


def test_a_file_with_tests_is_one_that_pytest_finds() -> None:
    lost = [
        name(path)
        for path in python_files()
        if path.is_relative_to(ROOT / "tests")
        and not path.name.startswith("test_")
        and any(node.name.startswith("test_") for node in functions(path))
    ]
    assert lost == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('Q = """select 1\nfrom a\nwhere b\nand c"""\n', 1),
        ('Q = f"""select {1}\nfrom a\nwhere b\nand c"""\n', 1),
        ('Q = ("select 1 "\n "from a "\n "where b "\n "and c")\n', 1),
        ('Q = """select 1\nfrom a\nwhere b"""\n', 0),
        ('def f():\n    """Select one thing\n    of\n    the\n    many."""\n', 0),
        ('Q = """Dear postmaster,\n\n\nhello"""\n', 0),
    ],
)
def test_what_counts_as_long_sql(source: str, found: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.house.tree.ROOT", tmp_path)
    (tmp_path / "module.py").write_text(source)
    assert len(long_sql(tmp_path / "module.py")) == found
