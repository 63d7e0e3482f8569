"""Log files into rows: follow → parse → load → classify → escalate, one transaction a block."""

from logbounce.ingest.committed import Committed
from logbounce.ingest.events import events_of
from logbounce.ingest.fetching import Round, fetch_mailbox
from logbounce.ingest.inspect import inspect, oldest_first, reading_of
from logbounce.ingest.message_files import is_message
from logbounce.ingest.messages import classify_records, events_of_messages
from logbounce.ingest.pipeline import Ingested, Pipeline
from logbounce.ingest.pygtail_offset import take_over
from logbounce.ingest.service import Service
from logbounce.ingest.session import Sessions
from logbounce.ingest.tail import Pace, Tail

__all__ = [
    "Committed",
    "Ingested",
    "Pace",
    "Pipeline",
    "Round",
    "Service",
    "Sessions",
    "Tail",
    "classify_records",
    "events_of",
    "events_of_messages",
    "fetch_mailbox",
    "inspect",
    "is_message",
    "oldest_first",
    "reading_of",
    "take_over",
]
