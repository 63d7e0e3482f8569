"""Fault 17: a line of 1 MB and one of 200 MB are capped, counted as unparsed, and take less than 300 MB of memory."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

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
sys.argv = ["logbounce", "ingest", "mail.log", "--json"]
try:
    main()
finally:
    peak = re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())
    print(int(peak[1]) * 1024, file=sys.stderr)
"""


@pytest.mark.parametrize("length", [MEGABYTE, 200 * MEGABYTE], ids=["1 MB", "200 MB"])
@pytest.mark.parametrize("ended", [True, False], ids=["ended", "unended"])
def test_a_long_line_is_capped_counted_and_bounded(tmp_path: Path, length: int, *, ended: bool) -> None:
    log = tmp_path / "mail.log"
    with log.open("w") as file:
        file.write(f"{FIRST}\n" + attempt(2, "4TXAAA", "long@example.org").removesuffix(")"))
        for _ in range(length // MEGABYTE):
            file.write("x" * MEGABYTE)
        if ended:
            file.write(")\n" + attempt(3, "4TXAAA", "b@example.org") + "\n")
    command = [sys.executable, "-c", MEASURED]
    done = subprocess.run(command, cwd=tmp_path, env=environment(tmp_path), capture_output=True, text=True, check=True)
    (result,) = json.loads(done.stdout)
    assert (result["lines"], result["new"], result["unparsed"]) == ((3, 2, 1) if ended else (2, 1, 1))
    assert int(done.stderr) < 300 * MEGABYTE
    sql = "select reason, length(line) as n, source_offset as at_byte from unparsed_lines"
    shown = logbounce("query", sql, "--csv", cwd=tmp_path).stdout.splitlines()[1]
    assert shown == f'"longer than 65,536 bytes",4096,{len(FIRST) + 1}'
    again = logbounce("ingest", "mail.log", "--json", cwd=tmp_path).stdout
    assert (json.loads(again)[0]["lines"], json.loads(again)[0]["new"]) == (0 if ended else 1, 0)
