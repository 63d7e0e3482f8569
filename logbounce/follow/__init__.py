"""Log files to blocks of whole lines."""

from logbounce.follow.blocks import Block, blocks
from logbounce.follow.files import LogFile, open_log
from logbounce.follow.follower import Followed, Follower
from logbounce.follow.mark import digest, resume

__all__ = ["Block", "Followed", "Follower", "LogFile", "blocks", "digest", "open_log", "resume"]
