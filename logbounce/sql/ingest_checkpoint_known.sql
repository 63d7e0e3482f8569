select
    source_name, path, format, carrier, device, inode, fingerprint, fingerprint_length, tail_fingerprint, tail_length,
    position, provisional, size_bytes, lines_read, attempts, noise, unparsed, first_time, last_time, finished, cursor
from sources
order by fingerprint_length desc, position desc
