"""Templates: what varies is masked, what decides is not."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logbounce.classify import classify_templates
from logbounce.database import memory
from logbounce.rules import Example, Rules, load_rules
from tests.bench import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from duckdb import DuckDBPyConnection

LOCAL = st.text("abcdefghijklmnopqrstuvwxyz0123456789.+-_=", min_size=1, max_size=20)
# The names of blocklists and of the large providers are kept.
KEPT = re.compile(r"bl|spam|list|zen|uceprotect|barracuda|sorbs|surriel|abuse|abusix|mailspike|senderscore")
LABEL = st.from_regex(r"[a-z]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True).filter(lambda label: not KEPT.search(label))
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


def _examples(rules: Rules) -> list[Example]:
    return [example for rule in rules.rules for example in (*rule.hits, *rule.misses)]


def _extra(shared: Path) -> list[Example]:
    lines = (shared / "corpus" / "replies.jsonl").read_text(encoding="utf-8").splitlines()
    return [Example(" ".join(json.loads(line)["text"].split())[:1000]) for line in lines]


def test_masking_changes_no_verdict_on_the_rules_own_examples(rules: Rules) -> None:
    assert _changed(rules, _examples(rules)) == []


def test_masking_changes_no_verdict_on_the_extra_cases(rules: Rules, shared: Path) -> None:
    assert _changed(rules, _extra(shared)) == []


def _masked_again(database: DuckDBPyConnection, examples: list[Example]) -> list[tuple[str, str, str]]:
    """Return the texts whose template is not its own template, or says other codes or another stage than the text."""
    return database.execute(
        """
        select text, template, again
        from (select text, mask_reply(text) as template, mask_reply(template) as again from (select unnest($1) as text))
        where template <> again
            or reply_code(text) is distinct from reply_code(template)
            or reply_status(text) is distinct from reply_status(template)
            or reply_stage(text) is distinct from reply_stage(template)
        """,
        [[example.text for example in examples]],
    ).fetchall()


def test_a_template_is_its_own_template_and_keeps_the_codes(rules: Rules, database: DuckDBPyConnection) -> None:
    assert _masked_again(database, _examples(rules)) == []


def test_the_template_of_an_extra_case_likewise(database: DuckDBPyConnection, shared: Path) -> None:
    assert _masked_again(database, _extra(shared)) == []


def test_distinct_replies_of_some_hundreds_of_kinds_are_some_hundreds_of_templates(
    database: DuckDBPyConnection,
) -> None:
    replies = list(distinct.texts(10_000))
    row = database.execute("select count(distinct mask_reply(text)) from (select unnest($1) as text)", [replies])
    assert len(set(replies)) == len(replies)
    # Each kind comes as Postfix and as Exim log it and bare.
    assert row.fetchall()[0][0] < 3 * len(distinct.known())


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
