"""`logbounce verp`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.unit.cli.command import fails, logbounce

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("a secret of sixteen bytes or more\n")
    (tmp_path / "secret").chmod(0o600)
    (tmp_path / "logbounce.yaml").write_text(
        "verp: {domain: bounces.example.org, keys: [{name: a, secret_file: secret}]}\n"
    )
    return tmp_path


def test_what_is_signed_is_ours(home: Path) -> None:
    address = logbounce("verp", "sign", "Ann@example.com", cwd=home).stdout.strip()
    assert address.startswith("b+a")
    assert address.endswith("-ann=example.com@bounces.example.org")
    done = logbounce("verp", "check", address, "--json", cwd=home)
    assert done.returncode == 0
    (row,) = json.loads(done.stdout)
    assert (row["verdict"], row["recipient"]) == ("good", "ann@example.com")


def test_what_is_not_signed_is_not(home: Path) -> None:
    done = logbounce("verp", "check", "b+ann=example.com@bounces.example.org", cwd=home)
    assert done.returncode == 1
    assert "not one of ours" in done.stdout


def test_what_is_signed_in_every_shape(home: Path) -> None:
    given = ("Ann@example.com", "bob@example.com")
    text = logbounce("verp", "sign", *given, cwd=home).stdout.splitlines()
    pairs = list(zip(given, text, strict=True))
    shown = json.loads(logbounce("verp", "sign", *given, "--json", cwd=home).stdout)
    assert [(row["recipient"], row["address"]) for row in shown] == pairs
    table = logbounce("verp", "sign", *given, "--csv", cwd=home).stdout.splitlines()
    assert table == ["recipient,address", *(",".join(pair) for pair in pairs)]
    checked = logbounce("verp", "check", text[0], "--csv", cwd=home).stdout.splitlines()
    assert checked[0] == "address,verdict,recipient,expires"
    assert checked[1].startswith(f"{text[0]},good,ann@example.com,2")


def test_all_are_signed_or_none(home: Path) -> None:
    done = logbounce("verp", "sign", "ann@example.com", "bob", cwd=home)
    assert (done.returncode, done.stdout) == (2, "")


def test_too_long(home: Path) -> None:
    assert logbounce("verp", "sign", f"{'a' * 60}@example.com", cwd=home).returncode == 2


@pytest.mark.parametrize("given", ["", "ann", "@example.com", "ann@"])
def test_what_is_no_address_is_not_signed(home: Path, given: str) -> None:
    done = logbounce("verp", "sign", given, cwd=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert "is no address" in done.stderr


def test_without_a_section(tmp_path: Path) -> None:
    said = fails(logbounce("verp", "sign", "a@example.com", cwd=tmp_path), 4)
    assert said == "there is no logbounce.yaml, and so no section `verp:`, which names domain and keys"
    (tmp_path / "logbounce.yaml").write_text("timezone: UTC\n")
    said = fails(logbounce("verp", "sign", "a@example.com", cwd=tmp_path), 4)
    assert said == "logbounce.yaml: has no section `verp:`, which names domain and keys"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("verp: {domain: x.org}", "verp: 'keys' is missing"),
        ("verp: {domain: x.org, keys: []}", "verp.keys: expected at least one key"),
        ("verp: {domain: x.org, days: soon, keys: []}", "verp.days: expected a number of days from 1 to 3,650, not"),
        ("verp: {domain: x.org, days: 0, keys: []}", "verp.days: expected a number of days from 1 to 3,650, not '0'"),
        ("verp: {domain: x.org, days: 3651, keys: []}", "not '3651'"),
        ("verp: {domain: x.org, keys: [{name: a}]}", "verp.keys[0]: expected 'name' and either"),
        ("verp: {domain: x.org, keys: [{name: a, secret_env: NOPE}]}", "the environment has no NOPE"),
        ("verp: {domain: x.org, keys: [{name: a, secret_file: none}]}", "cannot be read: No such file"),
        ("verp: {domain: x.org, key: 1}", "unknown key 'key' in verp (did you mean 'keys'?)"),
    ],
)
def test_sections_that_are_wrong(home: Path, text: str, says: str) -> None:
    (home / "logbounce.yaml").write_text(text)
    assert says in fails(logbounce("verp", "sign", "a@example.com", cwd=home), 4)


def test_a_secret_that_others_can_read(home: Path) -> None:
    (home / "secret").chmod(0o640)
    assert "others can read" in fails(logbounce("verp", "sign", "a@example.com", cwd=home), 4)


def test_a_command_that_needs_no_secret_does_without(home: Path) -> None:
    (home / "logbounce.yaml").write_text("verp: {domain: x.org, keys: [{name: a, secret_env: NOPE}]}")
    assert logbounce("rules", "list", cwd=home).returncode == 0
