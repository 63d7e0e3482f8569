"""A Postfix for a minute, its log rotated by logrotate, while `logbounce tail` reads it and is killed at random."""

import gzip
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.faults.rotation import Logrotate
from tests.live import inject, postfix
from tests.live.cases import steady
from tests.live.server import call, wait_for_an_empty_queue

ROOT = Path(__file__).parents[2]
SECONDS = 60
ROTATE_SECONDS = 5
LIFE_SECONDS = (0.3, 3.0)
PAUSE_SECONDS = 0.3
MISSING = b"is not there"  # between logrotate's rename and the first line that Postfix writes after it


def run(stage: Path) -> Path:
    """Give all that was logged; the database and what was done are left beside the stage."""
    log, folder = stage / "log" / "mail.log", stage.parent
    settings = folder / "logbounce.yaml"
    settings.write_text(
        f"database: {folder}/followed.duckdb\nsources:\n  - {{name: mx1, format: postfix, path: {log}}}\n"
    )
    settings.chmod(0o600)
    postfix.start(stage, long_ids=True)
    inject.wait_for_the_server()
    end = time.monotonic() + SECONDS
    with ExitStack() as stack:
        kills = stack.enter_context(repeated(lambda: _live_and_die(settings)))
        logrotate = Logrotate(log, "nocreate", "compress", "delaycompress")
        rotations = stack.enter_context(repeated(lambda: _rotate(logrotate)))
        with repeated(_send_steadily()) as sent:
            postfix.work()
            time.sleep(max(0, end - time.monotonic()))
        wait_for_an_empty_queue(postfix.queue)
    call("postfix", "stop")
    final = subprocess.run(_tail(settings, "--once"), cwd=ROOT, capture_output=True, text=True, check=False)
    facts = {
        "kills": kills[0],
        "rotations": rotations[0],
        "sent": sent[0],
        "code": final.returncode,
        "said": final.stderr,
    }
    (folder / "facts.json").write_text(json.dumps(facts))
    return _whole(log)


@contextmanager
def repeated(work: Callable[[], None]) -> Iterator[list[int]]:
    """Do some work again and again in a thread; yield how often it was done, as the only element of a list."""
    done, stopped, failed = [0], threading.Event(), []

    def repeat() -> None:
        try:
            while not stopped.is_set():
                work()
                done[0] += 1
        except Exception as error:  # noqa: BLE001 - raised again in the thread that waits
            failed.append(error)

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    yield done
    stopped.set()
    thread.join()
    if failed:
        raise failed[0]


def _send_steadily() -> Callable[[], None]:
    numbers = itertools.count()

    def send() -> None:
        inject.send(steady(next(numbers)))
        time.sleep(PAUSE_SECONDS)

    return send


def _tail(settings: Path, *flags: str) -> list[str]:
    return [sys.executable, "-m", "logbounce", "tail", "--config", str(settings), *flags]


def _live_and_die(settings: Path) -> None:
    with subprocess.Popen(_tail(settings, "--commit-seconds", "0.1"), cwd=ROOT, stderr=subprocess.PIPE) as process:
        time.sleep(random.uniform(*LIFE_SECONDS))  # noqa: S311 - any moment will do
        ended = process.poll()
        process.kill()
        said = process.stderr.read() if process.stderr else b""
    unexpected = [line for line in said.splitlines() if MISSING not in line]
    if ended is not None or unexpected:
        raise RuntimeError(f"tail ended with {ended} and said: {said.decode()}")


def _rotate(logrotate: Logrotate) -> None:
    """Rotate; a little later have Postfix open its log again.

    Not by `postfix reload`, which begins every delivery again: in this process namespace there is one postlogd, and
    master starts it anew.
    """
    time.sleep(ROTATE_SECONDS)
    logrotate.rotate()
    time.sleep(random.random())  # noqa: S311 - any moment will do
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with suppress(ProcessLookupError, FileNotFoundError):
            if comm.read_text() == "postlogd\n":
                os.kill(int(comm.parent.name), signal.SIGTERM)


def _whole(log: Path) -> Path:
    """Put the generations together again."""
    names = (log.with_name(f"mail.log.{number}{end}") for number in range(40, 0, -1) for end in (".gz", ""))
    copies = [path for path in names if path.exists()]
    whole = log.with_name("whole.log")
    with whole.open("wb") as file:
        for path in (*copies, log):
            data = path.read_bytes()
            file.write(gzip.decompress(data) if path.suffix == ".gz" else data)
    return whole
