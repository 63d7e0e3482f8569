"""logbounce.yaml, the environment and flags: what wins, and what is refused with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from logbounce import settings
from logbounce.errors import SettingsError
from logbounce.settings import Mailbox, Protocol, Secret, Source

WHOLE = """\
database: data/logbounce.duckdb
timezone: Europe/Berlin                 # for stamps that have none
sources:
  - {name: mx1, format: postfix, path: /var/log/mail.log, host: mx1.example.org, carrier: rfc3164}
  - name: 2
    format: powermta
    path: acct*.csv
    columns: [type, timeLogged, rcpt]
source_ips: {postfix-ip1: 198.51.100.10, remote_smtp_2: "2001:DB8::1"}
rules: my-rules.yaml
mailboxes:
  - {name: bounces, protocol: imap, host: mx, user: u, password_env: PASSWORD, folder: INBOX, after: keep}
"""
BOUNCES = Mailbox("bounces", Protocol.IMAP, host="mx", port=993, user="u", password_env="PASSWORD")  # noqa: S106 - a name


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "logbounce.yaml"
    path.touch(0o600)
    return path


def load(file: Path, **environ: str) -> settings.Settings:
    return settings.load(file, environ=environ)


def refusal(file: Path, text: str) -> str:
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load(file)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{file}:")


def test_everything_that_can_be_set(file: Path) -> None:
    file.write_text(WHOLE)
    found = load(file)
    assert found.database == file.parent / "data/logbounce.duckdb"
    assert found.timezone == "Europe/Berlin"
    assert found.sources == (
        Source("mx1", "postfix", "/var/log/mail.log", host="mx1.example.org", carrier="rfc3164"),
        Source("2", "powermta", str(file.parent / "acct*.csv"), columns=("type", "timeLogged", "rcpt")),
    )
    assert found.source_ips == {"postfix-ip1": "198.51.100.10", "remote_smtp_2": "2001:db8::1"}
    assert found.rules == file.parent / "my-rules.yaml"
    assert found.mailboxes == (BOUNCES,)
    assert found.file == file


@pytest.mark.parametrize("text", ["", "# nothing\n", "sources:\nsource_ips:\ndatabase:\n"])
def test_a_file_that_says_nothing_gives_the_defaults(file: Path, text: str) -> None:
    file.write_text(text)
    found = load(file, TZ="Asia/Tokyo")
    assert (found.database, found.timezone, found.sources, dict(found.source_ips)) == (
        Path("logbounce.duckdb"),
        "Asia/Tokyo",
        (),
        {},
    )


def test_the_settings_cannot_be_changed(file: Path) -> None:
    file.write_text(WHOLE)
    with pytest.raises(AttributeError):
        load(file).timezone = "UTC"  # type: ignore[misc]
    with pytest.raises(TypeError):
        load(file).source_ips["x"] = "y"  # type: ignore[index]


def test_the_environment_comes_before_the_file(file: Path) -> None:
    file.write_text(WHOLE)
    found = load(file, LOGBOUNCE_DATABASE="/e.duckdb", LOGBOUNCE_TIMEZONE="Asia/Tokyo", LOGBOUNCE_RULES="/r.yaml")
    assert (found.database, found.timezone, found.rules) == (Path("/e.duckdb"), "Asia/Tokyo", Path("/r.yaml"))


def test_a_flag_comes_before_the_environment(file: Path) -> None:
    file.write_text(WHOLE)
    environ = {"LOGBOUNCE_DATABASE": "/e.duckdb", "LOGBOUNCE_CONFIG": "/none.yaml"}
    assert settings.load(file, database=Path("/flag.duckdb"), environ=environ).database == Path("/flag.duckdb")


def test_an_empty_variable_is_none(file: Path) -> None:
    file.write_text(WHOLE)
    assert load(file, LOGBOUNCE_TIMEZONE="").timezone == "Europe/Berlin"


def test_the_first_file_that_is_there_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    home = tmp_path / "home"
    for path in (tmp_path / "named.yaml", Path("logbounce.yaml"), home / ".config/logbounce/logbounce.yaml"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("database: x.duckdb\n")
    environ = {"HOME": str(home), "LOGBOUNCE_CONFIG": str(tmp_path / "named.yaml")}
    assert settings.load(environ=environ).file == tmp_path / "named.yaml"
    del environ["LOGBOUNCE_CONFIG"]
    assert settings.load(environ=environ).file == Path("logbounce.yaml")
    Path("logbounce.yaml").unlink()
    assert settings.load(environ=environ).file == home / ".config/logbounce/logbounce.yaml"


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.yaml: cannot be read: No such file"):
        settings.load(tmp_path / "none.yaml", environ={})


SOURCE = "{name: a, format: postfix, path: /a}"
REFUSED = {
    "databse: x": "1: unknown key 'databse' (did you mean 'database'?), expected one of database, mailboxes,",
    "timezone: UTC\nsources:\n  - {name: a, format: postfix, pth: /a}": (
        "3: unknown key 'pth' in sources[0] (did you mean 'path'?), expected one of carrier, columns, format,"
    ),
    "\nxyzzy: 1": "2: unknown key 'xyzzy', expected one of",
    "database: a\ndatabase: b": "2: the key 'database' stands twice",
    "sources:\n  - name: a\n    path: /a\n    name: b": "4: the key 'name' stands twice in sources[0]",
    f"sources: [{SOURCE},\n  {SOURCE}]": "2: sources[1]: the name 'a' is taken by an earlier source",
    "sources: {name: a}": "1: sources: expected a list, not a mapping",
    "sources: mail.log": "1: sources: expected a list, not `mail.log`",
    "sources: [mail.log]": "1: sources[0]: expected `key: value` lines, not `mail.log`",
    "- a": "1: the file: expected `key: value` lines, not a list",
    "database: [a]": "1: database: expected text, not a list",
    "database: {a: b}": "1: database: expected text, not a mapping",
    "source_ips:\n  no: 192.0.2.1": "2: the key: expected text, not `no`: put it in quotes",
    "sources:\n- {name: yes, format: exim, path: /a}": "2: sources[0].name: expected text, not `yes`: put it in quotes",
    "sources:\n- {name: a, format: exim}": "2: sources[0]: expected either 'path' or 'journal'",
    "sources:\n- {name: a, format: exim, path: x, journal: y}": "2: sources[0]: expected either 'path' or 'journal'",
    "sources:\n- {name: a, format: exim, journal: y, rotated: x}": "2: sources[0]: 'rotated' goes with 'path'",
    "sources:\n- {name: a, format: exim, path: y, journal_directory: x}": (
        "2: sources[0]: 'journal_directory' goes with 'journal'"
    ),
    "sources:\n- {name: a, path: /a}": "2: sources[0]: 'format' is missing",
    "sources:\n- {format: exim, path: /a}": "2: sources[0]: 'name' is missing",
    "sources:\n- {name: a, format: qmail, path: /a}": "2: sources[0].format: unknown format 'qmail', expected one of",
    "sources:\n- {name: a, format: postfix, path: /a, carrier: x}": "2: sources[0].carrier: unknown carrier 'x'",
    "sources:\n- {name: a, format: postfix, path: /a, columns: x}": "2: sources[0].columns: expected a list, not `x`",
    "timezone: Mars/Olympus": "1: timezone: unknown time zone 'Mars/Olympus', expected a name such as Europe/Berlin",
    "timezone: ../../etc/passwd": "1: timezone: unknown time zone",
    "timezone: Europe": "1: timezone: unknown time zone",
    "source_ips:\n  postfix-ip1: 198.51.100.300": "2: source_ips.postfix-ip1: '198.51.100.300' is not an IP address",
    "source_ips: {postfix-ip1: }": "1: source_ips.postfix-ip1: expected text, not nothing",
    "mailboxes:\n- {nam: a}": "2: unknown key 'nam' in mailboxes[0] (did you mean 'name'?)",
    "mailboxes:\n- {host: a}": "2: mailboxes[0]: 'name' is missing",
    "database: 'a": "1: is not YAML: found unexpected end of stream",
    "a: " + 100_000 * "[": " is nested too deep",
    "a: b: c": "1: is not YAML: mapping values are not allowed here",
    "--- a\n--- b": "2: is not YAML: but found another document",
    "a: *b": "1: is not YAML: found undefined alias: text that begins with a special character has to be in quotes",
    "a: 1\ndatabase: \x01": "2: is not YAML: unacceptable character",
    "a: [b": "1: is not YAML: expected ',' or ']', but got '<stream end>'",
    'a: "\\U99999999"': " is not YAML: an escape of a character that does not exist",
    'a: "\\U00110000"': " is not YAML: an escape of a character that does not exist",
    "a: &x 1\nb: &x 2": "2: is not YAML: an anchor (`&`) stands twice",
    "database: !x y": "1: database: expected text, not a tag (`!`): put it in quotes",
}


@pytest.mark.parametrize("text", REFUSED, ids=[text[:40] for text in REFUSED])
def test_refused_with_its_line(file: Path, text: str) -> None:
    assert refusal(file, text).startswith(REFUSED[text])


def test_not_text(file: Path) -> None:
    file.write_bytes(b"database: \xff\n")
    with pytest.raises(SettingsError, match=r"is not UTF-8 text \(byte 10\)"):
        load(file)


def test_a_bad_zone_in_the_environment(file: Path) -> None:
    with pytest.raises(SettingsError, match="LOGBOUNCE_TIMEZONE: unknown time zone 'x'"):
        load(file, LOGBOUNCE_TIMEZONE="x")


LITERAL = "mailboxes:\n- {name: a, protocol: imap, host: h, user: u, password: secret}\n"


# A password that YAML takes for something else: no error repeats it, or a character of it.
NO_TEXT = (
    *("*Hunter2Secret", "!Hunter2Secret", "!Hunter2Secret x", "!Hunter2!Secret x", "!<Hunter2Secret", "!%qqHunter2"),
    *(
        "&Hunter2Secret ",
        "%Hunter2",
        "@Hunter2",
        "`Hunter2`",
        "|Hunter2",
        ">9Hunter2",
        "]Hunter2",
        "}Hunter2",
        "- Hunter2",
    ),
    *("'Hunter2", '"Hunter2', '"Hunter2\\q"', '"Hunter2\\uqqqq"', '"Hunter2" x', "Hunter2: x", "\tHunter2\t: x"),
    *(
        "yes",
        "off",
        "~",
        "{Hunter2: x}",
        "[Hunter2, y]",
        "{Hunter2",
        "Hunter2\x07",
        '"Hunter2\\n"',
        '"\\U99999999Hunter2"',
    ),
)


@pytest.mark.parametrize("password", NO_TEXT)
def test_no_error_repeats_a_password(file: Path, password: str) -> None:
    lines = ["mailboxes:", "- name: a", "  protocol: imap", "  host: h", "  user: u"]
    file.write_text("\n".join([*lines, f"  password: {password}", ""]))
    file.chmod(0o600)
    with pytest.raises(SettingsError, match=r"yaml:[0-9]: |does not exist$") as caught:
        load(file)
    for secret in ("Hunter2", "yes", "`off`", "qqqq", "q'"):
        assert secret not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "text",
    [
        "mailboxes: [{name: a, password:Hunter2}]",
        "mailboxes: [{name: a, Password=Hunter2: x}]",
        "mailboxes: [{password:Hunter2, password:Hunter2}]",
        "mailboxes: ['password=Hunter2']",
        "mailboxes: imap://u:Hunter2@mail.example.org",
        "verp: {domain: x.example, keys: [Hunter2]}",
        "verp: {domain: x.example, keys: [{name: a, secret:Hunter2}]}",
    ],
)
def test_no_error_repeats_a_password_that_lost_its_key(file: Path, text: str) -> None:
    assert "Hunter2" not in refusal(file, text)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_password_that_others_can_read_is_refused(file: Path, mode: int) -> None:
    file.write_text(LITERAL)
    file.chmod(mode)
    with pytest.raises(SettingsError, match=f"^{file}:2: .*`chmod 600 {file}`") as caught:
        load(file)
    assert "secret" not in str(caught.value)


def test_a_password_of_our_own_is_accepted(file: Path) -> None:
    file.write_text(LITERAL)
    (account,) = load(file).mailboxes
    assert account.password == Secret("secret")
    assert "secret" not in f"{account}{account!r}{load(file)!r}"


def test_a_file_without_a_password_may_be_read_by_all(file: Path) -> None:
    file.write_text(WHOLE)
    file.chmod(0o644)
    assert load(file).mailboxes == (BOUNCES,)
