"""docs/settings.md knows every key of logbounce.yaml, and its example is one."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from logbounce.settings import Mailbox, Settings, Source, load
from tests.docs.shown import ROOT, blocks

if TYPE_CHECKING:
    from pathlib import Path

PAGE = ROOT / "docs/settings.md"
NOT_SET = {"file"}  # where the settings came from


def keys(model: type) -> list[str]:
    return sorted({field.name for field in dataclasses.fields(model)} - NOT_SET)


@pytest.mark.parametrize("key", keys(Settings) + keys(Source) + keys(Mailbox))
def test_the_key_is_documented(key: str) -> None:
    page = PAGE.read_text()
    assert f"\n| `{key}` |" in page or f"\n## {key}\n" in page


def test_the_accounts_of_the_page_on_mailboxes_can_be_read(tmp_path: Path) -> None:
    for number, block in enumerate(blocks(ROOT / "docs/mailboxes.md", "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(block.text)
        assert load(file, environ={}).mailboxes


def test_the_example_can_be_read_and_shows_each_key(tmp_path: Path) -> None:
    block, verp = blocks(PAGE, "yaml")
    (tmp_path / "secret").write_bytes(b"x" * 16)
    (tmp_path / "secret").chmod(0o600)
    file = tmp_path / "logbounce.yaml"
    file.write_text(block.text + verp.text.replace("/etc/logbounce/verp-2026", "secret"))
    found = load(file, environ={"VERP_SECRET_OF_2025": "y" * 16})
    assert found.verp
    assert [key.name for key in found.verp.keys] == ["b", "a"]
    assert str(found.database) == "/var/lib/logbounce/logbounce.duckdb"
    assert found.rules == tmp_path / "my-rules.yaml"
    assert found.timezone == "Europe/Berlin"
    assert dict(found.source_ips) == {"postfix-ip1": "198.51.100.10", "remote_smtp_2": "198.51.100.11"}
    assert any(source.host for source in found.sources)
    assert {account.protocol.value for account in found.mailboxes} == {"imap", "maildir"}
    assert any(source.columns for source in found.sources)
