"""The wall clock of the gateway, read once per chunk and handed on as an argument."""

import time


def now_us() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1000
