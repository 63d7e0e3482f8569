"""The shipped rules file and the user's into one object."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from logbounce import shipped as data
from logbounce.errors import SettingsError
from logbounce.rules import nodes
from logbounce.rules.check import check
from logbounce.rules.model import Policy, Rules
from logbounce.rules.read import Draft, read

if TYPE_CHECKING:
    from pathlib import Path


def load_rules(user: Path | None = None, shipped: Path | None = None) -> Rules:
    """Read the shipped rules, and the user's own before them."""
    files = [shipped or data.rules_file(), *([user] if user else [])]
    draft, digest = Draft(), hashlib.sha256()
    for file in files:
        text = _text(file)
        digest.update(hashlib.sha256(text.encode()).digest())
        read(nodes.parse(file, text, foreign=file is user), draft)
    rules = _finish(draft, digest.hexdigest(), files[-1])
    if user:  # the shipped file is checked by the tests; asking DuckDB costs each command some milliseconds
        check(rules, str(user))
    return rules


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{file}:{line}: is not UTF-8 text: a rules file in YAML was expected") from error
    except OSError as error:
        raise SettingsError(f"{file}: cannot be read: {error.strerror}: a rules file was expected") from error


def _finish(draft: Draft, digest: str, last: Path) -> Rules:
    if draft.preset is None:
        raise SettingsError(f"{last}:1: `policy:` is missing, with `preset:` and `presets:`")
    policy = Policy(draft.preset, draft.streams, draft.presets)
    return Rules(draft.categories, draft.providers, policy, draft.rules, draft.alerts, digest)
