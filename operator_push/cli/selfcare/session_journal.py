"""The session journal: which browsers were signed in, so that a restart of the pages asks nobody in again.

One file of lines. Of a session stand there the hash of its secret, a keyed digest of the number, when it
began and was used, and the session itself, sealed with a key that is made of the secret: only the browser
that comes back with its cookie opens it, and the file alone tells neither numbers nor what they prove. Lines
of sessions that have ended are left out when the file is opened, and when it has grown long.
"""

import hashlib
import os
from base64 import b64decode, b64encode
from collections import OrderedDict
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from operator_push.services.enter_selfcare import SESSION_WHOLE_US, SESSIONS_MAX, Session

SESSIONS_FILE = "selfcare-sessions.log"
USED_EVERY_US = 60_000_000  # Ours: how exactly a restart knows when a session was last used
LINES_MAX = 4 * SESSIONS_MAX  # Ours: a longer file is written anew
_NONCE = bytes(12)  # each key seals one session
_BEGUN, _USED, _ENDED, _LEFT = "begun", "used", "ended", "left"


class _Line(msgspec.Struct, array_like=True):
    what: str
    name: str  # the hash of a secret; of _LEFT the digest of a number
    at_us: int = 0
    number: str = ""  # digest
    sealed: str = ""
    used_us: int = 0


class SessionJournal:
    """One file of one self-care program; called by one thread at a time."""

    def __init__(self, path: Path, name_of: Callable[[str], str], clock: Callable[[], int]) -> None:
        """`name_of`: a number's keyed digest; `clock`: the moment in microseconds.

        Raises:
            OSError: the file cannot be written.
        """
        self._path = path
        self._name_of = name_of
        self._clock = clock
        self._noted_us: dict[str, int] = {}  # when the use of an open session was written last
        self._before = self._tidy()

    def open(self, secret: str, session: Session) -> None:
        """A browser has signed in."""
        name = _name(secret)
        self._noted_us[name] = session.used_us
        self._write(self._line_of(name, secret, session))

    def use(self, secret: str, now_us: int) -> None:
        """A page was asked for."""
        name = _name(secret)
        if now_us - self._noted_us.get(name, 0) >= USED_EVERY_US:
            self._noted_us[name] = now_us
            self._write(_Line(_USED, name, now_us))

    def end(self, secret: str) -> None:
        """A session is over."""
        name = _name(secret)
        self._before.pop(name, None)
        self._noted_us.pop(name, None)
        self._write(_Line(_ENDED, name))

    def end_all_of(self, msisdn: str) -> None:
        """Every session of a number is over."""
        number = self._name_of(msisdn)
        for name in [name for name, each in self._before.items() if each.number == number]:
            del self._before[name]
        self._write(_Line(_LEFT, number))

    def revive(self, secret: str) -> Session | None:
        """The session of this secret that was open when the program ended; once."""
        line = self._before.pop(_name(secret), None)
        if line is None:
            return None
        try:
            session = msgspec.json.decode(
                ChaCha20Poly1305(_key(secret)).decrypt(_NONCE, b64decode(line.sealed), None), type=Session
            )
        except (InvalidTag, ValueError):
            return None
        session.used_us = max(session.used_us, line.used_us)
        return session

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _line_of(self, name: str, secret: str, session: Session) -> _Line:
        sealed = ChaCha20Poly1305(_key(secret)).encrypt(_NONCE, msgspec.json.encode(session), None)
        number = self._name_of(session.person.msisdn)
        return _Line(_BEGUN, name, session.began_us, number, b64encode(sealed).decode(), session.used_us)

    def _write(self, line: _Line) -> None:
        if self._lines >= LINES_MAX:
            self._file.close()
            self._tidy()
        self._lines += 1
        self._file.write(msgspec.json.encode(line).decode() + "\n")

    def _tidy(self) -> "OrderedDict[str, _Line]":
        """Write the file anew with what is open, and give that."""
        now_us = self._clock()
        is_open: OrderedDict[str, _Line] = OrderedDict()
        for line in _read(self._path):
            if line.what == _BEGUN and line.at_us + SESSION_WHOLE_US > now_us:
                is_open[line.name] = line
            elif line.what == _USED and line.name in is_open:
                is_open[line.name].used_us = line.at_us
            elif line.what == _ENDED:
                is_open.pop(line.name, None)
            elif line.what == _LEFT:
                for name in [name for name, each in is_open.items() if each.number == line.name]:
                    del is_open[name]
        while len(is_open) > SESSIONS_MAX:
            is_open.popitem(last=False)
        fresh = self._path.with_suffix(".new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(msgspec.json.encode(line).decode() + "\n" for line in is_open.values())
        fresh.replace(self._path)
        self._lines = len(is_open)
        self._noted_us = {name: at_us for name, at_us in self._noted_us.items() if name in is_open}
        self._file = self._path.open("a", encoding="ascii", buffering=1)
        return is_open


def _name(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(secret: str) -> bytes:
    return hashlib.sha256(b"self-care session\0" + secret.encode()).digest()


def _read(path: Path) -> Iterator[_Line]:
    """Its lines; one that a crash cut off is passed over."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield msgspec.json.decode(line, type=_Line)
        except msgspec.DecodeError:
            continue
