"""A folder such as a reader of the documentation has: sample logs, and a database made of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.shown import ROOT

LAUNCHER = '#!/bin/sh\nPYTHONPATH="{root}" exec "{python}" -m logbounce "$@"\n'


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Return an environment in which the shell finds this checkout's `logbounce`, at a fixed width and time zone."""
    launcher = tmp_path_factory.mktemp("bin") / "logbounce"
    launcher.write_text(LAUNCHER.format(root=ROOT, python=sys.executable))
    launcher.chmod(0o755)
    path = os.pathsep.join((str(launcher.parent), os.environ["PATH"]))
    kept = {key: value for key, value in os.environ.items() if not key.startswith("LOGBOUNCE_")}
    return kept | {"PATH": path, "COLUMNS": "120", "NO_COLOR": "1", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory, program: dict[str, str]) -> Path:
    """Return a folder with sample_logs/ and logbounce.duckdb in it."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copytree(ROOT / "sample_logs", folder / "sample_logs")
    logs = sorted(str(path.relative_to(folder)) for path in (folder / "sample_logs").iterdir() if path.is_file())
    subprocess.run(("logbounce", "ingest", *logs), cwd=folder, env=program, check=True)
    return folder


@pytest.fixture
def reader(demo_folder: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder, which a page's commands may change."""
    return Path(shutil.copytree(demo_folder, tmp_path / "reader"))
