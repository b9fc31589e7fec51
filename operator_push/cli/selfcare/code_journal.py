"""The code journal: when codes were asked for, so that a restart of the pages resets no limit.

A line is a keyed digest of the number and a moment in microseconds; what is older than a day is left out when
the file is opened. Each line is handed to the system before the code is sent; a crash of the machine may lose
the last ones. Nothing here tells a number without the key.
"""

import hashlib
import hmac
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

JOURNAL_FILE = "selfcare-codes.log"
KEY_FILE = "secrets/selfcare.key"
DAY_US = 86_400_000_000
LINES_MAX = 100_000  # Ours: as many keys as a rate window holds; the oldest give way
_DIGEST_CHARACTERS = 32
_KEY_OCTETS = 32


class CodeJournal:
    """One file of one self-care program."""

    def __init__(self, path: Path, key: bytes, now_us: int) -> None:
        """Raises: OSError: the file cannot be written."""
        self._key = key
        self._kept = [each for each in _read(path) if each[1] > now_us - DAY_US][-LINES_MAX:]
        fresh = path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.writelines(f"{name} {at_us}\n" for name, at_us in self._kept)
        fresh.chmod(0o600)
        fresh.replace(path)
        self._file = path.open("a", encoding="ascii", buffering=1)

    def name_of(self, msisdn: str) -> str:
        """See services.enter_selfcare.Noted."""
        digest = hmac.new(self._key, b"self-care code " + msisdn.encode(), hashlib.sha256)
        return digest.hexdigest()[:_DIGEST_CHARACTERS]

    def lately(self, now_us: int) -> Iterator[tuple[str, int]]:
        """See services.enter_selfcare.Noted."""
        return (each for each in self._kept if each[1] <= now_us)

    def note(self, name: str, now_us: int) -> None:
        """See services.enter_selfcare.Noted."""
        self._file.write(f"{name} {now_us}\n")

    def close(self) -> None:
        """Close the file."""
        self._file.close()


def kept_key(path: Path) -> bytes:
    """The key of the digests; made the first time, hexadecimal text, for its owner only.

    Raises:
        OSError: it can be neither read nor made.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(_KEY_OCTETS) + "\n")
    return path.read_text().strip().encode()


def _read(path: Path) -> Iterator[tuple[str, int]]:
    """Its lines; one that a crash cut off is passed over."""
    try:
        lines = path.read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        name, _, at_us = line.partition(" ")
        if len(name) == _DIGEST_CHARACTERS and at_us.isdecimal():
            yield name, int(at_us)
