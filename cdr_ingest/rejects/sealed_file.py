"""Sealed file: rejected records with their octets, encrypted, appended frame by frame.

A frame is its length (4 octets, big-endian), a nonce of 12 octets and AES-256-GCM (NIST SP 800-38D) over
deflated MessagePack: a list of SealedReject. Whoever may read it has the pseudonym key.
"""

import hashlib
import hmac
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from operator_push.kernel.errors import OperatorError

_NONCE_OCTETS = 12
_FRAME_OCTETS = 1024 * 1024  # Ours: so much of records waits in memory before it is sealed
OWNER_ONLY = 0o600


class SealedReject(msgspec.Struct, array_like=True, frozen=True):
    """A rejected record as it came.

    `name` is the file's, with that of the archive's member; `header` the octets that must stand before its
    records for these to be read alone. `file_id` is that of the run which staged it.
    """

    content_sha256: str
    kind: str
    name: str
    line_no: int
    reason: str
    detail: str
    octets: bytes
    is_text: bool
    header: bytes
    file_id: int


def seal_key(pseudonym_key: bytes) -> bytes:
    """The key of 32 octets that seals rejects; it opens nothing else."""
    return hmac.digest(pseudonym_key, b"reject seal", hashlib.sha256)


class SealedWriter:
    """Appends to a sealed file; `seal` gives a nonce and is os.urandom outside tests."""

    def __init__(self, path: Path, key: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        self._file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, OWNER_ONLY), "ab")
        self._cipher = AESGCM(key)
        self._random = random
        self._waiting: list[SealedReject] = []
        self._waiting_octets = 0
        self.count = 0

    def add(self, rejects: Iterable[SealedReject]) -> None:
        """Take records; they reach the file in frames."""
        for reject in rejects:
            self._waiting.append(reject)
            self._waiting_octets += len(reject.octets) + len(reject.header)
            self.count += 1
            if self._waiting_octets >= _FRAME_OCTETS:
                self._write_frame()

    def sync(self) -> int:
        """Everything taken so far is on the disk; the length of the file."""
        self._write_frame()
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Finish the file; what waits is written."""
        self._write_frame()
        self._file.close()

    def _write_frame(self) -> None:
        if not self._waiting:
            return
        plain = zlib.compress(msgspec.msgpack.encode(self._waiting), 1)
        nonce = self._random(_NONCE_OCTETS)
        frame = nonce + self._cipher.encrypt(nonce, plain, None)
        self._file.write(len(frame).to_bytes(4, "big") + frame)
        self._waiting, self._waiting_octets = [], 0


def read_sealed(path: Path, key: bytes) -> Iterator[SealedReject]:
    """The records of a sealed file, in the order in which they were added.

    Raises:
        OperatorError: it was sealed by another key, or is damaged.
    """
    cipher = AESGCM(key)
    with path.open("rb") as file:
        while length := file.read(4):
            frame = file.read(int.from_bytes(length, "big"))
            try:
                plain = cipher.decrypt(frame[:_NONCE_OCTETS], frame[_NONCE_OCTETS:], None)
            except (InvalidTag, ValueError):
                raise OperatorError(
                    "the rejects were sealed by another key, or the file is damaged; give the key "
                    "file of the run that rejected them",
                    file=str(path),
                ) from None
            yield from msgspec.msgpack.decode(zlib.decompress(plain), type=list[SealedReject])
