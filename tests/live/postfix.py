"""Configures a Postfix on the stage, runs the cases through it, and stops it when its queue is empty."""

import json
import os
import shutil
import string
import time
from pathlib import Path

from tests.live import farside, inject
from tests.live.cases import PROBES, cases_for
from tests.live.server import SCRIPT, TEMPLATES, call, wait_for_an_empty_queue


def run(stage: Path, *, long_ids: bool) -> Path:
    """Give the log of a whole run."""
    start(stage, long_ids=long_ids)
    work()
    call("postfix", "stop")
    return stage / "log" / "mail.log"


def start(stage: Path, *, long_ids: bool) -> None:
    """Start one that has nothing to do yet."""
    _configure(stage, long_ids="yes" if long_ids else "no")
    os.environ["MAIL_CONFIG"] = str(stage / "etc")
    call("postfix", "start")


def work() -> None:
    """Run the cases, until its queue is empty."""
    inject.inject(cases_for("postfix"), {"sendmail": ["sendmail"]})
    for address in PROBES:
        inject.submit(["sendmail", "-bv", "-f", "news@sender.test", address], b"")
    time.sleep(4)  # until each message was tried once
    _force_expire("force@sender.test")
    wait_for_an_empty_queue(queue)


def _configure(stage: Path, *, long_ids: str) -> None:
    for name in ("etc", "spool", "data", "mail", "log"):
        (stage / name).mkdir()
    shutil.chown(stage / "data", "postfix")
    shutil.chown(stage / "mail", "nobody", "nogroup")
    (stage / "spool" / "store.sock").symlink_to(stage / "lmtp.sock")  # the log shows the path that Postfix is given
    (stage / "script").write_text(SCRIPT)
    (stage / "postscreen.cidr").write_text("127.0.30.1 reject\n127.0.0.0/8 permit\n")
    words = {
        "stage": stage,
        "long_ids": long_ids,
        "filter_port": farside.FILTER_PORT,
        "reinjection_port": farside.REINJECTION_PORT,
    }
    for name in ("main.cf", "master.cf"):
        (stage / "etc" / name).write_text(string.Template((TEMPLATES / name).read_text()).substitute(words))


def queue() -> list[dict[str, str]]:
    """Return what waits for its next try."""
    return [json.loads(line) for line in call("postqueue", "-j").splitlines()]


def _force_expire(sender: str) -> None:
    for entry in queue():
        if entry["sender"] == sender:
            call("postsuper", "-f", entry["queue_id"])
