"""A database in which servers said a few words, and rules that judge each word as a test wants."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from logbounce.classify import classify_templates
from logbounce.database import memory
from logbounce.escalate import escalate
from logbounce.rules import Rules, load_rules, publish
from tests.unit.escalate.histories import PRESETS, START, Attempt, after, bounced, store

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from duckdb import DuckDBPyConnection

WORDS = ("alpha", "beta", "gamma")
CATEGORIES = {
    "bad-mailbox": "{class: hard, act: H, scope: address, says: nobody there}",
    "mailbox-full": "{class: soft, act: S3, scope: address, says: full}",
    "greylisted": "{class: soft, act: S0, scope: attempt, says: later}",
    "policy-block": "{class: block, act: B, scope: sender, says: not from you}",
    "undetermined": "{class: soft, act: S0, scope: unknown, says: unknown}",
}
HARD = {"alpha": "bad-mailbox", "beta": "mailbox-full", "gamma": "policy-block"}
BLOCK_ALPHA = HARD | {"alpha": "policy-block"}
HARD_GAMMA = HARD | {"gamma": "bad-mailbox"}
ANN, BOB = "ann@x.example", "bob@x.example"
LIMITS = ("hard_limit", "soft_limit", "window_hours", "repeat_hours", "any_limit")
RULE = """\
  - id: says-{word}
    category: {category}
    text: {word}
    why: a test
    hit: 550 {word}
    miss: 550 no
"""
TABLES = (
    *("attempt_rows", "complaints", "suppression_ledger", "policies", "response_templates", "undecided_addresses"),
    *("rule_versions", "rule_changes", "rule_policies", "categories", "rules", "providers"),
)
LASTING = "address, stream, reason, category, rule_id, policy, bounces, first_evidence, last_evidence, evidence"
_files = itertools.count()


def hard(recipient: str, word: str, hours: float = 0, act: str = "H", **more: str) -> tuple[Attempt, str]:
    """Return an attempt that a server refused with a word."""
    return bounced(after(hours), act, recipient=recipient, **more), word


def rules(
    folder: Path, verdicts: Mapping[str, str], preset: str = "standard", streams: Mapping[str, str] | None = None
) -> Rules:
    """Return rules that give each word its category; `streams` have a preset by their sender's pattern."""
    lines = ["categories:", *(f"  {name}: {says}" for name, says in CATEGORIES.items())]
    lines += ["policy:", f"  preset: {preset}", "  presets:", *(f"    {name}: {_preset(name)}" for name in PRESETS)]
    named = [f"{{name: {p.strip('%@')}, sender: '{p}', preset: {preset}}}" for p, preset in (streams or {}).items()]
    lines += [f"  streams: [{', '.join(named)}]", "rules:"]
    text = "\n".join(lines) + "\n" + "".join(RULE.format(word=w, category=c) for w, c in verdicts.items())
    file = folder / f"rules-{next(_files)}.yaml"
    file.write_text(text if verdicts else text.replace("rules:\n", ""), encoding="utf-8")
    return load_rules(None, file)


def _preset(name: str) -> str:
    *limits, reset = PRESETS[name]
    values = {key: value for key, value in zip(LIMITS, limits, strict=True) if value is not None}
    return "{" + ", ".join(f"{key}: {value}" for key, value in (*values.items(), ("reset", reset))) + "}"


def database(known: Rules) -> DuckDBPyConnection:
    """Return a database in memory, empty but for what rules say and the templates of the words, judged by them."""
    connection = memory()
    begin_again(connection, known)
    return connection


def begin_again(connection: DuckDBPyConnection, known: Rules) -> None:
    """Empty a database: much faster than a new one."""
    for table in TABLES:
        connection.execute(f"delete from {table}")  # noqa: S608 - the names stand here
    connection.execute("delete from meta where key in ('rules_digest', 'templates_digest')")
    publish(connection, known)
    for word in WORDS:
        connection.execute(
            "insert into response_templates (template_id, mta, smtp_stage, template, sample, first_time) "
            "values ($1, 'postfix', 'rcpt', $2, $2, $3)",
            [template_id(word), f"550 {word}", START],
        )
    classify_templates(connection, known)


def template_id(word: str) -> int:
    """Return the id of the template of a word."""
    return WORDS.index(word) + 1


def say(connection: DuckDBPyConnection, attempts: Iterable[tuple[Attempt, str | None]]) -> None:
    """Store attempts, each with the word that the server said (None: it took the mail)."""
    attempts = list(attempts)
    store(connection, [attempt for attempt, _ in attempts])
    words = [(attempt.attempt_id, word and template_id(word)) for attempt, word in attempts]
    connection.execute(
        "update attempt_rows set template_id = w.said[2] from (select unnest($1::bigint[][]) as said) w "
        "where attempt_id = w.said[1]",
        [words],
    )
    connection.execute("delete from response_templates where template_id > $1", [len(WORDS)])


def judge(connection: DuckDBPyConnection) -> None:
    """Let the policy judge everybody."""
    escalate(connection)


def suppressions(connection: DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Return what is suppressed, and why: all that an undo has to bring back."""
    return connection.execute(f"select {LASTING} from suppressions order by all").fetchall()  # noqa: S608 - stands here


def suppressed(connection: DuckDBPyConnection) -> list[tuple[str, str]]:
    """Return who is suppressed, for which stream."""
    return connection.execute("select lower(address), stream from suppressions order by all").fetchall()


def state(connection: DuckDBPyConnection) -> tuple[object, ...]:
    """Return what a version of the rules changes."""
    verdicts = connection.execute("select * from response_templates order by template_id").fetchall()
    return suppressions(connection), verdicts, connection.execute("select * from policies order by all").fetchall()


def ledger(connection: DuckDBPyConnection, after: int = 0) -> list[tuple[object, ...]]:
    """Return the decisions behind a number in their order."""
    return connection.execute(
        "select action, address, stream, reason, note from suppression_ledger where number > $1 order by number",
        [after],
    ).fetchall()


def last_number(connection: DuckDBPyConnection) -> int:
    """Return the number of the last decision."""
    row = connection.execute("select coalesce(max(number), 0) from suppression_ledger").fetchone()
    return int(row[0]) if row else 0


def decide(connection: DuckDBPyConnection, action: str, address: str, hours: float, stream: str = "") -> None:
    """Let a person suppress or release an address."""
    connection.execute(
        "insert into suppression_ledger (decided_at, action, address, stream, reason) "
        "values ($1::timestamp + to_hours($2), $3, $4, $5, 'manual')",
        [START, int(hours), action, address, stream],
    )
