"""Gives memory back: a block's work takes and frees some hundred megabytes, and allocators would keep most of them."""

from __future__ import annotations

import ctypes
import os

# mallopt(3); their numbers are those of glibc's <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def one_arena() -> None:
    """Have DuckDB's allocator (jemalloc, "narenas") keep one store of freed memory and not four a core.

    Of an ingest that is 20 MB and no time, since the work of a thread waits for no other's. DuckDB reads it when it is
    first imported, so this comes before.
    """
    os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "narenas:1")


def give_back() -> None:
    """Have what is freed returned to the system; where the C library is not glibc, its own ways stand."""
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.1 s to import

    pa.set_memory_pool(pa.system_memory_pool())
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, 64 * 1024)
    mallopt(_M_TRIM_THRESHOLD, 256 * 1024)
    mallopt(_M_ARENA_MAX, 2)
