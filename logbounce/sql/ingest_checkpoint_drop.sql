delete from sources where fingerprint = $fingerprint and fingerprint_length = $fingerprint_length
