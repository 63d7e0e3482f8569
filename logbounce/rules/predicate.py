"""A rule's `sql`: a predicate over one reply and nothing else.

DuckDB's own parser makes the tree; whatever is not on the lists here is refused. Arithmetic, casts that can fail and
patterns that come from the log are not on them: a predicate must not be able to stop a load, either.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import duckdb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from duckdb import DuckDBPyConnection

COLUMNS = ("text", "smtp_code", "enhanced_status", "provider", "smtp_stage", "mta")
FUNCTIONS = (
    *("contains", "prefix", "suffix", "starts_with", "ends_with", "strpos", "instr", "length", "lower", "upper"),
    *("left", "right", "substr", "substring", "split_part", "trim", "ltrim", "rtrim"),
    *("regexp_matches", "regexp_full_match", "regexp_extract"),
    *("~~", "!~~", "~~*", "!~~*", "^@", "||"),
)
_LIKE = ("~~", "!~~", "~~*", "!~~*")
_PATTERN_FUNCTIONS = ("regexp_matches", "regexp_full_match", "regexp_extract", *_LIKE)
_MOST_WILDCARDS = 2
_CLASSES = ("COLUMN_REF", "CONSTANT", "FUNCTION", "OPERATOR", "COMPARISON", "CONJUNCTION", "CASE", "BETWEEN")
_OPERATORS = (
    "OPERATOR_NOT",
    "OPERATOR_IS_NULL",
    "OPERATOR_IS_NOT_NULL",
    "OPERATOR_COALESCE",
    "COMPARE_IN",
    "COMPARE_NOT_IN",
)


class RefusedError(ValueError):
    """What in the predicate is not allowed."""


def canonical(connection: DuckDBPyConnection, predicate: str) -> str:
    """Return DuckDB's own wording of the predicate, or raise RefusedError.

    Every connection has the same, so it is asked for once.
    """
    if predicate not in _wordings:
        _wordings[predicate] = _wording(connection, predicate)
    return _wordings[predicate]


_wordings: dict[str, str] = {}


def _wording(connection: DuckDBPyConnection, predicate: str) -> str:
    tree = _parse(connection, predicate)
    select = tree["statements"][0]["node"]
    for node in _walk(select["select_list"][0]):
        _refuse_unknown(node)
    rows = connection.execute("select json_deserialize_sql($1::json)", [json.dumps(tree)]).fetchone()
    wording = str(rows[0]).removeprefix("SELECT ") if rows else ""
    _refuse_unbound(connection, wording)
    return wording


def _parse(connection: DuckDBPyConnection, predicate: str) -> dict[str, Any]:
    # The line break ends a comment that would swallow the bracket.
    row = connection.execute("select json_serialize_sql($1)", [f"select ({predicate}\n)"]).fetchone()
    tree: dict[str, Any] = json.loads(row[0]) if row else {}
    if tree.get("error", True):
        raise RefusedError(f"is not SQL: {tree.get('error_message', 'one predicate was expected')}")
    if len(tree["statements"]) != 1 or not _is_bare(tree["statements"][0]["node"]):
        raise RefusedError("one predicate was expected, with nothing round it")
    return tree


def _is_bare(select: dict[str, Any]) -> bool:
    """Tell whether the statement is `select (EXPRESSION)` and no more."""
    empty = ("modifiers", "where_clause", "group_expressions", "group_sets", "having", "sample", "qualify")
    return (
        select.get("type") == "SELECT_NODE"
        and len(select["select_list"]) == 1
        and select["from_table"]["type"] == "EMPTY"
        and not select["cte_map"]["map"]
        and not any(select[key] for key in empty)
    )


def _walk(node: object) -> Iterator[dict[str, Any]]:
    """Yield every expression of the tree."""
    if isinstance(node, dict):
        if "class" in node:
            yield node
        for value in node.values():
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _refuse_unknown(node: dict[str, Any]) -> None:
    kind = node["class"]
    if kind == "CAST" and node["child"]["class"] == "CONSTANT":
        return  # `true` and `false` are casts of 't' and 'f' to the parser
    if kind not in _CLASSES:
        raise RefusedError(f"{kind.lower()} is not allowed: a predicate over {', '.join(COLUMNS)} was expected")
    if kind == "COLUMN_REF" and (len(node["column_names"]) != 1 or node["column_names"][0].lower() not in COLUMNS):
        raise RefusedError(f"column {'.'.join(node['column_names'])} is unknown: expected one of {', '.join(COLUMNS)}")
    if kind == "OPERATOR" and node["type"] not in _OPERATORS:
        raise RefusedError(f"{node['type'].lower()} is not allowed")
    if kind == "FUNCTION":
        _refuse_function(node)


def _refuse_function(node: dict[str, Any]) -> None:
    name = node["function_name"].lower()
    if name not in FUNCTIONS or node["schema"] or node["catalog"]:
        raise RefusedError(f"function {name} is not allowed: expected one of {', '.join(FUNCTIONS)}")
    if name in _PATTERN_FUNCTIONS and node["children"][1:2] and node["children"][1]["class"] != "CONSTANT":
        raise RefusedError(f"{name}: a pattern in quotes was expected")
    if name in _LIKE:
        _refuse_slow_like(name, str(node["children"][1]["value"].get("value", "")))


def _refuse_slow_like(name: str, pattern: str) -> None:
    """Refuse what DuckDB tries in exponential time: ILIKE, and LIKE with an underscore, with many percent signs."""
    if pattern.count("%") > _MOST_WILDCARDS and ("_" in pattern or name.endswith("*")):
        raise RefusedError(
            f"like '{pattern}' takes too long: at most {_MOST_WILDCARDS} % were expected (text is lower case)"
        )


def _refuse_unbound(connection: DuckDBPyConnection, wording: str) -> None:
    """Let DuckDB check types, patterns and numbers of arguments, on a row of nulls."""
    row = "select null::varchar as text, null::integer as smtp_code, null::varchar as enhanced_status"
    more = "null::varchar as provider, null::varchar as smtp_stage, null::varchar as mta"
    try:
        kind = connection.execute(f"select {wording} from ({row}, {more})").description  # noqa: S608 - canonical, allow-listed
    except duckdb.Error as error:
        raise RefusedError(f"does not run: {str(error).splitlines()[0]}") from error
    if str(kind[0][1]) != "BOOLEAN":
        raise RefusedError(f"gives {kind[0][1]}: a predicate, true or false, was expected")
