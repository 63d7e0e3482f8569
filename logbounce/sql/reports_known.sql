-- Messages that need not be fetched again: they were read, or could not be read too often.
select entry, size_bytes, kind, error, settled, sha256
from report_messages
where source_name = $source_name and (error is null or quarantined)
