"""What a database's own errors mean to us: wrong for good (OperatorError) or for now (ResourceError).

Anything else (a broken key, a wrong statement) is passed through: it is ours to mend.
"""

import sqlite3

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.exc import DBAPIError

from operator_push.kernel.errors import OperatorError, ResourceError

# Primary result codes of https://www.sqlite.org/rescode.html, with what they mean to a person.
_SQLITE_FOR_NOW = {
    5: "is locked by another process",  # SQLITE_BUSY
    6: "is locked by another connection",  # SQLITE_LOCKED
    7: "has no memory left",  # SQLITE_NOMEM
    10: "cannot be read or written (disk error)",  # SQLITE_IOERR
    13: "cannot grow: the disk is full",  # SQLITE_FULL
}
_SQLITE_READONLY = 8  # in a transaction that only reads: a mistake of ours, not of the operator
_SQLITE_DAMAGED = (11, 26)  # SQLITE_CORRUPT, SQLITE_NOTADB
_SQLITE_FOR_GOOD = {
    _SQLITE_READONLY: "is read-only for us",
    11: "is damaged",  # SQLITE_CORRUPT
    14: "cannot be opened",  # SQLITE_CANTOPEN
    26: "is not an SQLite database",  # SQLITE_NOTADB
}

# SQLSTATE classes (PostgreSQL documentation, appendix A): connection lost, resources, operator intervention
# (restart), system error, transaction rolled back (deadlock, serialization).
_POSTGRESQL_FOR_NOW = ("08", "53", "57", "58", "40")
_POSTGRESQL_FOR_GOOD = {
    "28": "refuses the login",
    "3D": "has no such database",
    "42501": "refuses us the right",
}

POSTGRESQL_CONNECT_ERRORS = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, DBAPIError)


class DamagedStoreError(OperatorError):
    """The file of the store holds what SQLite cannot read: restore a backup, and look at the disk."""


def sqlite_error(error: DBAPIError | sqlite3.Error, shown_url: str, writes: bool) -> Exception:
    """The error to raise in place of an SQLite error; the same one where it is neither."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF  # the low octet is the primary code
    if code in _SQLITE_FOR_NOW:
        return ResourceError(f"{shown_url} {_SQLITE_FOR_NOW[code]}")
    if code in _SQLITE_FOR_GOOD and (writes or code != _SQLITE_READONLY):
        kind = DamagedStoreError if code in _SQLITE_DAMAGED else OperatorError
        return kind(f"{shown_url} {_SQLITE_FOR_GOOD[code]}")
    return error


def postgresql_error(error: DBAPIError | ConnectionError, shown_url: str) -> Exception:
    """The error to raise in place of an error inside a transaction."""
    if isinstance(error, ConnectionError) or error.connection_invalidated:
        return ResourceError(f"{shown_url}: the connection to PostgreSQL is lost")
    return _by_sqlstate(error, error.orig, shown_url)


def postgresql_connect_error(error: Exception, shown_url: str) -> Exception:
    """The error to raise where no connection could be made."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, OSError):  # TimeoutError is one
        return ResourceError(f"{shown_url}: PostgreSQL does not answer ({cause or type(cause).__name__})")
    return _by_sqlstate(error, cause, shown_url)


def _by_sqlstate(error: Exception, cause: object, shown_url: str) -> Exception:
    sqlstate = str(getattr(cause, "sqlstate", None) or "")
    for prefix, meaning in _POSTGRESQL_FOR_GOOD.items():
        if sqlstate.startswith(prefix):
            return OperatorError(f"{shown_url}: PostgreSQL {meaning} ({cause})")
    if sqlstate.startswith(_POSTGRESQL_FOR_NOW):
        return ResourceError(f"{shown_url}: PostgreSQL cannot do it now ({cause})")
    return error
