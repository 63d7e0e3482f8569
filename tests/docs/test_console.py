"""Commands in ```console blocks are run, in the order of the page, and print what is shown below them.

They run on a terminal, since that is where they are read. A command that is shown without output has to succeed; one
that is shown with output may also be a refusal, whose text is then compared. /var/log/mail.log stands for a Postfix
log. What does not start with logbounce or with a pipe into it is not run.
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.shown import PAGES, ROOT, agrees, blocks, steps

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.shown import Step

RUN = re.compile(r"printf |([^&;]*\| *)?logbounce ")
STAND_INS = {"/var/log/mail.log*": "sample_logs/postfix*", "/var/log/mail.log": "sample_logs/postfix.log"}


def run(step: Step, folder: Path, environment: dict[str, str]) -> str | None:
    """Run the command as a reader would; return what is wrong, if anything is."""
    command = step.command
    for path, stand_in in STAND_INS.items():
        command = command.replace(path, stand_in)
    code, printed = on_a_terminal(command, folder, environment)
    if step.output and not agrees(step.output, printed):
        return f"shows\n{step.output}\nand prints\n{printed}"
    if not step.output and code:
        return f"exits {code}: {printed}"
    return None


def on_a_terminal(command: str, folder: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Return the exit code and what a person at a terminal (without colours) sees."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ("bash", "-o", "pipefail", "-c", command),
        cwd=folder,
        env=environment | {"TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        printed = b"".join(iter(lambda: _read(ours), b""))
    os.close(ours)
    return process.returncode, printed.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # EIO: nobody holds the other end any more (pty(7))
        return b""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_console_blocks(page: Path, reader: Path, program: dict[str, str]) -> None:
    if page.name == "README.md":  # whose reader begins with logs and nothing else
        (reader / "logbounce.duckdb").unlink()
    wrong = [
        f"{page.name}:{block.line} $ {step.command}\n{problem}"
        for block in blocks(page, "console")
        for step in steps(block.text)
        if RUN.match(step.command) and (problem := run(step, reader, program))
    ]
    assert not wrong, "\n\n".join(wrong)
