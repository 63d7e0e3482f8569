"""How things stand: what has been read, what is wrong, and what mends it."""
