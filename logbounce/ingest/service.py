"""Runs `Tail` as a service: signals, and new settings without an end."""

from __future__ import annotations

import signal
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING

from logbounce.errors import LogbounceError, SettingsError
from logbounce.follow.wake import Wake
from logbounce.ingest.notify import notify
from logbounce.ingest.tail import Pace, Tail

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from logbounce.rules import Rules
    from logbounce.settings import Settings


@dataclass
class Service:
    """Follows the sources of the settings, or standard input where `confirm` is given (see Tail)."""

    load: Callable[[], tuple[Settings, Rules]]
    say: Callable[[str], None]
    pace: Pace = field(default_factory=Pace)
    once: bool = False
    wanted: str | None = None  # the format of standard input
    confirm: Callable[[int], None] | None = None
    interrupted: bool = False  # by SIGINT
    _stop: Event = field(default_factory=Event)
    _wake: Wake = field(default_factory=Wake)
    _reload: bool = False

    def run(self, settings: Settings, rules: Rules) -> Tail:
        """Follow until told to stop; return what was followed last."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._signalled)
        tail = self._make(settings, rules)
        notify("READY=1")
        try:
            tail.run()
            while self._reload:
                tail = self._renewed(tail)
                tail.run()
        finally:
            notify("STOPPING=1")
            tail.close()
            self._wake.close()
        return tail

    def _make(self, settings: Settings, rules: Rules) -> Tail:
        tail = Tail(settings, rules, self.say, self.pace, once=self.once, stop=self._stop, wake=self._wake)
        if self.confirm:
            tail.follow_standard_input(self.wanted, self.confirm)
        else:
            tail.follow_configured()
        return tail

    def _renewed(self, tail: Tail) -> Tail:
        """Return what new settings and rules say is to be followed; the same as before if they cannot be used."""
        notify("RELOADING=1")
        self._reload = False
        self._stop.clear()
        try:
            if self.confirm:
                raise SettingsError("standard input is read: start again to use new settings")
            settings, rules = self.load()
            if settings.database != tail.settings.database:
                raise SettingsError(f"{settings.database}: another database: start again to use it")
            renewed = self._make(settings, rules)
        except LogbounceError as error:
            self.say(f"{error}; the settings and rules stay as they were")
        else:
            tail.close()
            tail = renewed
            self.say("settings and rules were read again")
        notify("READY=1")
        return tail

    def _signalled(self, number: int, _: FrameType | None) -> None:
        self._reload = number == signal.SIGHUP and not self.once
        self.interrupted = number == signal.SIGINT
        self._stop.set()
        self._wake.up()
