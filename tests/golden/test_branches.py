"""Nothing in a parser is without a line in its samples: no SELECT of its union, no WHEN of its cases."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from logbounce.parse import events_select, formats
from tests.golden.reading import PARSERS, parsed, samples

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

# In a parser the SELECTs of its union begin in the first column; what is in the WITH before them is indented.
WITH_AND_UNION = re.compile(r"\A(?P<given>.*?^)(?P<union>select\b.*)\Z", re.DOTALL | re.MULTILINE)
MACRO = re.compile(r"(?P<head>create or replace temp macro (?P<name>\w+)\([^)]*\) as\b)(?P<body>.*?);?\s*\Z", re.DOTALL)
REACHED = "this arm is reached"


@dataclass(frozen=True)
class Mutant:
    """A statement of a parser in which one arm of a CASE raises an error."""

    arm: str
    sql: str


def statements(parser: str) -> tuple[list[str], str]:
    """Return the texts of a parser's macros and of its SELECT."""
    *macros, select = duckdb.extract_statements(formats()[parser].sql)
    return [macro.query.strip() for macro in macros], select.query.strip().rstrip(";")


def branches(select: str) -> Iterator[str]:
    """Cut the union of a parser apart: each SELECT with the WITH before it."""
    match = WITH_AND_UNION.match(without_comments(select))
    assert match, "a parser ends in SELECTs that begin in the first column"
    for branch in re.split(r"^union all by name$", match["union"], flags=re.MULTILINE):
        yield match["given"] + branch


def without_comments(sql: str) -> str:
    """Return a statement without the lines that are comments."""
    return re.sub(r"^--.*\n", "", sql, flags=re.MULTILINE)


def tail(branch: str) -> str:
    """Return how a branch ends, on one line."""
    return " ".join(branch.split())[-150:]


def is_empty(connection: DuckDBPyConnection, select: str) -> bool:
    """Return whether a SELECT finds nothing in the lines that were read."""
    return connection.execute(f"from ({events_select(select)}) limit 1").fetchone() is None


@pytest.mark.parametrize("parser", PARSERS)
def test_every_select_of_a_parser_finds_something(parser: str) -> None:
    missing = dict(enumerate(branches(statements(parser)[1])))
    for sample in samples(parser):
        with parsed(sample) as connection:
            missing = {n: branch for n, branch in missing.items() if is_empty(connection, branch)}
    assert not missing, "\n".join(f"no sample line for select {n + 1}: {tail(select)}" for n, select in missing.items())


def mutants(sql: str, arm_of: str) -> Iterator[Mutant]:
    """Yield `sql` (a SELECT) once for each arm of each CASE in it, with that arm raising an error."""
    row = duckdb.execute("select json_serialize_sql($1)", [sql]).fetchone()
    assert row
    tree = json.loads(row[0])
    assert not tree["error"], tree
    error = _error()
    for case in _cases(tree):
        for number, check in enumerate(case["case_checks"], 1):
            kept, check["then_expr"] = check["then_expr"], error
            yield Mutant(f"{arm_of}: when {number}: {_text(check['when_expr'])}", _text_of(tree))
            check["then_expr"] = kept


def _error() -> Any:  # noqa: ANN401 - JSON
    row = duckdb.execute("select json_serialize_sql($1)", [f"select error('{REACHED}')"]).fetchone()
    assert row
    return json.loads(row[0])["statements"][0]["node"]["select_list"][0]


def _cases(node: object) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        if "case_checks" in node:
            yield node
        for child in node.values():
            yield from _cases(child)
    elif isinstance(node, list):
        for child in node:
            yield from _cases(child)


def _text(expression: object) -> str:
    tree = {"error": False, "statements": [{"node": {**_empty_node(), "select_list": [expression]}}]}
    return _text_of(tree).removeprefix("SELECT ")


def _empty_node() -> dict[str, Any]:
    row = duckdb.execute("select json_serialize_sql('select 1')").fetchone()
    assert row
    node: dict[str, Any] = json.loads(row[0])["statements"][0]["node"]
    return node


def _text_of(tree: dict[str, Any]) -> str:
    row = duckdb.execute("select json_deserialize_sql($1::json)", [json.dumps(tree)]).fetchone()
    assert row
    return str(row[0])


def all_mutants(parser: str) -> Iterator[Mutant]:
    """Yield a parser's macros and its SELECT, each once for each arm."""
    macros, select = statements(parser)
    for macro in macros:
        match = MACRO.search(without_comments(macro))
        assert match, macro
        for mutant in mutants(f"select {match['body']}", match["name"]):
            yield Mutant(mutant.arm, f"{match['head']} {mutant.sql.removeprefix('SELECT ')}")
    for mutant in mutants(select, "select"):
        yield Mutant(mutant.arm, f"create or replace temp view events as {events_select(mutant.sql)}")


def is_reached(connection: DuckDBPyConnection, mutant: Mutant) -> bool:
    """Whether reading the lines again meets the arm. What the mutant replaced comes back with the transaction."""
    connection.execute("begin")
    try:
        connection.execute(mutant.sql)
        connection.execute("from events")
    except duckdb.InvalidInputException as error:
        if REACHED not in str(error):
            raise
        return True
    else:
        return False
    finally:
        connection.execute("rollback")


@pytest.mark.parametrize("parser", PARSERS)
def test_every_when_of_a_parser_is_reached(parser: str) -> None:
    left = list(all_mutants(parser))
    assert left
    for sample in samples(parser):
        with parsed(sample) as connection:
            left = [mutant for mutant in left if not is_reached(connection, mutant)]
    assert not left, "\n".join(f"no sample line for {mutant.arm}" for mutant in left)
