"""`logbounce ingest` with files that cannot be read: each is named, the others are read, the exit code says it."""

from __future__ import annotations

import gzip
import subprocess
import sys
from typing import TYPE_CHECKING

from logbounce.errors import Exit
from tests.unit.cli.command import environment, fails, logbounce
from tests.unit.ingest.logs import arrival, attempt

if TYPE_CHECKING:
    from pathlib import Path

LOG = "".join(f"{line}\n" for line in [*arrival(0, "4TXAAA"), attempt(1, "4TXAAA", "a@example.org")])

# Says which modules are looked for in any thread but the main one.
WATCHED = """
import sys, threading
class Finder:
    def find_spec(self, name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            print("sought", name)
sys.meta_path.insert(0, Finder())
from logbounce.cli.app import main
main()
"""


def ingest(tmp_path: Path, *names: str) -> tuple[int, list[str], int]:
    """Return the exit code, the lines on stderr, and how many files were read."""
    done = logbounce("ingest", "--json", "--db", "x.duckdb", *names, cwd=tmp_path)
    return done.returncode, done.stderr.splitlines(), done.stdout.count('"file"')


def test_a_file_that_breaks_off_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text(LOG)
    whole = gzip.compress((LOG * 20_000).encode())
    (tmp_path / "cut.gz").write_bytes(whole[: len(whole) // 2])
    code, said, read = ingest(tmp_path, "cut.gz", "good.log")
    assert (code, read) == (Exit.INPUT, 1)
    assert len(said) == 1
    assert "cut.gz: the compressed data is damaged or cut short" in said[0]


def test_what_a_rotation_leaves_empty_is_no_error_among_others(tmp_path: Path) -> None:
    (tmp_path / "mail.log").touch()
    (tmp_path / "mail.log.1").write_text(LOG)
    assert ingest(tmp_path, "mail.log", "mail.log.1") == (Exit.OK, [], 1)


def test_an_empty_file_alone_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mail.log").touch()
    code, said, read = ingest(tmp_path, "mail.log")
    assert (code, len(said), read) == (Exit.INPUT, 1, 0)
    assert "mail.log: is empty; expected a mail log" in said[0]


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(LOG)
    assert ingest(tmp_path, "mail.log", "mail.log") == (Exit.OK, [], 1)


def test_a_name_that_is_no_text_does_not_keep_the_others_from_being_read(tmp_path: Path) -> None:
    (tmp_path / "bad\udcff.log").write_text(LOG)
    (tmp_path / "good.log").write_text(LOG)
    code, said, read = ingest(tmp_path, "bad\udcff.log", "good.log")
    assert (code, read) == (Exit.INPUT, 1)
    told = "the name of the file is not UTF-8: rename it, or read it as `- < FILE`"
    assert said == [f"logbounce: bad\\udcff.log: {told}"]


def test_a_database_whose_name_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "good.log").write_text(LOG)
    done = logbounce("ingest", "--db", "bad\udcff.duckdb", "good.log", cwd=tmp_path)
    told = "the name of the database is not UTF-8: name another with --db PATH"
    assert fails(done, Exit.DATABASE) == f"bad\\udcff.duckdb: {told}"


def test_a_folder_that_cannot_be_written_to_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(LOG)
    tmp_path.chmod(0o500)
    done = logbounce("ingest", "mail.log", cwd=tmp_path, ordinary=True)
    tmp_path.chmod(0o700)
    told = f"may not write to the folder {tmp_path}: name a database in a folder of your own with --db PATH"
    assert fails(done, Exit.DATABASE).endswith(told)


def test_a_log_that_looks_like_another_formats_is_warned_of(tmp_path: Path) -> None:
    (tmp_path / "mail.log").write_text(LOG)
    code, said, read = ingest(tmp_path, "--format", "exim", "mail.log")
    assert (code, read) == (Exit.OK, 1)
    told = "mail.log: looks like a log of postfix, and is read as one of exim, as --format or the settings say"
    assert said == [f"logbounce: warning: {told}"]
    (tmp_path / "odd.log").write_text("a line that nobody knows\n" * 50)
    assert ingest(tmp_path, "--format", "exim", "odd.log")[1] == []
    assert ingest(tmp_path, "--format", "postfix", "mail.log")[1] == []


def test_a_log_of_two_mail_servers_is_not_warned_of(tmp_path: Path) -> None:
    line = '2026-11-20 10:00:05 1vM2aB-0000000Cd3e-1AbC => x@example.org R=dns T=smtp H=mx [192.0.2.1] C="250 OK"'
    (tmp_path / "mail.log").write_text(f"{LOG}Nov 20 10:00:05 mx1 exim[9]: {line}\n")
    assert ingest(tmp_path, "--format", "exim", "mail.log") == (Exit.OK, [], 1)


def test_no_thread_imports_anything(tmp_path: Path) -> None:
    """Ctrl-C within an import of the main thread keeps the module's lock: a thread that imports it waits for ever."""
    (tmp_path / "mail.log").write_text(LOG)
    command = [sys.executable, "-c", WATCHED, "ingest", "--json", "--db", "x.duckdb", "mail.log"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"lines": 3' in done.stdout
    assert "sought" not in done.stdout
