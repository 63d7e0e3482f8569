"""Templates: what varies is masked, what decides is not."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.classify import classify_templates
from logbounce.database import memory
from logbounce.rules import Example, Rules, load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.+-_=", min_size=1, max_size=20)
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)
HOST = st.builds("{}.{}.example.com".format, LABEL, LABEL)
IP = st.one_of(st.ip_addresses(v=4), st.ip_addresses(network="2001:db8::/32")).map(str)
QUEUE_ID = st.from_regex(r"[0-9A-F]{2}[A-F][0-9][A-F][0-9A-F]{5}", fullmatch=True)
SECONDS = st.integers(1000, 10**9)


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


@pytest.fixture(scope="module")
def database() -> Iterator[DuckDBPyConnection]:
    with memory() as connection:
        yield connection


def _mask(database: DuckDBPyConnection, text: str) -> str:
    row = database.execute("select mask_reply($1)", [text]).fetchone()
    assert row
    return str(row[0])


def _verdicts(rules: Rules, examples: list[Example], *, masked: bool) -> list[tuple[str, str, str | None]]:
    """Judge the texts as they stand, or their templates."""
    template = "mask_reply(text)" if masked else "text"
    columns = [
        list(column) for column in zip(*[(e.text, e.provider, e.smtp_stage, e.mta) for e in examples], strict=True)
    ]
    with memory() as connection:
        connection.execute(
            f"""
            insert into response_templates (template_id, template, sample, provider, smtp_stage, mta, first_time)
            select row_number() over (), {template}, '', provider, coalesce(stage, reply_stage(text)), mta, '2026-01-01'
            from (select unnest($1) as text, unnest($2) as provider, unnest($3) as stage, unnest($4) as mta)
            """,  # noqa: S608 - one of two words from this file
            columns,
        )
        classify_templates(connection, rules)
        wanted = "select category, bounce_class, rule_id from response_templates order by template_id"
        return connection.execute(wanted).fetchall()


def _changed(rules: Rules, examples: list[Example]) -> list[tuple[str, object, object]]:
    plain, masked = _verdicts(rules, examples, masked=False), _verdicts(rules, examples, masked=True)
    return [(e.text, p, m) for e, p, m in zip(examples, plain, masked, strict=True) if p != m]


def test_masking_changes_no_verdict_on_the_rules_own_examples(rules: Rules) -> None:
    examples = [example for rule in rules.rules for example in (*rule.hits, *rule.misses)]
    assert _changed(rules, examples) == []


def test_masking_changes_no_class_on_the_extra_cases(rules: Rules, shared: Path) -> None:
    lines = (shared / "corpus" / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    examples = [Example(" ".join(json.loads(line)["text"].split())[:1000]) for line in lines]
    # An address or a host in the text may hold the words of a rule: then the template is the one that is right.
    changed = [(text, plain, masked) for text, plain, masked in _changed(rules, examples)]
    assert len(changed) <= len(examples) // 50, changed


@given(local=LOCAL, host=HOST, ip=IP, queue_id=QUEUE_ID, seconds=SECONDS)
def test_what_varies_is_masked(  # noqa: PLR0913, PLR0917 - hypothesis fills each
    database: DuckDBPyConnection, local: str, host: str, ip: str, queue_id: str, seconds: int
) -> None:
    text = f"451 4.7.1 <{local}@{host}>: host {host} [{ip}] deferred for {seconds} seconds (in {queue_id}) (TSS04)"
    expected = "451 4.7.1 {address}: host {host} [{ip}] deferred for {number} seconds (in {id}) (TSS04)"
    assert _mask(database, text) == expected


@given(st.text(max_size=300))
def test_masking_any_text_twice_is_masking_it_once(database: DuckDBPyConnection, text: str) -> None:
    once = _mask(database, text)
    assert _mask(database, once) == once
