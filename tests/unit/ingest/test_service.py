"""Signals while `tail` is busy with another: a reload undoes no end, and what is followed afterwards is awake."""

from __future__ import annotations

import signal
import socket
from dataclasses import replace
from threading import Thread
from typing import TYPE_CHECKING

import pytest

from logbounce.errors import InputError, LockedError, SettingsError
from logbounce.ingest import Pace, Service, Tail, service, session
from logbounce.ingest.notify import notify
from logbounce.ingest.session import Stopped
from tests.unit.ingest.following import Following, kept_open, message
from tests.unit.ingest.logs import RULES

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from logbounce.rules import Rules
    from logbounce.settings import Settings, Source
    from tests.unit.ingest.state import Memory


class Lab:
    """A service whose signals a test sends by hand, in the middle of anything."""

    def __init__(self, following: Following) -> None:
        self.following = following
        self.during_load: Callable[[], None] = lambda: None
        self.service = Service(self._load, following.said.append, Pace(0.01))

    def run(self) -> Tail | None:
        """Run the service to its end."""
        return self.service.run(self.following.settings, RULES)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal."""
        self.service._heed(number)  # noqa: SLF001 - as the thread does that Python's handler leaves it to

    def _load(self) -> tuple[Settings, Rules]:
        self.during_load()
        return self.following.settings, RULES


@pytest.fixture
def lab(database: Memory, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    kept_open(database.connection, monkeypatch)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    following = Following(database, tmp_path)
    following.append(message(0))
    return Lab(following)


def scripted(monkeypatch: pytest.MonkeyPatch, *acts: Callable[[Tail], None]) -> None:
    """Do one thing before each step."""
    step, turns = Tail.step, iter(acts)

    def acting(tail: Tail) -> int:
        next(turns, lambda _: None)(tail)
        return step(tail)

    monkeypatch.setattr(Tail, "step", acting)


def test_an_end_is_not_undone_by_a_reload(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.during_load = lambda: lab.signal(signal.SIGTERM)
    scripted(monkeypatch, lambda _: lab.signal(signal.SIGHUP))
    assert lab.run() is not None
    assert lab.following.recipients() == ["0"]


@pytest.mark.parametrize(("number", "interrupted"), [(signal.SIGINT, True), (signal.SIGTERM, False)])
def test_an_end_in_mid_batch_stores_what_was_read(
    lab: Lab, monkeypatch: pytest.MonkeyPatch, number: signal.Signals, interrupted: bool  # noqa: FBT001
) -> None:  # fmt: skip
    scripted(monkeypatch, lambda _: lab.signal(number))
    lab.run()
    assert lab.following.recipients() == ["0"]
    assert lab.service.interrupted == interrupted


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_after_a_reload_a_change_still_wakes(lab: Lab, monkeypatch: pytest.MonkeyPatch, bad: bool) -> None:  # noqa: FBT001
    seen: list[bool] = []

    def refuse() -> None:
        raise SettingsError("nonsense")

    def look(tail: Tail) -> None:
        seen.append(tail.wake._ended.is_set())  # noqa: SLF001 - whether its watching was ended
        lab.signal(signal.SIGTERM)

    lab.during_load = refuse if bad else lab.during_load
    scripted(monkeypatch, lambda _: lab.signal(signal.SIGHUP), look)
    lab.run()
    assert seen[0] is False
    assert lab.following.said == [
        "nonsense; the settings and rules stay as they were" if bad else "settings and rules were read again"
    ]


def test_a_reload_loses_nothing_of_what_waits_to_be_stored(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database is held by a reader when the signal comes, and the new settings cannot be used."""
    connected, tries = vars(session)["connect"], iter(range(3))

    def refuse() -> None:
        raise SettingsError("nonsense")

    def held(*given: object, **how: object) -> object:
        if lab.service._tail and next(tries, None) is not None:  # noqa: SLF001 - the first is for its start
            lab.signal(signal.SIGHUP)
            raise LockedError("held")
        return connected(*given, **how)

    lab.during_load = refuse
    monkeypatch.setattr(session, "connect", held)
    monkeypatch.setattr(session, "_PAUSE_SECONDS", 0.001)
    scripted(monkeypatch, lambda _: None, lambda _: lab.signal(signal.SIGTERM))
    lab.run()
    assert lab.following.recipients() == ["0"]


def test_an_end_before_it_began(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object, **__: object) -> Tail:
        raise Stopped

    monkeypatch.setattr(service, "Tail", stopped)
    assert lab.run() is None


def test_settings_that_cannot_be_followed_leave_nothing_running(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each reload would have left a journalctl behind."""
    closed: list[str] = []
    configured = Tail._configured  # noqa: SLF001 - one source after the other

    def follow(tail: Tail, source: Source) -> object:
        if source.name == "bad":
            raise InputError("bad: cannot be followed")
        made = configured(tail, source)
        close = made.close

        def noted() -> None:
            closed.append(source.name)
            close()

        monkeypatch.setattr(made, "close", noted)
        return made

    good = lab.following.settings.sources[0]
    sources = (replace(good, name="first"), replace(good, name="bad"))
    monkeypatch.setattr(Tail, "_configured", follow)
    monkeypatch.setattr(lab, "_load", lambda: (replace(lab.following.settings, sources=sources), RULES))
    lab.service.load = lab._load  # noqa: SLF001 - what the service reads again
    scripted(monkeypatch, lambda _: lab.signal(signal.SIGHUP), lambda _: lab.signal(signal.SIGTERM))
    lab.run()
    assert closed == ["first", "mx1"]
    assert lab.following.said == ["bad: cannot be followed; the settings and rules stay as they were"]


def test_a_signal_that_comes_while_an_event_is_waited_for_does_not_wait_for_its_lock(lab: Lab) -> None:
    handler = Thread(target=lab.service._signalled, args=(signal.SIGTERM, None), daemon=True)  # noqa: SLF001
    with lab.service._stop._cond:  # type: ignore[attr-defined]  # noqa: SLF001 - as in Event.wait(), where a handler can run
        handler.start()
        handler.join(10)
        assert not handler.is_alive()


def test_a_manager_that_reads_nothing_holds_nobody_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))

        def tell() -> None:
            for _ in range(2_000):
                notify("WATCHDOG=1")

        told = Thread(target=tell, daemon=True)
        told.start()
        told.join(30)
        assert not told.is_alive()
