"""The command line as a whole: help, exit codes, and every way to end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import typer.main

import logbounce as package
from logbounce.cli import app as room
from logbounce.database import connect
from tests.unit.cli.command import environment, fails, logbounce

HEAVY = ("duckdb", "pyarrow", "yaml", "rich", "numpy", "regex")


def test_version(tmp_path: Path) -> None:
    done = logbounce("--version", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"logbounce {package.__version__}\n")


@pytest.mark.parametrize("arguments", [(), ("rules",), ("suppress",)])
def test_without_arguments_it_lists_its_commands(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    shown = logbounce(*arguments, cwd=tmp_path)
    assert "Commands:" in shown.stdout + shown.stderr


@pytest.mark.parametrize("group", [room._Main, room._Rules, room._Suppress, room._Verp])  # noqa: SLF001 - the tables are what is tested
def test_the_list_says_what_each_command_says_of_itself(group: type[room._Lazy]) -> None:
    for entry in group.entries:
        said = (entry.load().help or "").split("\n\n")[0].replace("\n", " ")
        assert said.startswith(entry.says.removesuffix(".")), entry.name


@pytest.mark.parametrize("group", ["", "rules", "suppress", "verp"])
def test_no_line_of_the_list_is_cut(tmp_path: Path, group: str) -> None:
    shown = logbounce(*group.split(), "--help", cwd=tmp_path, variables={"COLUMNS": "80"}).stdout
    assert "..." not in shown.partition("Commands:")[2]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["rules", "--help"], ["nope"]])
def test_nothing_heavy_is_imported_to_talk(tmp_path: Path, arguments: list[str]) -> None:
    code = (
        "import sys; from logbounce.cli.app import app\n"
        f"try: app({arguments!r})\nexcept SystemExit: pass\n"
        f"print(*(name for name in {HEAVY!r} if name in sys.modules), file=sys.stderr)"
    )
    done = subprocess.run(
        (sys.executable, "-c", code),
        env=environment(tmp_path),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr.splitlines()[-1] == ""


@pytest.mark.parametrize(
    "arguments", [("nope",), ("query",), ("query", "--nope", "select 1"), ("query", "select 1", "--json", "--csv")]
)
def test_a_wrong_command_line_exits_2(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = logbounce(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert "Error" in done.stderr


def test_wrong_settings_exit_4(tmp_path: Path) -> None:
    (tmp_path / "logbounce.yaml").write_text("timezone: UTC\ndatabse: x\n")
    line = fails(logbounce("query", "select 1", cwd=tmp_path), 4)
    assert line.startswith("logbounce.yaml:2: unknown key 'databse'")


@pytest.mark.parametrize(
    "arguments",
    [
        ("query", "select 1"),
        ("purge", "--keep", "400d"),
        ("purge", "--keep", "400d", "--dry-run"),
        ("forget", "ann@example.org"),
        ("status", "--accept-gaps"),
        ("rules", "apply"),
        ("rules", "undo"),
    ],
)
def test_no_database_exits_5_and_makes_none(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    line = fails(logbounce(*arguments, "--db", "x.duckdb", cwd=tmp_path), 5)
    assert line.startswith("x.duckdb: there is no database")
    assert list(tmp_path.iterdir()) == []


def test_a_held_database_exits_6_and_names_the_holder(tmp_path: Path) -> None:
    with connect(tmp_path / "logbounce.duckdb"):
        line = fails(logbounce("query", "select 1", cwd=tmp_path), 6)
    assert f"held by PID {os.getpid()}" in line


def test_db_comes_before_the_environment(tmp_path: Path) -> None:
    connect(tmp_path / "flag.duckdb").close()
    variables = {"LOGBOUNCE_DATABASE": "environment.duckdb"}
    assert logbounce("query", "select 1", "--db", "flag.duckdb", cwd=tmp_path, variables=variables).returncode == 0
    assert "environment.duckdb: there is no" in fails(
        logbounce("query", "select 1", cwd=tmp_path, variables=variables), 5
    )


def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    command = (sys.executable, "-m", "logbounce", "query", "from range(10_000_000)", "--csv")
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path), stdout=pipe, stderr=pipe) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.readline() == b"range\r\n"
        process.stdout.close()
        assert process.wait() == 128 + signal.SIGPIPE
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("report", "--db", "closed"), 5, "closed: no permission to open the database"),
        (("purge", "--keep", "9d", "--db", "closed"), 5, "closed: no permission to open the database"),
        (("status", "--config", "closed"), 4, "closed: cannot be read: Permission denied"),
        (("classify", "--rules", "closed"), 4, "closed: cannot be read: Permission denied: a rules file was expected"),
        (("rules", "replay", "closed"), 4, "closed: cannot be read: Permission denied: a rules file was expected"),
        (("ingest", "--pygtail-offset", "closed", "mail.log"), 3, "closed: is not of pygtail"),
        (("ingest", "closed"), 3, "closed: cannot be read: Permission denied"),
    ],
)
def test_a_file_that_may_not_be_read_is_told_as_what_it_is(
    tmp_path: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    (tmp_path / "mail.log").write_text("")
    (tmp_path / "closed").write_text("something")
    (tmp_path / "closed").chmod(0)
    assert fails(logbounce(*arguments, cwd=tmp_path, ordinary=True), code).startswith(says)


@pytest.mark.parametrize(
    "arguments", ["query 'select 1'", "status", "report --json", "rules list", "suppress list --csv"]
)
def test_an_output_that_cannot_be_written_is_told(tmp_path: Path, arguments: str) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    done = shell(f"{arguments} > /dev/full", tmp_path)
    assert (done.returncode, done.stdout) == (74, "")
    assert done.stderr == "logbounce: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize(("closed", "arguments"), [(">&-", "query 'select 1'"), (">&- 2>&-", "query nonsense")])
def test_an_output_that_is_closed_is_no_fault(tmp_path: Path, closed: str, arguments: str) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    done = shell(f"{arguments} {closed}", tmp_path)
    assert (done.returncode, done.stderr) == (7 if "nonsense" in arguments else 0, "")


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_a_character_that_the_locale_lacks_is_escaped(tmp_path: Path, encoding: str) -> None:
    done = logbounce(
        "classify", cwd=tmp_path, variables={"PYTHONIOENCODING": encoding}, text="550 \u041d\u0435\u0442\n"
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("550 \\u041d\\u0435\\u0442\n")


@pytest.mark.parametrize("arguments", ["ingest -", "parse -", "tail -", "classify", "classify --json"])
def test_an_input_that_is_closed_is_told(tmp_path: Path, arguments: str) -> None:
    done = shell(f"{arguments} <&-", tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == "logbounce: standard input is closed\n"


def shell(arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    """Run logbounce as a shell does."""
    command = f"{sys.executable} -m logbounce {arguments}"
    return subprocess.run(
        ("sh", "-c", command), cwd=home, env=environment(home), capture_output=True, text=True, check=False
    )


# Rows at once and for ever; and a first row that takes hours.
@pytest.mark.parametrize("sql", ["from range(1e12::bigint)", "select sum(hash(range)) from range(1e12::bigint)"])
def test_an_interrupt_exits_130(tmp_path: Path, sql: str) -> None:
    connect(tmp_path / "logbounce.duckdb").close()
    # What a shell starts in the background ignores SIGINT, and so does all that it starts.
    command = ("env", "--default-signal=INT", sys.executable, "-m", "logbounce", "query", sql, "--csv")
    null, pipe = subprocess.DEVNULL, subprocess.PIPE
    with subprocess.Popen(command, cwd=tmp_path, env=environment(tmp_path), stdout=null, stderr=pipe) as process:
        until_it_computes(process.pid)
        process.send_signal(signal.SIGINT)
        try:
            _, talk = process.communicate(timeout=60)
        finally:
            process.kill()
        assert (process.returncode, talk) == (130, b"")


def test_an_interrupt_while_duckdb_is_at_work_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise RuntimeError("Query interrupted") from KeyboardInterrupt()  # as DuckDB's Python client does

    monkeypatch.setattr("logbounce.cli.report.build", interrupted)
    monkeypatch.setattr(sys, "argv", ["logbounce", "report", "--db", str(tmp_path / "x.duckdb")])
    connect(tmp_path / "x.duckdb").close()
    monkeypatch.setattr(os, "umask", lambda _: 0)
    with pytest.raises(SystemExit) as caught:
        room.main()
    assert (caught.value.code, capsys.readouterr().err) == (130, "")


def until_it_computes(pid: int) -> None:
    """Wait until a process has used half a second of CPU beyond what its start takes (proc_pid_stat(5): utime)."""
    while int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11]) < os.sysconf("SC_CLK_TCK"):
        time.sleep(0.05)


@pytest.fixture
def bug(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("first\nsecond")

    monkeypatch.setattr(room, "app", broken)


@pytest.mark.usefixtures("bug")
def test_a_bug_gives_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        room.main()
    assert caught.value.code == 70
    said = capsys.readouterr().err
    assert said == "logbounce: unexpected RuntimeError: first: please report this, with what LOGBOUNCE_DEBUG=1 prints\n"


@pytest.mark.usefixtures("bug")
def test_a_bug_gives_its_traceback_to_who_asks(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGBOUNCE_DEBUG", "1")
    with pytest.raises(SystemExit):
        room.main()
    assert "Traceback" in capsys.readouterr().err


def test_new_files_are_private(monkeypatch: pytest.MonkeyPatch) -> None:
    """DuckDB makes its write-ahead log and its temporary files as the umask says."""
    before = os.umask(0o022)
    masks: list[int] = []
    monkeypatch.setattr(room, "app", lambda **_: masks.append(os.umask(before)))
    with pytest.raises(SystemExit):
        room.main()
    assert masks == [0o077]


def test_completion_is_offered(tmp_path: Path) -> None:
    variables = {"_LOGBOUNCE_COMPLETE": "complete_bash", "COMP_WORDS": "logbounce sta", "COMP_CWORD": "1"}
    assert "status" in logbounce(cwd=tmp_path, variables=variables).stdout


def test_the_commands_of_the_contract() -> None:
    command = typer.main.get_command(room.app)
    names = command.list_commands(typer.Context(command))  # type: ignore[attr-defined]
    assert " ".join(names) == (
        "ingest tail fetch parse classify query explain report status doctor "
        "backup publish compact rebuild purge forget init demo rules suppress verp"
    )
