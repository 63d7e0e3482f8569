"""Other rules for what is stored: applied as a version, taken back, or only tried."""

from logbounce.revise.replay import Replay, Row, replay
from logbounce.revise.unapplied import Unapplied, unapplied
from logbounce.revise.versions import Revision, VersionError, apply, undo

__all__ = ["Replay", "Revision", "Row", "Unapplied", "VersionError", "apply", "replay", "unapplied", "undo"]
