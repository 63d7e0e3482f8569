"""What is not to be kept any longer: what is old, and what is of a person who asks to be forgotten."""

from logbounce.erase.counting import Erased
from logbounce.erase.forget import forget
from logbounce.erase.keeping import cutoff
from logbounce.erase.purge import purge

__all__ = ["Erased", "cutoff", "forget", "purge"]
