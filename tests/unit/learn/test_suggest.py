from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.rules import load_rules
from tests.unit.cli.command import logbounce
from tests.unit.cli.rows import insert
from tests.unit.learn.mail import Mail

if TYPE_CHECKING:
    from pathlib import Path

FIRST, LATER = "2026-11-20 10:00:00", "2026-11-20 12:00:00"
LANTERN = "444 4.9.0 lantern refuses <{}>: the purple wizard is asleep until {} seconds"
LANTERN_TOO = "444 4.9.0 [192.0.2.{}] lantern says the purple wizard is asleep"
GONE = "554 {} sleeps in the enchanted forest"


def _mail(folder: Path) -> Mail:
    return Mail(connect(folder / "logbounce.duckdb"))


def _done(mail: Mail) -> None:
    mail.judge(load_rules())
    mail.connection.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    mail = _mail(folder)
    for number in range(4):
        mail.attempt(
            f"u{number}@example.org", LANTERN.format(f"u{number}@example.org", 100000 + number), event_time=FIRST
        )
        mail.attempt(f"u{number}@example.org", None, event_time=LATER)
    mail.attempt("u9@example.org", LANTERN_TOO.format(9), event_time=FIRST, provider="acme")
    for number in range(3):
        mail.attempt(f"w{number}@example.org", GONE.format(f"<w{number}@example.org>"), event_time=FIRST)
        mail.attempt(f"w{number}@example.org", "550 5.1.1 user unknown", event_time=LATER)
    insert(mail.connection, "suppression_ledger", action="suppress", address="w1@example.org", decided_at=LATER)
    mail.attempt("x@example.org", "554 5.9.9", event_time=FIRST)
    mail.attempt("y@example.org", "554 something ancient and wonderful", event_time="2025-01-01 10:00:00")
    _done(mail)
    return folder


def _json(home: Path, *flags: str) -> list[dict[str, Any]]:
    done = logbounce("rules", "suggest", "--since", "2026-01-01", "--json", *flags, cwd=home)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_like_templates_are_one_cluster_the_busiest_first(home: Path) -> None:
    first, second = _json(home)
    assert (first["templates"], first["after"]["attempts"], first["after"]["addresses"]) == (2, 5, 5)
    assert first["providers"] == ["acme"]
    assert "the purple wizard is asleep".startswith(first["phrase"]) or "purple wizard" in first["phrase"]
    assert (second["templates"], second["after"]["attempts"]) == (1, 3)


def test_what_became_of_the_addresses_and_what_is_guessed(home: Path) -> None:
    first, second = _json(home)
    assert (first["after"]["delivered"], first["category"]) == (4, "greylisted")
    assert first["because"] == "4xx, and 4 of 5 addresses took mail later"
    assert second["after"]["known"] == {"bad-mailbox": 3}
    assert (second["after"]["suppressed"], second["category"]) == (1, "bad-mailbox")


def test_no_address_of_anybody_is_in_it(home: Path) -> None:
    printed = logbounce("rules", "suggest", "--since", "2026-01-01", cwd=home).stdout
    assert "bob@example.org" in printed
    assert [name for name in ("u0@", "u9@", "w0@", "192.0.2.9") if name in printed.replace("[192.0.2.9 1", "")] == []


def test_the_output_is_a_rules_file_whose_examples_hold(home: Path, tmp_path: Path) -> None:
    printed = logbounce("rules", "suggest", "--since", "2026-01-01", cwd=home).stdout
    (tmp_path / "my.yaml").write_text(printed)
    assert printed.count("  - id: suggested-") == 2
    assert "# 5 attempts, 5 addresses, 2 templates, at acme" in printed
    assert "# Templates with too few words for a rule: 1." in printed
    for command in (("rules", "test"), ("rules", "lint")):
        done = logbounce(*command, "--rules", "my.yaml", cwd=tmp_path)
        assert done.returncode == 0, done.stdout + done.stderr
    said = LANTERN.format("somebody@example.com", 200001) + "\n"
    verdict = json.loads(logbounce("classify", "--json", "--rules", "my.yaml", cwd=tmp_path, text=said).stdout)
    assert verdict["category"] == "greylisted"


def test_a_limit_and_a_period(home: Path) -> None:
    assert len(_json(home, "--limit", "1")) == 1
    everything = json.loads(logbounce("rules", "suggest", "--since", "2020-01-01", "--json", cwd=home).stdout)
    assert len(everything) == 3
    assert json.loads(logbounce("rules", "suggest", "--since", "2026-11-21", "--json", cwd=home).stdout) == []


def test_nothing_unknown_is_a_file_too(tmp_path: Path) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    done = logbounce("rules", "suggest", cwd=tmp_path)
    assert done.stdout.splitlines()[-1] == "rules: []"
    (tmp_path / "my.yaml").write_text(done.stdout)
    assert logbounce("rules", "test", "--rules", "my.yaml", cwd=tmp_path).returncode == 0


HOSTILE = [
    '554 "quoted wizardry" and \\backslash\\ wonderland: nonsense',
    "554 \x1b[31mcrimson\x1b[0m wizardry\u202e everywhere nonsense",
    "554 /wizardry slashes/ /everything/ nonsense {address} {nosuch}",
    "554 'tick' # comment: [list] {map: yes} & *anchor wizardry",
    "554 \U0001f600 emoji wizardry \u2028 nonsense",
    "554 \x00 nothing wizardry",
    "554 ÜBER zauberei straße nirgendwo",
    "554 " + "wizardry " * 200,
    "554 " + "w" * 900,
]


def test_whatever_strangers_say_the_file_holds_and_acts_on_nobody(tmp_path: Path) -> None:
    mail = _mail(tmp_path)
    for number, said in enumerate(HOSTILE):
        mail.attempt(f"u{number}@example.org", said, event_time=FIRST)
    _done(mail)
    done = logbounce("rules", "suggest", "--since", "2026-01-01", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(line.isprintable() for line in done.stdout.split("\n"))
    assert done.stdout.count("  - id: ") >= 5
    (tmp_path / "my.yaml").write_text(done.stdout)
    tested = logbounce("rules", "test", "--rules", "my.yaml", cwd=tmp_path)
    assert tested.returncode == 0, tested.stdout + tested.stderr


def test_a_phrase_that_a_rules_hit_has_is_not_taken_where_another_will_do(tmp_path: Path) -> None:
    mail = _mail(tmp_path)
    mail.attempt("a@example.org", "444 wizardly mailbox unavailable", event_time=FIRST)
    mail.attempt("b@example.org", "444 lantern goblin over wizardly hills", event_time=FIRST)
    _done(mail)
    for suggestion in _json(tmp_path):
        assert suggestion["also_matches"] == 0
