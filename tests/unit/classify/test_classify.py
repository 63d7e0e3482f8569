from __future__ import annotations

from typing import Any

import pytest

from logbounce.classify import classify_replies, classify_templates, classify_texts
from logbounce.database import memory
from logbounce.rules import Example, Rules, load_rules


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules()


def _verdict(rules: Rules, text: str) -> dict[str, Any]:
    [verdict] = classify_texts([text], rules)
    return verdict


@pytest.mark.parametrize(
    "text", ["450 4.1.1 User unknown", "450 User unknown", "550 4.1.1 User unknown", "450 5.1.1 no"]
)
def test_try_again_is_never_hard(rules: Rules, text: str) -> None:
    verdict = _verdict(rules, text)
    assert (verdict["category"], verdict["bounce_class"], verdict["act"]) == ("bad-mailbox", "soft", "S3")


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("550 5.1.1 mailbox is over quota", "mailbox-full"),
        ("550 5.1.1 rate limit exceeded", "rate-limited"),
        ("554 5.1.1 Local configuration error", "remote-system"),
        ("550 5.7.1 <bob@example.org>: user unknown", "bad-mailbox"),
        ("550 5.1.1 Client host blocked using zen.spamhaus.org", "reputation-block"),
    ],
)
def test_text_beats_code(rules: Rules, text: str, category: str) -> None:
    assert _verdict(rules, text)["category"] == category


@pytest.mark.parametrize(
    "text",
    [
        "host user-unknown.example.org[192.0.2.1] said: 451 4.3.0 Temporary lookup failure",
        "host mx.user-unknown.example [192.0.2.1]: 451 4.3.0 Temporary lookup failure",
        "451 4.3.0 <user.unknown@no-such-user.example>: Temporary lookup failure",
    ],
)
def test_the_name_of_a_host_or_an_address_is_not_what_the_server_said(rules: Rules, text: str) -> None:
    assert _verdict(rules, text)["category"] == "remote-system"


def test_one_verdict_for_each_text_in_order(rules: Rules) -> None:
    texts = ["550 5.1.1 User unknown", "", "552 5.2.2 Mailbox full", "550 5.1.1 User unknown", "\x00\x1b["]
    verdicts = classify_texts(texts, rules)
    assert [verdict["text"] for verdict in verdicts] == texts
    assert [verdict["category"] for verdict in verdicts] == [
        *("bad-mailbox", "undetermined", "mailbox-full", "bad-mailbox", "undetermined"),
    ]


def test_no_text_no_verdict(rules: Rules) -> None:
    assert classify_texts([], rules) == []


def test_the_provider_is_read_from_its_own_words(rules: Rules) -> None:
    assert _verdict(rules, "550 5.1.1 no abc - gsmtp")["provider"] == "google"
    assert _verdict(rules, "550 5.1.1 no")["provider"] is None


def test_the_stage_decides_where_nothing_else_is_said(rules: Rules) -> None:
    said = [Example("550 Rejected", smtp_stage=stage) for stage in ("connect", "mail", "eom")]
    assert [verdict["bounce_class"] for verdict in classify_replies(said, rules)] == ["block", "block", "block"]


def test_templates_are_classified_once(rules: Rules) -> None:
    with memory() as connection:
        connection.execute("""
            insert into response_templates
                (template_id, smtp_code, enhanced_status, template, sample, first_time)
            values
                (18446744073709551615, 550, '5.1.1', 'User unknown', '', '2026-01-01'),
                (2, 450, '4.1.1', 'User unknown', '', '2026-01-01'),
                (3, null, null, 'Hm', '', '2026-01-01')
        """)
        assert classify_templates(connection, rules) == 3
        columns = "template_id, category, bounce_class, act, rule_id"
        rows = connection.execute(f"select {columns} from response_templates order by 1").fetchall()  # noqa: S608
        assert rows == [
            (2, "bad-mailbox", "soft", "S3", "user-unknown"),
            (3, "undetermined", "soft", "S0", None),
            (18446744073709551615, "bad-mailbox", "hard", "H", "user-unknown"),
        ]
        assert classify_templates(connection, rules) == 0


def test_the_columns_of_the_log_come_before_what_the_text_says(rules: Rules) -> None:
    with memory() as connection:
        connection.execute("""
            insert into response_templates (template_id, smtp_code, enhanced_status, template, sample, first_time)
            values (1, null, '5.4.4', 'sorry', '', '2026-01-01')
        """)
        classify_templates(connection, rules)
        assert connection.execute("select category from response_templates").fetchall() == [("bad-domain",)]


def test_a_quote_in_a_phrase_is_only_a_quote(rules: Rules) -> None:
    assert _verdict(rules, "550 the recipient doesn't exist'; drop table rules; --")["category"] == "bad-mailbox"


@pytest.mark.parametrize(
    ("host", "provider"),
    [
        ("host mx1.docomo.ne.jp[192.0.2.1] said:", "docomo"),
        ("host mx1.docomo.ne.jp [192.0.2.1]:", "docomo"),
        ("host notdocomo.ne.jp[192.0.2.1] said:", None),
        ("host a-com.olc.protection.outlook.com[192.0.2.1] said:", "microsoft"),
        ("host a-com.mail.protection.outlook.com[192.0.2.1] said:", "microsoft-365"),
    ],
)
def test_the_provider_is_known_by_its_relay_host(rules: Rules, host: str, provider: str | None) -> None:
    assert _verdict(rules, f"{host} 550 Rejected")["provider"] == provider
