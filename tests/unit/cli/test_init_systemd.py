"""`logbounce init --systemd`: files for systemd, logrotate and cron."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from logbounce.errors import SettingsError
from logbounce.init import Machine, hidden, write_service
from logbounce.init.machine import Found
from tests.unit.cli.command import fails, logbounce

NAMES = [
    "logbounce-report.service",
    "logbounce-report.timer",
    "logbounce.cron",
    "logbounce.logrotate",
    "logbounce.service",
]
CALLED = Path("/opt/logbounce/bin/logbounce")


def written(folder: Path, *logs: Found, config: Path | None = None) -> dict[str, str]:
    files = write_service(folder, Machine(logs, {}), called=CALLED, config=config, force=False)
    return {file.name: file.read_text() for file in files}


def test_every_file_is_filled_in(tmp_path: Path) -> None:
    texts = written(tmp_path / "new/folder")
    assert list(texts) == NAMES
    assert not [name for name, text in texts.items() if re.search(r"\$(?!MAINPID)", text)]
    assert (
        "ExecStart=/opt/logbounce/bin/logbounce tail --config /etc/logbounce/logbounce.yaml\n"
        in texts["logbounce.service"]
    )
    assert "ExecReload=/bin/kill -HUP $MAINPID\n" in texts["logbounce.service"]
    assert (
        "/opt/logbounce/bin/logbounce tail --once --config /etc/logbounce/logbounce.yaml\n" in texts["logbounce.cron"]
    )
    assert {(tmp_path / "new/folder" / name).stat().st_mode & 0o777 for name in NAMES} == {0o644}


@pytest.mark.parametrize(
    "line",
    [
        *("Type=notify", "WatchdogSec=120", "User=logbounce", "SupplementaryGroups=adm", "ProtectSystem=strict"),
        *("StateDirectory=logbounce", "StateDirectoryMode=0700", "NoNewPrivileges=yes", "PrivateTmp=yes"),
        *(
            "LoadCredential=mailbox:/etc/logbounce/mailbox.password",
            "SystemCallFilter=@system-service",
            "MemoryMax=600M",
        ),
    ],
)
def test_the_service_is_hardened(tmp_path: Path, line: str) -> None:
    assert line in written(tmp_path)["logbounce.service"].splitlines()


def test_the_logs_that_logrotate_rotates(tmp_path: Path) -> None:
    logs = (Found("postfix", "/var/log/maillog"), Found("powermta", "/x*.csv"), Found("exim", "/var/log/exim/mainlog"))
    assert "\n/var/log/maillog\n/var/log/exim/mainlog {\n" in written(tmp_path / "some", *logs)["logbounce.logrotate"]
    assert "\n/var/log/mail.log {\n" in written(tmp_path / "none")["logbounce.logrotate"]


def test_other_settings(tmp_path: Path) -> None:
    texts = written(tmp_path, config=Path("/srv/lb.yaml"))
    assert "report --since yesterday --until today --config /srv/lb.yaml\n" in texts["logbounce-report.service"]


@pytest.mark.parametrize("odd", ["/srv/my settings.yaml", "/srv/x\ny", "/srv/50%.yaml", "/srv/$x", "/srv/a{}"])
def test_a_path_that_a_unit_file_would_read_otherwise_is_refused(tmp_path: Path, odd: str) -> None:
    with pytest.raises(SettingsError, match="no blanks and no special characters"):
        written(tmp_path / "folder", config=Path(odd))
    assert not (tmp_path / "folder").exists()


def test_files_that_are_there_stay_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "logbounce.cron").write_text("mine\n")
    said = fails(logbounce("init", "--systemd", ".", cwd=tmp_path), 4)
    assert said == "logbounce.cron: exists already: --force replaces it"
    assert [path.name for path in tmp_path.iterdir()] == ["logbounce.cron"]
    assert logbounce("init", "--systemd", "--force", cwd=tmp_path).returncode == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == NAMES


def test_a_link_to_nothing_is_not_written_through(tmp_path: Path) -> None:
    """Whoever may write in the folder would have root make a file anywhere."""
    folder, elsewhere = tmp_path / "units", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "logbounce.service").symlink_to(elsewhere)
    with pytest.raises(SettingsError, match="exists already: --force replaces it"):
        write_service(folder, Machine((), {}), called=Path("/x/logbounce"), config=None, force=False)
    assert [path.name for path in folder.iterdir()] == ["logbounce.service"]
    write_service(folder, Machine((), {}), called=Path("/x/logbounce"), config=None, force=True)
    assert not (folder / "logbounce.service").is_symlink()
    assert not elsewhere.exists()
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o644}


def test_a_folder_goes_with_systemd_only(tmp_path: Path) -> None:
    done = logbounce("init", "folder", cwd=tmp_path)
    assert (done.returncode, "a folder goes with --systemd" in done.stderr) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("top", "unseen"), [("root", True), ("home", True), ("run/user", True), ("opt", False)])
def test_what_the_service_cannot_see(top: str, *, unseen: bool) -> None:
    assert hidden(Path("/", top, "somebody/bin/logbounce")) is unseen
