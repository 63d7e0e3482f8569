"""Log files to blocks of whole lines."""

from logbounce.follow.blocks import Block, blocks
from logbounce.follow.files import LogFile, open_log

__all__ = ["Block", "LogFile", "blocks", "open_log"]
