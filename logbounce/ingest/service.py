"""Runs `Tail` as a service: signals, and new settings without an end."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Event, Thread
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError, SettingsError
from logbounce.ingest.notify import notify
from logbounce.ingest.session import Stopped
from logbounce.ingest.tail import Pace, Tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from logbounce.ingest.committed import Committed
    from logbounce.rules import Rules
    from logbounce.settings import Settings


@dataclass
class Service:
    """Follows the sources of the settings, or standard input where `confirm` is given (see Tail).

    `tell` gets what each commit stored.
    """

    load: Callable[[], tuple[Settings, Rules]]
    say: Callable[[str], None]
    pace: Pace = field(default_factory=Pace)
    once: bool = False
    wanted: str | None = None  # the format of standard input
    confirm: Callable[[int], None] | None = None
    tell: Callable[[Committed], None] | None = None
    interrupted: bool = False  # by SIGINT
    _stop: Event = field(default_factory=Event)  # never cleared: a reload must not undo it
    _reload: Event = field(default_factory=Event)
    _signals: SimpleQueue[int] = field(default_factory=SimpleQueue)
    _tail: Tail | None = None

    def run(self, settings: Settings, rules: Rules) -> Tail | None:
        """Follow until told to stop; return what was followed last, None if it was told so before it began."""
        Thread(target=self._listen, name="signals", daemon=True).start()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        try:
            tail = self._tail = self._make(settings, rules)
        except Stopped:  # while it waited for the database
            return None
        notify("READY=1")
        try:
            while tail.run():
                tail = self._tail = self._renewed(tail)
        finally:
            notify("STOPPING=1")
            tail.close()
        return tail

    def _make(self, settings: Settings, rules: Rules) -> Tail:
        tail = Tail(
            settings, rules, self.say, self.pace, self.once, stop=self._stop, reload=self._reload, tell=self.tell
        )
        try:
            if self.confirm:
                tail.follow_standard_input(self.wanted, self.confirm)
            else:
                tail.follow_configured()
        except BaseException:
            tail.close()  # of several sources, those before the one that cannot be followed have begun
            raise
        return tail

    def _renewed(self, tail: Tail) -> Tail:
        """Return what new settings and rules say is to be followed; the same as before if they cannot be used."""
        notify("RELOADING=1")
        self._reload.clear()
        try:
            if self.confirm:
                raise SettingsError("standard input is read: start again to use new settings")
            settings, rules = self.load()
            if settings.database != tail.settings.database:
                raise SettingsError(f"{settings.database}: another database: start again to use it")
            renewed = self._make(settings, rules)
        except Stopped:
            return tail
        except LogbounceError as error:
            self.say(f"{error}; the settings and rules stay as they were")
        else:
            tail.close()
            tail = renewed
            self.say("settings and rules were read again")
        notify("READY=1")
        return tail

    def _signalled(self, number: int, _: FrameType | None) -> None:
        """Leave it to a thread: this one may be at an event's wait(), and hold the lock that its set() takes."""
        self._signals.put(number)  # which may interrupt itself (queue.SimpleQueue)

    def _listen(self) -> None:
        while True:
            self._heed(self._signals.get())

    def _heed(self, number: int) -> None:
        if number == signal.SIGHUP:
            self._reload.set()  # with --once, settings are read at each start
        else:
            self.interrupted = number == signal.SIGINT
            self._stop.set()
        if self._tail:
            self._tail.wake.up()
