from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from logbounce.classify import classify_texts
from logbounce.classify.examples import failures
from logbounce.rules import load_rules
from logbounce.rules.alerts import MEASURES, SCOPES
from logbounce.rules.read import CONDITIONS

if TYPE_CHECKING:
    from pathlib import Path

BLOCK = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(r"^ {4}(\d{3} .*?)\s+-> (\S+) \((\w+)\), rule (\S+)$", re.MULTILINE)


@pytest.fixture(scope="module")
def page(root: Path) -> str:
    return (root / "docs" / "rules.md").read_text(encoding="utf-8")


def test_every_yaml_block_is_a_users_file_whose_examples_hold(page: str, tmp_path: Path) -> None:
    blocks = BLOCK.findall(page)
    assert len(blocks) == 5
    for block in blocks:
        (tmp_path / "mine.yaml").write_text(block, encoding="utf-8")
        assert failures(load_rules(tmp_path / "mine.yaml")) == []


def test_the_alerts_are_those_that_are_shipped(page: str) -> None:
    scopes = {"source IP at a provider": "source_ip_provider", "source IP": "source_ip"}
    shown = [
        (name, measure, scopes.get(scope, scope.replace(" ", "_")), f"{threshold} %")
        for name, measure, scope, threshold in re.findall(
            r"^\| `([\w-]+)` \| (\w+) \| ([\w ]+) \| (\d+) % \|$", page, re.MULTILINE
        )
    ]
    alerts = load_rules().alerts.values()
    assert shown == [(each.id, each.measure, each.scope, f"{100 * each.threshold:.0f} %") for each in alerts]
    assert [word for word in (*MEASURES, *SCOPES) if f"`{word}`" not in page.partition("## Alerts")[2]] == []


def test_the_replies_shown_are_classified_as_shown(page: str) -> None:
    shown = SHOWN.findall(page)
    verdicts = classify_texts([text for text, *_ in shown], load_rules())
    assert len(shown) == 2
    assert [(v["category"], v["bounce_class"], v["rule_id"]) for v in verdicts] == [tuple(rest) for _, *rest in shown]


def test_every_condition_is_documented(page: str) -> None:
    assert [name for name in CONDITIONS if f"| `{name}` |" not in page] == []


def test_every_preset_is_documented(page: str) -> None:
    assert [name for name in load_rules().policy.presets if f"| `{name}` |" not in page] == []
