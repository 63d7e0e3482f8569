"""logbounce.yaml, the environment and the flags, as one frozen object."""

from logbounce.settings.model import Settings, Source, Verp
from logbounce.settings.reading import load

__all__ = ["Settings", "Source", "Verp", "load"]
