delete from sources
where fingerprint = $fingerprint and fingerprint_length = $fingerprint_length and position = $position and tail_fingerprint = $tail_fingerprint
