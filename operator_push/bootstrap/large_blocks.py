"""Large blocks of memory: taken from the kernel one by one, and given back as soon as they are free.

What a server remembers of finished messages turns over every some hundred thousand messages: tables of 4 to
10 MiB go, and others grow in their place. glibc raises the size from which a block gets a mapping of its own
to that of the largest one freed, up to 32 MiB; such tables come to lie in the heap then, amid small blocks,
and their places stay in the process. A size that is set is not raised (mallopt(3), M_MMAP_THRESHOLD).
"""

import ctypes

OWN_MAPPING_OCTETS = 1 << 20  # Ours: buffers of sockets and pages stay below, tables that turn over are above
_M_MMAP_THRESHOLD = -3  # malloc.h


def return_large_blocks() -> bool:
    """Set it for this process; False where the C library is another. All works as before either way."""
    try:
        return bool(ctypes.CDLL(None).mallopt(_M_MMAP_THRESHOLD, OWN_MAPPING_OCTETS))
    except (OSError, AttributeError):
        return False
