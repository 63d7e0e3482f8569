"""Configures an Exim on the stage, runs the cases through it, and stops it when its queue is empty."""

import shutil
import string
import subprocess
import time
from pathlib import Path

from tests.live import inject
from tests.live.cases import cases_for
from tests.live.server import SCRIPT, TEMPLATES, call, wait_for_an_empty_queue

CONFIGURATION = Path("/etc/exim4")  # compiled into Debian's binary
USER = "Debian-exim"
DEFAULT = ""
EVERYTHING = "+all -arguments"


def run(stage: Path, binary: Path, *, selector: str) -> Path:
    """Give the log of a whole run."""
    exim = _configure(stage, binary, selector)
    daemon = subprocess.Popen([exim, "-bdf", "-q2s"])
    inject.inject(cases_for("exim"), {"sendmail": [exim], "no-delivery": [exim, "-N"]})
    time.sleep(3)  # until each message was tried once
    _cancel(exim, "cancel@sender.test")
    wait_for_an_empty_queue(lambda: call(exim, "-bp"))
    daemon.terminate()
    daemon.wait()
    return stage / "log" / "mainlog"


def _configure(stage: Path, binary: Path, selector: str) -> str:
    exim = stage / "exim4"
    shutil.copy(binary, exim)
    exim.chmod(0o4755)
    for name in ("spool", "log", "mail"):
        (stage / name).mkdir()
        shutil.chown(stage / name, USER, USER)
    (stage / "script").write_text(SCRIPT)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(CONFIGURATION)], check=True)
    text = string.Template((TEMPLATES / "exim.conf").read_text()).substitute(stage=stage, selector=selector)
    (CONFIGURATION / "exim4.conf").write_text(text)
    return str(exim)


def _cancel(exim: str, sender: str) -> None:
    """Give a message up as an administrator does."""
    lines = call(exim, "-bpr").splitlines()
    for line in lines:
        if f"<{sender}>" in line:
            call(exim, "-Mg", line.split()[2])
