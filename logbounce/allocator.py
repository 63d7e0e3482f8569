"""Bounds memory: the work of a block takes and frees some hundred megabytes, and allocators would keep most of them."""

from __future__ import annotations

import ctypes
import os
from functools import cache

# mallopt(3); their numbers are those of glibc's <malloc.h>
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8


def one_arena() -> None:
    """Have DuckDB's allocator (jemalloc, "narenas") keep one store of freed memory and not four a core.

    Of an ingest that is 20 MB and no time, since the work of a thread waits for no other's. DuckDB reads it when it is
    first imported, so this comes before.
    """
    os.environ.setdefault("DUCKDB_JE_MALLOC_CONF", "narenas:1")


def few_pools(mapped: int) -> None:
    """Have pyarrow and the C library share what is freed, and map pieces of `mapped` bytes and more one by one.

    What is mapped goes back to the system when it is freed, and each of its pages costs a fault when it comes again:
    from 64 KiB on, that is a tenth of the time of an ingest; from 2 MB on, 20 MB more.
    """
    import pyarrow as pa  # noqa: PLC0415 - it takes 0.1 s to import

    pa.set_memory_pool(pa.system_memory_pool())
    if hasattr(_libc(), "mallopt"):
        _libc().mallopt(_M_MMAP_THRESHOLD, mapped)
        _libc().mallopt(_M_TRIM_THRESHOLD, 4 * mapped)
        _libc().mallopt(_M_ARENA_MAX, 2)


def give_back() -> None:
    """Return to the system what is free (malloc_trim(3)); where the C library is not glibc, its own ways stand."""
    if hasattr(_libc(), "malloc_trim"):
        _libc().malloc_trim(0)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None)
