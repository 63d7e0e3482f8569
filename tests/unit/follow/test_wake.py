"""Whoever waits is woken by a change of a log, and by nothing that happens to other files."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from watchfiles import watch

from logbounce.follow import wake as module
from logbounce.follow.wake import Wake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchfiles import Change

LONG = 60.0  # nobody waits so long
SHORT = 0.2


@pytest.fixture
def wake() -> Iterator[Wake]:
    wake = Wake()
    yield wake
    wake.close()


def woken(wake: Wake, seconds: float) -> bool:
    """Tell whether a wait ended before its time."""
    began = time.monotonic()
    wake.wait(seconds)
    return time.monotonic() - began < seconds


def watching(wake: Wake, pattern: str, touched: Path) -> None:
    """Watch, and wait until a change is seen: the watch begins in a thread of its own."""
    wake.watch([pattern])
    for _ in range(1000):
        touched.write_text("begin\n")
        if woken(wake, 0.05):
            break
    else:
        pytest.fail("no change was seen")
    while woken(wake, SHORT):
        pass


@pytest.mark.parametrize("name", ["mail.log", "acct-*.csv", "acct-?.csv", "acct-[0-9].csv"])
def test_a_change_of_a_log_wakes(wake: Wake, tmp_path: Path, name: str) -> None:
    log = tmp_path / ("mail.log" if name == "mail.log" else "acct-1.csv")
    log.touch()
    watching(wake, str(tmp_path / name), log)
    log.write_text("more\n")
    assert woken(wake, LONG)


CHANGES: dict[str, Callable[[Path], object]] = {
    "rotated": lambda log: log.rename(f"{log}.1"),
    "made anew": lambda log: log.with_name("new").replace(log),
    "compressed": lambda log: log.with_name("mail.log.1.gz").touch(),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_rotation_wakes(wake: Wake, tmp_path: Path, change: str) -> None:
    (tmp_path / "new").touch()
    watching(wake, str(tmp_path / "mail.log"), tmp_path / "mail.log")
    CHANGES[change](tmp_path / "mail.log")
    assert woken(wake, LONG)


def test_other_files_of_the_folder_do_not(wake: Wake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("logbounce.duckdb", "syslog", "mail.err")
    judged: dict[str, bool] = {}

    def watched(*folders: str, watch_filter: Callable[[Change, str], bool], **more: Any) -> Iterator[object]:  # noqa: ANN401
        def noted(change: Change, path: str) -> bool:
            judged[Path(path).name] = watch_filter(change, path)
            return judged[Path(path).name]

        return watch(*folders, watch_filter=noted, **more)

    monkeypatch.setattr(module, "watch", watched)
    watching(wake, str(tmp_path / "mail.log"), tmp_path / "mail.log")
    for name in names:
        (tmp_path / name).write_text("other\n")
    deadline = time.monotonic() + LONG
    while not judged.keys() >= set(names):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert judged == dict.fromkeys(names, False) | {"mail.log": True}


def test_a_call_wakes_whoever_waits_or_waits_next(wake: Wake) -> None:
    wake.up()
    assert woken(wake, LONG)
    assert not woken(wake, 0.01)


@pytest.mark.parametrize("folder", ["none", "*"])
def test_a_folder_that_is_not_there_is_polled(wake: Wake, tmp_path: Path, folder: str) -> None:
    wake.watch([str(tmp_path / folder / "mail.log")])
    assert not woken(wake, 0.01)


def test_without_inotify_it_polls(wake: Wake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def refused(*folders: str, **_: object) -> list[object]:
        asked.append(folders)
        raise OSError(28, "inotify watch limit reached")

    monkeypatch.setattr(module, "watch", refused)
    wake.watch([str(tmp_path / "mail.log")])
    (tmp_path / "mail.log").touch()
    assert not woken(wake, 0.05)
    assert asked == [(str(tmp_path),)]
