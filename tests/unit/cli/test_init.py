"""`logbounce init`: settings from what a machine shows."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from logbounce import settings
from logbounce.cli.app import app
from logbounce.errors import SettingsError
from logbounce.init import Machine, look, write
from tests.unit.cli.command import fails, logbounce

MASTER = """\
smtp      unix  -       -       y       -       -       smtp
ip1       unix  -       -       y       -       -       smtp
  -o syslog_name=postfix-ip1
  -o smtp_bind_address=198.51.100.10
ip6 unix - - y - - smtp -o syslog_name=postfix-ip6 -o smtp_bind_address6=[2001:db8::6]
#old unix - - y - - smtp -o syslog_name=old -o smtp_bind_address=192.0.2.9
named unix - - y - - smtp -o syslog_name=named
"""
POWERMTA = """\
<acct-file /var/log/pmta/acct.csv>
    records d,b,t
</acct-file>
# <acct-file /var/log/pmta/old.csv>
<acct-file |/usr/bin/handler --all>
</acct-file>
"""


def place(root: Path, name: str, text: str = "") -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


def logs(root: Path) -> list[tuple[str, str]]:
    return [(log.format, log.path) for log in look(root).logs]


SYSLOG = "Nov 20 10:00:00 mx1 {}[1]: text\n"
FOUND = [
    ("var/log/mail.log", SYSLOG.format("postfix/smtp"), ("postfix", "/var/log/mail.log")),
    ("var/log/maillog", SYSLOG.format("exim"), ("exim", "/var/log/maillog")),
    ("var/log/exim4/mainlog", "", ("exim", "/var/log/exim4/mainlog")),
    ("var/log/exim/mainlog", "", ("exim", "/var/log/exim/mainlog")),
    ("var/log/exim/main.log", "", ("exim", "/var/log/exim/main.log")),
    ("var/log/exim_mainlog", "", ("exim", "/var/log/exim_mainlog")),
    ("etc/postfix/main.cf", "# x\nmaillog_file = /var/log/postfix.log\n", ("postfix", "/var/log/postfix.log")),
    ("etc/postfix-out/main.cf", "maillog_file=/var/log/out.log\n", ("postfix", "/var/log/out.log")),
    ("etc/pmta/config", POWERMTA, ("powermta", "/var/log/pmta/acct*.csv")),
    ("var/log/pmta/acct-2026-11-20.csv", "", ("powermta", "/var/log/pmta/*.csv")),
    ("var/log/kumomta/20261120-100000", "", ("kumomta", "/var/log/kumomta/*")),
]


@pytest.mark.parametrize(("name", "text", "expected"), FOUND)
def test_found(tmp_path: Path, name: str, text: str, expected: tuple[str, str]) -> None:
    place(tmp_path, name, text)
    assert logs(tmp_path) == [expected]


NOT_FOUND = [
    ("var/log/mail.log", SYSLOG.format("sendmail")),
    ("var/log/mail.log", ""),
    ("etc/postfix/main.cf", "maillog_file = /dev/stdout\n"),
    ("etc/postfix/main.cf", "# maillog_file = /var/log/postfix.log\n"),
    ("etc/pmta/config", "<acct-file | /usr/bin/handler>\n"),
    ("var/log/pmta/pmta.log", ""),
]


@pytest.mark.parametrize(("name", "text"), NOT_FOUND)
def test_not_found(tmp_path: Path, name: str, text: str) -> None:
    place(tmp_path, name, text)
    assert logs(tmp_path) == []


def test_an_empty_syslog_belongs_to_the_postfix_that_is_installed(tmp_path: Path) -> None:
    place(tmp_path, "var/log/mail.log")
    place(tmp_path, "etc/postfix/main.cf")
    assert logs(tmp_path) == [("postfix", "/var/log/mail.log")]


def test_the_end_of_a_long_syslog_decides(tmp_path: Path) -> None:
    place(tmp_path, "var/log/mail.log", SYSLOG.format("postfix/smtp") + SYSLOG.format("exim") * 5000)
    assert logs(tmp_path) == [("exim", "/var/log/mail.log")]


def test_the_addresses_of_postfix_instances(tmp_path: Path) -> None:
    place(tmp_path, "etc/postfix/master.cf", MASTER)
    assert look(tmp_path).source_ips == {"postfix-ip1": "198.51.100.10", "postfix-ip6": "2001:db8::6"}


def test_what_it_writes_can_be_read(tmp_path: Path) -> None:
    for name, text, _ in FOUND:
        place(tmp_path, name, text)
    place(tmp_path, "etc/postfix/master.cf", MASTER)
    machine = look(tmp_path)
    file = tmp_path / "logbounce.yaml"
    write(file, machine, timezone="Europe/Berlin", database=None, force=False)
    found = settings.load(file, environ={})
    assert [(source.format, source.path) for source in found.sources] == [
        (log.format, log.path) for log in machine.logs
    ]
    assert [source.name for source in found.sources][:3] == ["postfix", "postfix2", "postfix3"]
    assert found.source_ips == machine.source_ips
    assert (found.timezone, found.database) == ("Europe/Berlin", tmp_path / "logbounce.duckdb")
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["off", "1", "a: b", "x'y", 'say "hi"', "ü", "{a}", "#1"])
def test_any_name_can_be_written(tmp_path: Path, name: str) -> None:
    file = tmp_path / "logbounce.yaml"
    write(file, Machine((), {name: "192.0.2.1"}), timezone="UTC", database=Path(f"/{name}/x.duckdb"), force=False)
    found = settings.load(file, environ={})
    assert (dict(found.source_ips), found.database) == ({name: "192.0.2.1"}, Path(f"/{name}/x.duckdb"))


def test_an_old_file_stays_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "logbounce.yaml").write_text("timezone: UTC\n")
    assert "exists already: --force replaces it" in fails(logbounce("init", cwd=tmp_path), 4)
    assert (tmp_path / "logbounce.yaml").read_text() == "timezone: UTC\n"
    assert logbounce("init", "--force", cwd=tmp_path).returncode == 0
    assert "sources:" in (tmp_path / "logbounce.yaml").read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["logbounce.yaml"]


def test_json_has_what_was_written_and_what_was_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place(tmp_path, "root/var/log/exim4/mainlog")
    place(tmp_path, "root/etc/postfix/master.cf", MASTER)
    monkeypatch.setattr("logbounce.cli.init.look", lambda: look(tmp_path / "root"))
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["init", "--json", "--config", "my.yaml"])
    found = {
        "sources": [{"format": "exim", "path": "/var/log/exim4/mainlog"}],
        "source_ips": {"postfix-ip1": "198.51.100.10", "postfix-ip6": "2001:db8::6"},
    }
    assert (done.exit_code, json.loads(done.stdout)) == (0, {"written": ["my.yaml"], **found})
    assert done.stderr.startswith("found exim: /var/log/exim4/mainlog\nwrote my.yaml: ")
    done = CliRunner().invoke(app, ["init", "--systemd", "units", "--json"])
    shown = json.loads(done.stdout)
    assert sorted(shown["written"]) == sorted(f"units/{path.name}" for path in (tmp_path / "units").iterdir())
    assert {name: shown[name] for name in found} == found


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be written: No such file or directory"):
        write(tmp_path / "none/logbounce.yaml", Machine((), {}), timezone="UTC", database=None, force=False)
