"""With LOGBOUNCE_REQUIRE_LIVE a skipped test is a failure, unless it asks for what not everybody can have."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

IN_A_TEST = "import pytest\ndef test_x():\n    pytest.skip('no server')\n"
IN_A_FIXTURE = "import pytest\n@pytest.fixture\ndef server(): pytest.skip('no server')\ndef test_x(server): ...\n"
OF_A_MODULE = "import pytest\npytest.skip('no server', allow_module_level=True)\n"
FOR_EXTRA_CASES = "def test_x(shared): ...\n"


def run(tmp_path: Path, source: str, **environment: str) -> tuple[int, str]:
    (tmp_path / "tests").mkdir()
    shutil.copy(ROOT / "tests/conftest.py", tmp_path / "tests")
    (tmp_path / "tests/test_skipping.py").write_text(source)
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("PYTEST", "LOGBOUNCE"))}
    command = (sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rs", "tests")
    done = subprocess.run(command, cwd=tmp_path, env=kept | environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("source", [IN_A_TEST, IN_A_FIXTURE, OF_A_MODULE])
def test_a_skip_is_a_failure_when_live_servers_are_required(source: str, tmp_path: Path) -> None:
    code, output = run(tmp_path, source, LOGBOUNCE_REQUIRE_LIVE="1")
    assert code not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert "no server" in output


@pytest.mark.parametrize("source", [IN_A_TEST, IN_A_FIXTURE])
def test_a_skip_is_a_skip_otherwise(source: str, tmp_path: Path) -> None:
    code, output = run(tmp_path, source)
    assert code == 0
    assert "1 skipped" in output


def test_extra_cases_may_be_absent(tmp_path: Path) -> None:
    code, output = run(tmp_path, FOR_EXTRA_CASES, LOGBOUNCE_REQUIRE_LIVE="1")
    assert code == 0
    assert "extra cases" in output


def test_systemd_as_the_first_process_may_be_absent(tmp_path: Path) -> None:
    code, output = run(tmp_path, "def test_x(booted): ...\n", LOGBOUNCE_REQUIRE_LIVE="1")
    assert code == 0
    assert ("1 passed" if Path("/run/systemd/system").is_dir() else "not booted with systemd") in output
