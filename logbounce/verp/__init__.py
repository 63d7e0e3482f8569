"""Variable envelope return paths: a bounce that comes back to one proves that it is about a message of ours."""

from logbounce.verp.escaping import plain_recipient
from logbounce.verp.token import Key, Proof, Signer, Verdict

__all__ = ["Key", "Proof", "Signer", "Verdict", "plain_recipient"]
