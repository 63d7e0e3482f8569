"""Rotates a log with Debian's logrotate, each time as if its day had come."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def logrotate_is_missing() -> str | None:
    """Tell why logrotate cannot be run, or nothing."""
    return None if shutil.which("logrotate", path=_PATH) else "logrotate is not installed: run tests/live/install.sh"


def compress(copy: Path) -> None:
    """Have gzip replace a plain copy, as logrotate does a day later where it is told `delaycompress`."""
    subprocess.run(["gzip", str(copy)], check=True)


class Logrotate:
    """The rotation of one log; `directives` are those of logrotate.conf(5)."""

    def __init__(self, log: Path, *directives: str, keep: int = 30) -> None:
        self.log = log
        self._configuration = log.parent / "logrotate.conf"
        self._state = log.parent / "logrotate.state"
        self.configure(*directives, keep=keep)

    def configure(self, *directives: str, keep: int = 30) -> None:
        """Say how the log is rotated from now on; without more, it is renamed and a new one made."""
        making = () if {"copytruncate", "nocreate"} & set(directives) else ("create 0640",)
        body = "".join(f"    {directive}\n" for directive in (f"rotate {keep}", *making, *directives))
        self._configuration.write_text(f'"{self.log}" {{\n{body}}}\n')
        self._configuration.chmod(0o644)  # logrotate refuses what others may write

    def rotate(self) -> None:
        """Rotate once."""
        program = shutil.which("logrotate", path=_PATH)
        assert program
        command = [program, "--force", "--state", str(self._state), str(self._configuration)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": _PATH})
        assert (done.returncode, done.stderr) == (0, ""), done.stderr
