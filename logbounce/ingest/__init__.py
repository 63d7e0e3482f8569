"""Log files into rows: follow → parse → load → classify → escalate, one transaction a block."""

from logbounce.ingest.events import events_of
from logbounce.ingest.inspect import inspect, oldest_first, reading_of
from logbounce.ingest.pipeline import Ingested, Pipeline

__all__ = ["Ingested", "Pipeline", "events_of", "inspect", "oldest_first", "reading_of"]
