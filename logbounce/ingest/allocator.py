"""Gives memory back: a block's work takes and frees some hundred megabytes, and glibc would keep most of them."""

from __future__ import annotations

import ctypes

import pyarrow as pa

# mallopt(3); their numbers are those of glibc's <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def give_back() -> None:
    """Have what is freed returned to the system; where the C library is not glibc, its own ways stand."""
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, 64 * 1024)
    mallopt(_M_TRIM_THRESHOLD, 256 * 1024)
    mallopt(_M_ARENA_MAX, 2)
