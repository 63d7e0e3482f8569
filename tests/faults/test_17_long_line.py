"""Fault 17: a line of 1 MB and one of 200 MB are capped, counted as unparsed, and take less than 300 MB of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.faults.site import Site
from tests.unit.cli.command import environment, logbounce
from tests.unit.ingest.logs import attempt

if TYPE_CHECKING:
    from pathlib import Path

MEGABYTE = 1_000_000
FIRST = attempt(1, "4TXAAA", "a@example.org")
# Not ru_maxrss of getrusage(2), which a child inherits from pytest, however large that has grown: VmHWM of proc(5), in
# KiB, begins with the program.
MEASURED = """
import re, sys
from logbounce.cli.app import main
sys.argv = ["logbounce", *sys.argv[1:]]
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    print(int(peak[1]) * 1024, file=sys.stderr)
"""
CAPPED = f'"longer than 65,536 bytes",4096,{len(FIRST) + 1}'


def write_long(log: Path, length: int) -> None:
    """Write a line as it should be, and one of that length that has no end."""
    with log.open("w") as file:
        file.write(f"{FIRST}\n" + attempt(2, "4TXAAA", "long@example.org").removesuffix(")"))
        for _ in range(length // MEGABYTE):
            file.write("x" * MEGABYTE)


def end(log: Path) -> None:
    """End the long line, and write one more."""
    with log.open("a") as file:
        file.write(")\n" + attempt(3, "4TXAAA", "b@example.org") + "\n")


def bounded(home: Path, *arguments: str) -> str:
    """Run a command, check that it took little memory, and return its standard output."""
    command = [sys.executable, "-c", MEASURED, *arguments]
    done = subprocess.run(command, cwd=home, env=environment(home), capture_output=True, text=True, check=True)
    assert int(done.stderr) < 300 * MEGABYTE
    return done.stdout


def unparsed(home: Path) -> list[str]:
    sql = "select reason, length(line) as n, source_offset as at_byte from unparsed_lines"
    return logbounce("query", sql, "--csv", cwd=home).stdout.splitlines()[1:]


@pytest.mark.parametrize("length", [MEGABYTE, 200 * MEGABYTE], ids=["1 MB", "200 MB"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "unended"])
def test_a_long_line_is_capped_counted_and_bounded(tmp_path: Path, length: int, *, ended: bool) -> None:
    write_long(tmp_path / "mail.log", length)
    if ended:
        end(tmp_path / "mail.log")
    (result,) = json.loads(bounded(tmp_path, "ingest", "mail.log", "--json"))
    assert (result["lines"], result["new"], result["unparsed"]) == ((3, 2, 1) if ended else (2, 1, 1))
    assert unparsed(tmp_path) == [CAPPED]
    again = logbounce("ingest", "mail.log", "--json", cwd=tmp_path).stdout
    assert (json.loads(again)[0]["lines"], json.loads(again)[0]["new"]) == (0 if ended else 1, 0)


@pytest.mark.parametrize("length", [MEGABYTE, 200 * MEGABYTE], ids=["1 MB", "200 MB"])
def test_tail_waits_for_the_end_of_a_long_line_and_counts_it_once(tmp_path: Path, length: int) -> None:
    site = Site(tmp_path)  # its settings
    write_long(site.log, length)
    bounded(tmp_path, "tail", "--once")
    assert site.query("select recipient from attempts") == [("a@example.org",)]
    assert unparsed(tmp_path) == []
    end(site.log)
    for _ in range(2):
        bounded(tmp_path, "tail", "--once")
        assert site.query("select recipient from attempts order by all") == [("a@example.org",), ("b@example.org",)]
        assert unparsed(tmp_path) == [CAPPED]
