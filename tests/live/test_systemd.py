"""What `logbounce init --systemd` writes, looked at by systemd and logrotate themselves; started where systemd runs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from logbounce.init import Machine, hidden, program, write_service
from logbounce.init.machine import Found
from tests.unit.ingest.logs import arrival, attempt

SERVICES = ("logbounce.service", "logbounce-report.service")
# systemd.exec(5) scores 0 (best) to 10. What is left: the network for mailboxes, the group that may read logs.
MOST_EXPOSED = {"logbounce.service": 2.0, "logbounce-report.service": 1.0}
PATIENCE = 30


def needs(name: str) -> None:
    if shutil.which(name) is None:
        pytest.skip(f"no {name} here: see tests/live/install.sh")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """Return the folder of the files, which name a program that is there."""
    machine = Machine((Found("postfix", str(tmp_path / "mail.log")),), {})
    write_service(tmp_path / "service", machine, called=Path("/bin/true"), config=None, force=False)
    return tmp_path / "service"


def test_systemd_understands_every_line(files: Path) -> None:
    needs("systemd-analyze")
    units = [str(files / name) for name in (*SERVICES, "logbounce-report.timer")]
    done = subprocess.run(
        ("systemd-analyze", "verify", "--man=no", *units), capture_output=True, text=True, check=False
    )
    said = [line for line in done.stderr.splitlines() if "logbounce" in line]
    assert (done.returncode, said) == (0, [])


def test_a_mistake_would_be_found(files: Path) -> None:
    needs("systemd-analyze")
    unit = files / "logbounce.service"
    unit.write_text(unit.read_text().replace("ProtectSystem=strict", "ProtectSystem=mostly"))
    done = subprocess.run(("systemd-analyze", "verify", "--man=no", unit), capture_output=True, text=True, check=False)
    assert "logbounce.service" in done.stderr


@pytest.mark.parametrize("name", SERVICES)
def test_the_services_expose_little(files: Path, name: str) -> None:
    needs("systemd-analyze")
    # The threshold is in tenths.
    threshold = f"--threshold={10 * MOST_EXPOSED[name]:.0f}"
    command = ("systemd-analyze", "security", "--offline=yes", threshold, "--no-pager", files / name)
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    level = re.search(r"exposure level for \S+: ([0-9.]+)", done.stdout)
    assert level
    assert float(level[1]) <= MOST_EXPOSED[name]


def test_logrotate_understands_its_snippet(files: Path) -> None:
    needs("logrotate")
    log = files.parent / "mail.log"
    log.write_text("a line\n")
    state = files.parent / "state"
    snippet = files / "logbounce.logrotate"
    done = subprocess.run(("logrotate", "-d", "-s", state, snippet), capture_output=True, text=True, check=False)
    assert (done.returncode, re.findall(r"^error:.*", done.stderr, re.MULTILINE)) == (0, []), done.stderr
    assert f"considering log {log}" in done.stderr


def test_a_log_that_is_rotated_by_it_is_renamed_and_compressed_a_day_later(files: Path) -> None:
    needs("logrotate")
    log = files.parent / "mail.log"
    files.parent.chmod(0o755)  # logrotate asks for that
    for day in (1, 2):
        log.write_text(f"day {day}\n")
        inode = log.stat().st_ino
        command = ("logrotate", "--force", "-s", files.parent / "state", files / "logbounce.logrotate")
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert (files.parent / "mail.log.1").stat().st_ino == inode
    assert (files.parent / "mail.log.1").read_text() == "day 2\n"
    assert (files.parent / "mail.log.2.gz").exists()


@pytest.mark.usefixtures("booted")
def test_the_service_starts_says_so_reads_and_stops(tmp_path: Path) -> None:
    """The real systemd: `systemctl start` returns when the service has said READY=1."""
    if os.geteuid() != 0 or hidden(program()) or hidden(Path(sys.executable)):
        pytest.skip("needs root, and a logbounce that is installed for all users")
    name = f"logbounce-test-{os.getpid()}"
    home = Path("/etc") / name
    home.mkdir()
    log = Path("/var/log") / f"{name}.log"
    log.write_text("".join(f"{line}\n" for line in arrival(0, "4TXAAA")))
    log.chmod(0o644)
    database = Path("/var/lib") / name / "logbounce.duckdb"
    settings = home / "logbounce.yaml"
    settings.write_text(f"database: {database}\ntimezone: UTC\nsources: [{{name: x, format: postfix, path: {log}}}]\n")
    write_service(tmp_path, Machine((), {}), called=program(), config=settings, force=False)
    unit = Path("/run/systemd/system") / f"{name}.service"
    text = (tmp_path / "logbounce.service").read_text().replace("User=logbounce", "DynamicUser=yes")
    unit.write_text(
        text.replace("StateDirectory=logbounce", f"StateDirectory={name}").replace("%S/logbounce", f"%S/{name}")
    )
    try:
        subprocess.run(("systemctl", "daemon-reload"), check=True)
        subprocess.run(("systemctl", "start", name), check=True, timeout=PATIENCE)
        with log.open("a") as stream:
            stream.write(f"{attempt(1, '4TXAAA', 'ann@example.org')}\n")
        assert recipients(database) == "recipient\r\nann@example.org\r\n"
        subprocess.run(("systemctl", "stop", name), check=True, timeout=PATIENCE)
        shown = subprocess.run(("systemctl", "show", "-P", "Result", name), capture_output=True, text=True, check=True)
        assert shown.stdout.strip() == "success"
    finally:
        subprocess.run(("systemctl", "stop", name), check=False, timeout=PATIENCE)
        unit.unlink()
        subprocess.run(("systemctl", "daemon-reload"), check=True)
        log.unlink()
        shutil.rmtree(home)
        shutil.rmtree(Path("/var/lib/private") / name, ignore_errors=True)


def recipients(database: Path) -> str:
    """Return what is stored, as soon as anything is."""
    until = time.monotonic() + PATIENCE
    while True:
        command = (program(), "query", "select recipient from attempts", "--csv", "--db", database)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if "@" in done.stdout or time.monotonic() > until:
            return done.stdout
        time.sleep(0.5)
