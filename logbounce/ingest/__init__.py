"""Log files into rows: follow → parse → load → classify → escalate, one transaction a block."""

from logbounce.ingest.checkpoint import Checkpoint
from logbounce.ingest.inspect import inspect, oldest_first, reading_of
from logbounce.ingest.pipeline import Ingested, Pipeline

__all__ = ["Checkpoint", "Ingested", "Pipeline", "inspect", "oldest_first", "reading_of"]
