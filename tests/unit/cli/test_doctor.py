"""`logbounce doctor`: each thing that can be wrong, and the command that mends it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from logbounce.database import connect
from logbounce.doctor import data
from tests.unit.cli.command import logbounce

if TYPE_CHECKING:
    from pathlib import Path

LINE = (
    "Nov 20 10:00:00 mx1 postfix/smtp[1]: A1B2C3: to=<a@example.org>, relay=mx.example.org[192.0.2.1]:25,"
    " delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    connect(tmp_path / "logbounce.duckdb").close()
    (tmp_path / "mail.log").write_text(LINE)
    return tmp_path


def findings(home: Path, *arguments: str, ordinary: bool = False, **variables: str) -> list[dict[str, Any]]:
    done = logbounce("doctor", "--json", *arguments, cwd=home, ordinary=ordinary, variables=variables)
    assert done.stderr == ""
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == bool(found)
    assert all(finding["what"] and finding["why"] and finding["mend"] for finding in found)
    return list(found)


def only(found: list[dict[str, Any]], what: str, mend: str) -> None:
    assert len(found) == 1, found
    assert what in found[0]["what"]
    assert found[0]["mend"] == mend


def configure(home: Path, text: str) -> None:
    (home / "logbounce.yaml").write_text(text)
    (home / "logbounce.yaml").chmod(0o600)


def test_a_healthy_installation(home: Path) -> None:
    configure(home, "sources: [{name: mx1, format: postfix, path: mail.log*}]")
    done = logbounce("doctor", "mail.log", cwd=home)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "ok     settings logbounce.yaml",
        "ok     rules",
        "ok     database logbounce.duckdb",
        f"ok     source mx1: {home}/mail.log*",
        "ok     file mail.log",
    ]


def test_what_is_wrong_is_shown_with_why_and_how(home: Path) -> None:
    shown = logbounce("doctor", "none.log", cwd=home).stdout.splitlines()
    assert shown[-3] == "WRONG  none.log: cannot be read: No such file or directory"
    assert shown[-2] == "       why:  its lines are not counted"
    assert shown[-1].startswith("       mend: ")


@pytest.mark.parametrize("name", ["none.log", "."])
def test_what_is_no_file_has_no_format(home: Path, name: str) -> None:
    (found,) = findings(home, name)
    assert found["mend"] == "name a mail server's log: `logbounce init` finds them"


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.log", b"", "is empty"),
        ("binary.log", b"\x7fELF\0\0\0\0", "is a binary file"),
        ("poem.log", b"It was a dark and stormy night\n", "'It was a dark and stormy night'"),
        ("cut.gz", b"\x1f\x8b\x08\0\0\0\0\0", "cut short"),
    ],
)
def test_a_file_that_is_no_log(home: Path, name: str, content: bytes, says: str) -> None:
    (home / name).write_bytes(content)
    found = findings(home, name)
    assert len(found) == 1
    assert says in found[0]["what"]


def test_a_folder_is_no_log(home: Path) -> None:
    (home / "logs").mkdir()
    assert "logs: is a directory" in findings(home, "logs")[0]["what"]


def test_a_log_that_is_not_ours_to_read(home: Path) -> None:
    (home / "mail.log").chmod(0o040)
    found = findings(home, "mail.log", ordinary=True)
    assert "no permission to read it" in found[0]["what"]
    assert found[0]["mend"].startswith("sudo usermod -aG ")


def test_a_log_that_not_even_its_group_may_read(home: Path) -> None:
    (home / "mail.log").chmod(0)
    assert findings(home, "mail.log", ordinary=True)[0]["mend"].startswith("sudo setfacl -m u:")


def test_a_source_whose_folder_is_closed(home: Path) -> None:
    (home / "closed").mkdir(0)
    configure(home, "sources: [{name: mx1, format: postfix, path: closed/mail.log}]")
    found = findings(home, ordinary=True)
    assert "closed: no permission to look into it" in found[0]["what"]
    assert found[0]["mend"].endswith(f":rx {home}/closed")


def test_a_source_that_is_not_there(home: Path) -> None:
    configure(home, "sources: [{name: mx1, format: postfix, path: /none/mail.log}]")
    only(findings(home), "/none/mail.log: there is no such file", "ls -l /none, then correct the path in the settings")


@pytest.mark.parametrize(
    ("answer", "what", "mend"),
    [
        ("exit 1", "the journal: cannot be read", "sudo usermod -aG systemd-journal "),
        ("exit 0", "the journal: has no entry of postfix, nor of any mail program", "`journalctl --field="),
    ],
)
def test_a_journal_that_tells_nothing(home: Path, answer: str, what: str, mend: str) -> None:
    configure(home, "sources: [{name: mx1, format: postfix, journal: postfix}]")
    journalctl(home, answer)
    (finding,) = findings(home, PATH=f"{home}:/usr/bin:/bin")
    assert finding["what"] == what
    assert finding["mend"].startswith(mend)


def test_a_journal_that_can_be_read(home: Path) -> None:
    configure(home, "sources: [{name: mx1, format: postfix, journal: postfix}]")
    journalctl(home, """echo '{"__CURSOR": "s=1;i=1"}'""")
    done = logbounce("doctor", cwd=home, variables={"PATH": f"{home}:/usr/bin:/bin"})
    assert done.returncode == 0
    assert "ok     source mx1: journal postfix" in done.stdout.splitlines()


def test_a_journal_without_its_program(home: Path) -> None:
    configure(home, "sources: [{name: mx1, format: postfix, journal: postfix}]")
    (finding,) = findings(home, PATH=str(home))
    assert finding["what"] == "journalctl: is not on this machine, and the settings name a journal"


def journalctl(home: Path, answer: str) -> None:
    """Put a program in its place that answers so."""
    (home / "journalctl").write_text(f"#!/bin/sh\n{answer}\n")
    (home / "journalctl").chmod(0o755)


def test_a_source_of_another_format(home: Path) -> None:
    configure(home, "sources: [{name: mx1, format: exim, path: mail.log}]")
    only(findings(home), "mail.log: holds postfix lines, and the settings say exim", "say `format: postfix`")


def test_a_log_with_lines_that_are_not_understood(home: Path) -> None:
    (home / "odd.log").write_text(LINE + LINE.replace("status=sent", "status=odd"))
    (finding,) = findings(home, "odd.log")
    assert finding["what"].startswith(
        f"odd.log: 1 lines were not understood, the first at byte {len(LINE)}: 'Nov 20 10:00:00"
    )


def test_a_log_that_tells_of_no_attempt(home: Path) -> None:
    (home / "in.log").write_text("Nov 20 10:00:00 mx1 postfix/smtpd[1]: connect from a.example.org[192.0.2.1]\n")
    only(findings(home, "in.log"), "in.log: tells of no delivery attempt", "name the log of outgoing mail")


def test_a_powermta_log_without_its_columns(home: Path) -> None:
    (home / "acct.csv").write_text("d,2026-11-20 10:00:00+0000,2026-11-20 10:00:00+0000,a@example.org,b@example.org\n")
    assert "columns" in findings(home, "acct.csv")[0]["what"]


def test_settings_that_cannot_be_read_do_not_hide_the_rest(home: Path) -> None:
    configure(home, "databse: x\n")
    found = findings(home, "none.log")
    assert len(found) == 2
    assert found[0]["what"].startswith("logbounce.yaml:1: unknown key 'databse'")


def test_settings_that_others_can_write(home: Path) -> None:
    configure(home, "timezone: UTC\n")
    (home / "logbounce.yaml").chmod(0o664)
    only(findings(home), "others can write to it", "chmod go-w logbounce.yaml")


MAILBOX = "name: bounces, protocol: imap, user: u"
TRY = "mend it, then run `logbounce fetch --test bounces`"
MAILBOXES = [
    (f"{MAILBOX}, host: h, password_file: none", "cannot be read: No such file or directory", TRY),
    (f"{MAILBOX}, host: h, password_file: open", "/open: others can read it: `chmod 600", TRY),
    (f"{MAILBOX}, host: h, password_env: NOT_SET", "the variable NOT_SET: has nothing", TRY),
    (f"{MAILBOX}, host: h, password: x, ca_file: none", "/none: cannot be read: No such file or directory", TRY),
    (f"{MAILBOX}, host: h, password: x, ca_file: open", "/open: holds no certificate in PEM", TRY),
    (
        f"{MAILBOX}, host: h, password: x, tls: none",
        "(imap h:143): tls: none",
        "say `tls: implicit` or `tls: starttls`",
    ),
    ("name: bounces, protocol: maildir, path: open", "/open is no Maildir: it has no folder 'new'", TRY),
    ("name: bounces, protocol: mbox, path: none", "/none): cannot be read: No such file or directory", TRY),
]


@pytest.mark.parametrize(("account", "what", "mend"), MAILBOXES)
def test_a_mailbox_that_cannot_be_read(home: Path, account: str, what: str, mend: str) -> None:
    (home / "open").write_text("secret\n")
    (home / "open").chmod(0o644)
    configure(home, f"mailboxes: [{{{account}}}]\n")
    only(findings(home), what, mend)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_mailboxes_that_are_well(home: Path, host: str) -> None:
    """On this machine nobody is on the way."""
    configure(home, f"mailboxes: [{{{MAILBOX}, host: '{host}', password: x, tls: none}}]\n")
    assert findings(home) == []


def test_a_variable_that_nothing_reads(home: Path) -> None:
    only(findings(home, LOGBOUNCE_DB="x"), "LOGBOUNCE_DB is set, and nothing reads it", "unset LOGBOUNCE_DB")


def test_every_variable_that_is_read_is_known(home: Path) -> None:
    found = findings(home, LOGBOUNCE_TIMEZONE="UTC", LOGBOUNCE_DEBUG="1", LOGBOUNCE_LOCK_WARNING_SECONDS="5")
    assert found == []


def test_rules_that_cannot_be_read(home: Path) -> None:
    (home / "my.yaml").write_text("rulez: []\n")
    configure(home, "rules: my.yaml\n")
    found = findings(home)
    assert len(found) == 1
    assert found[0]["what"].startswith(f"{home}/my.yaml:1")


def test_no_database_yet(home: Path) -> None:
    only(findings(home, "--db", "new.duckdb"), "there is no database", "logbounce ingest /var/log/mail.log*")


def test_a_database_that_is_none(home: Path) -> None:
    (home / "x.duckdb").write_text("text\n" * 4000)
    only(
        findings(home, "--db", "x.duckdb"),
        "is not a DuckDB database",
        "logbounce rebuild --db x.duckdb",
    )


def test_a_database_that_others_can_read(home: Path) -> None:
    (home / "logbounce.duckdb").chmod(0o640)
    only(findings(home), "logbounce.duckdb: others can read it", "chmod 600 logbounce.duckdb")


def test_a_database_that_is_not_ours(home: Path) -> None:
    (home / "logbounce.duckdb").chmod(0)
    found = findings(home, ordinary=True)
    assert "no permission to open the database" in found[0]["what"]
    assert found[0]["mend"].startswith("sudo chown ")


def test_a_database_folder_that_cannot_be_written(home: Path) -> None:
    home.chmod(0o500)
    found = findings(home, ordinary=True)
    home.chmod(0o700)
    assert "no permission to write to the database's folder" in found[0]["what"]
    assert found[0]["mend"].startswith("name a database in a folder of your own with --db PATH")


def test_a_lock_file_of_another_user(home: Path) -> None:
    lock = home / "logbounce.duckdb.lock"
    lock.touch(mode=0)
    what = f"{lock}: user {os.geteuid()} owns the lock file, and you have no permission to write to it"
    only(findings(home, ordinary=True), what, f"sudo chown {os.geteuid()} {lock}")


def test_a_held_database(home: Path) -> None:
    with connect(home / "logbounce.duckdb"):
        only(findings(home), "held by PID", "wait for that process, or end it")


def test_little_space(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "_LITTLE_SPACE", 2**63)
    assert [finding.mend for finding in data.examine(home / "logbounce.duckdb")] == [f"df -h {home}"]
