"""What is not to be kept any longer: what is old, and what is of a person who asks to be forgotten."""

from logbounce.erase.age import purge
from logbounce.erase.counting import Erased
from logbounce.erase.keeping import cutoff
from logbounce.erase.person import forget

__all__ = ["Erased", "cutoff", "forget", "purge"]
