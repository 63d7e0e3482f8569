delete from sources
where format = $format and fingerprint = $fingerprint and fingerprint_length = $fingerprint_length and position = $position and tail_fingerprint = $tail_fingerprint
