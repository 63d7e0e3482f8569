"""Commands in ```console blocks are run, in the order of the page, and print what is shown below them.

A command that is shown without output has to succeed; one that is shown with output may also be a refusal, whose text
is then compared. /var/log/mail.log stands for a Postfix log. What does not start with logbounce or with a pipe into it
is not run.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.docs.shown import PAGES, ROOT, agrees, blocks, steps

if TYPE_CHECKING:
    from pathlib import Path

    from tests.docs.shown import Step

RUN = re.compile(r"([^&;]*\| *)?logbounce ")
STAND_INS = {"/var/log/mail.log*": "sample_logs/postfix*", "/var/log/mail.log": "sample_logs/postfix.log"}


def run(step: Step, folder: Path, environment: dict[str, str]) -> str | None:
    """Run the command as a reader would; return what is wrong, if anything is."""
    command = step.command
    for path, stand_in in STAND_INS.items():
        command = command.replace(path, stand_in)
    done = subprocess.run(
        ("bash", "-o", "pipefail", "-c", command),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,  # in the order of time, as on a terminal
        text=True,
        check=False,
    )
    if step.output and not agrees(step.output, done.stdout):
        return f"shows\n{step.output}\nand prints\n{done.stdout}"
    if not step.output and done.returncode:
        return f"exits {done.returncode}: {done.stdout}"
    return None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_console_blocks(page: Path, reader: Path, program: dict[str, str]) -> None:
    wrong = [
        f"{page.name}:{block.line} $ {step.command}\n{problem}"
        for block in blocks(page, "console")
        for step in steps(block.text)
        if RUN.match(step.command) and (problem := run(step, reader, program))
    ]
    assert not wrong, "\n\n".join(wrong)
