"""logbounce: mail server logs in, bounces and their reasons out."""

__version__ = "0.1.0"
