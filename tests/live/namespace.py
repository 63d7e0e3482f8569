"""Runs an MTA of its own for a minute in namespaces of its own: nothing outside is reached, and nothing stays.

On the outside, `start` runs this module again under unshare(1); on the inside, `main` prepares the stage, runs one of
the SERVERS and leaves its log in the folder. The network namespace has only a loopback; the mount namespace hides the
stage, a tmpfs (a spool that syncs is fast there, and the set-user-id Exim is seen by nobody else); the process
namespace ends every daemon together with its first process.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.live import exim, farside, followed, postfix

LIVE = Path(
    os.environ.get("LOGBOUNCE_LIVE_DIR")
    or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "logbounce-live"
)
ROOT = Path(__file__).parents[2]
EXIM = LIVE / "exim4"
UNSHARE = ("unshare", "--net", "--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc")
SERVERS: dict[str, Callable[[Path], Path]] = {
    "postfix": lambda stage: postfix.run(stage, long_ids=False),
    "postfix-long-ids": lambda stage: postfix.run(stage, long_ids=True),
    "postfix-followed": followed.run,
    "exim": lambda stage: exim.run(stage, EXIM, selector=exim.DEFAULT),
    "exim-all": lambda stage: exim.run(stage, EXIM, selector=exim.EVERYTHING),
}


def missing() -> str | None:
    """Tell why nothing can run here, or nothing."""
    if os.geteuid() != 0:
        return "needs root, for namespaces and port 25"
    for tool in ("unshare", "ip", "openssl", "postfix", "logrotate"):
        if not shutil.which(tool, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"):
            return f"{tool} is not installed: run tests/live/install.sh"
    if not EXIM.exists():
        return f"{EXIM} does not exist: run tests/live/install.sh"
    if subprocess.run([*UNSHARE, "true"], check=False, capture_output=True).returncode:
        return "unshare is not permitted here"
    return None


def start(server: str, folder: Path) -> subprocess.Popen[bytes]:
    """Start one of SERVERS; when it has ended, its log, its bounces and the far side's record are in the folder."""
    with (folder / "run.out").open("wb") as out:
        return subprocess.Popen(
            [*UNSHARE, sys.executable, "-m", "tests.live.namespace", server, str(folder)],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )


def _prepare(folder: Path) -> Path:
    stage = folder / "stage"
    stage.mkdir()
    _run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", str(stage))
    _run("ip", "link", "set", "lo", "up")
    (stage / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    _run("mount", "--bind", str(stage / "resolv.conf"), "/etc/resolv.conf")
    certificate, key = stage / "certificate.pem", stage / "key.pem"
    files = ["-keyout", str(key), "-out", str(certificate)]
    _run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=mx.test", *files)
    farside.start(stage, certificate, key)
    return stage


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def main(server: str, folder: Path) -> None:
    """Run the server on a stage of its own and keep what it wrote."""
    stage = _prepare(folder)
    log = SERVERS[server](stage)
    shutil.copy(log, folder / "log")
    shutil.copy(stage / "farside.jsonl", folder)
    shutil.copytree(stage / "mail", folder / "mail", dirs_exist_ok=True)


if __name__ == "__main__":
    os.environ["PATH"] = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    main(sys.argv[1], Path(sys.argv[2]))
    sys.stdout.flush()
    os._exit(0)  # the far side's threads have no end
