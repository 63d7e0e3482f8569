"""A small rules file to build on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from logbounce.rules import Rules, load_rules

if TYPE_CHECKING:
    from pathlib import Path

BASE = """\
categories:
  bad-mailbox: {class: hard, act: H, scope: address, says: nobody there}
  policy-block: {class: block, act: B, scope: sender, says: not from you}
  undetermined: {class: soft, act: S0, scope: unknown, says: unknown}
policy:
  preset: standard
  presets:
    standard: {hard_limit: 1, soft_limit: 3, window_hours: 72, repeat_hours: 24, reset: consecutive}
providers:
  google: {mx: [google.com], domains: [gmail.com], says: ["- gsmtp"]}
rules:
  - id: user-unknown
    category: bad-mailbox
    text: user unknown
    why: RFC 3463 x.1.1
    hit: 550 5.1.1 User unknown
    miss: 550 5.7.1 no
"""


def rule(**fields: str) -> str:
    """Return a rules file of one rule; a field of None is left out."""
    base = {
        "id": "mine",
        "category": "bad-mailbox",
        "text": "nobody",
        "why": "ours",
        "hit": "550 nobody",
        "miss": "550 x",
    }
    lines = [f"{key}: {value}" for key, value in (base | fields).items() if value]
    return "rules:\n  - " + "\n    ".join(lines) + "\n"


def load(folder: Path, user: str, base: str = BASE) -> Rules:
    """Load a user's file on top of the base."""
    (folder / "base.yaml").write_text(base, encoding="utf-8")
    (folder / "mine.yaml").write_text(user, encoding="utf-8")
    return load_rules(folder / "mine.yaml", folder / "base.yaml")
