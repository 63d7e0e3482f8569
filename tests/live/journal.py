"""Real journal files, as systemd-journal-remote(8) writes them from the export format."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.live.carriers import Line

REMOTE = "/lib/systemd/systemd-journal-remote"
UNIT = "postfix@-.service"
_BOOT = "0123456789abcdef0123456789abcdef"


def missing() -> str | None:
    """Return why there can be no journal here."""
    if not Path(REMOTE).exists() or not shutil.which("journalctl"):
        return "no systemd-journal-remote and journalctl: run tests/live/install.sh"
    return None


def write(folder: Path, lines: Iterable[Line], unit: str = UNIT, boot: str = _BOOT) -> None:
    """Append lines to the journal in a folder, as Postfix would have logged them there."""
    folder.mkdir(exist_ok=True)
    entries = b"".join(_entry(line, unit, boot) for line in lines)
    command = [REMOTE, "-o", str(folder / "mail.journal"), "-"]
    done = subprocess.run(command, input=entries, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


def _entry(line: Line, unit: str, boot: str) -> bytes:
    """Return an entry (https://systemd.io/JOURNAL_EXPORT_FORMATS/): what is not plain text goes with its length."""
    moment = int(line.time.timestamp())
    fields = {
        "__REALTIME_TIMESTAMP": f"{moment}123456",
        "__MONOTONIC_TIMESTAMP": f"{moment % 1_000_000_000}123456",
        "_BOOT_ID": boot,
        "_HOSTNAME": line.host,
        "_SYSTEMD_UNIT": unit,
        "SYSLOG_IDENTIFIER": line.tag,
        "SYSLOG_PID": line.pid,
        "SYSLOG_FACILITY": "2",
        "PRIORITY": "6",
    }
    text = line.text.encode()
    plain = b"".join(f"{name}={value}\n".encode() for name, value in fields.items())
    return plain + b"MESSAGE\n" + len(text).to_bytes(8, "little") + text + b"\n\n"
