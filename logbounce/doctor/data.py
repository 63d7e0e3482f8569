"""Checks of the database file and its folder."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from logbounce.database import connect
from logbounce.doctor.finding import Finding
from logbounce.errors import DamagedError, DatabaseError, LockedError

_LITTLE_SPACE = 200_000_000  # bytes: a commit, its write-ahead log and what a big query spills


def examine(path: Path) -> list[Finding]:
    """Return what is wrong with a database."""
    return [*_folder(path.parent), *_lock(path), *_file(path)]


def _folder(folder: Path) -> list[Finding]:
    if not folder.is_dir():
        return []  # the file's own check says so
    findings = []
    if not os.access(folder, os.W_OK | os.X_OK):
        what = f"{folder}: no permission to write to the database's folder"
        mend = "name a database in a folder of your own with --db PATH, or run as the folder's owner"
        findings.append(Finding(what, "the write-ahead log stands beside the database", mend))
    if (free := shutil.disk_usage(folder).free) < _LITTLE_SPACE:
        what = f"{folder}: only {free // 1_000_000} MB free"
        findings.append(Finding(what, "on a full disk nothing more is stored", f"df -h {folder}"))
    return findings


def _lock(path: Path) -> list[Finding]:
    """Look at the lock file that another user left: whoever follows or reads logs opens it to write."""
    file = Path(os.path.realpath(path)).with_name(f"{Path(os.path.realpath(path)).name}.lock")
    if not os.path.lexists(file) or os.access(file, os.R_OK | os.W_OK):
        return []
    what = f"{file}: user {file.lstat().st_uid} owns the lock file, and you have no permission to write to it"
    return [Finding(what, "nothing can be read into the database", f"sudo chown {os.geteuid()} {file}")]


def _file(path: Path) -> list[Finding]:
    try:
        connect(path, read_only=True).close()
    except LockedError as error:
        return [
            Finding(
                str(error), "DuckDB lets in either one writer or several readers", "wait for that process, or end it"
            )
        ]
    except DatabaseError as error:
        return [_broken(path, error)]
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        what = f"{path}: others can read it"
        return [Finding(what, "it holds the addresses of your recipients", f"chmod 600 {path}")]
    return []


def _broken(path: Path, error: DatabaseError) -> Finding:
    why = "nothing can be stored or asked"
    if not os.path.lexists(path):
        return Finding(str(error), why, "logbounce ingest /var/log/mail.log*")
    if not os.access(path, os.R_OK | os.W_OK):
        return Finding(str(error), why, f"sudo chown {os.geteuid()} {path}")
    if isinstance(error, DamagedError):
        return Finding(str(error), why, f"logbounce rebuild --db {path}")
    return Finding(str(error), why, f"mv {path} {path}.broken, then logbounce rebuild --db {path}")
