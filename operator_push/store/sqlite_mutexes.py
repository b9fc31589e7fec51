"""SQLite's mutexes: a process whose connections each belong to one thread does without them.

SQLite locks a mutex of the connection around every call, binding a value among them, so that
threads may share it. A `Database` refuses every thread but its own, so there is nothing to guard: the
"multi-thread" mode of https://www.sqlite.org/threadsafe.html is enough. It can only be chosen before the
library is first used, for the whole process; Python's sqlite3 has no word for it.
"""

import ctypes
import sys

_LIBRARY = "libsqlite3.so.0"  # as Python's own module asks the loader for it; the same name is the same copy
_MULTITHREAD = 2  # SQLITE_CONFIG_MULTITHREAD, sqlite3.h
_OK = 0


def leave_out_mutexes() -> bool:
    """Choose the mode without a mutex a connection; False where it is too late or the library is another.

    Everything works as before either way. To be called before anything imports sqlite3.
    """
    if "_sqlite3" in sys.modules:
        return False
    try:
        return bool(ctypes.CDLL(_LIBRARY).sqlite3_config(_MULTITHREAD) == _OK)
    except (OSError, AttributeError):
        return False
