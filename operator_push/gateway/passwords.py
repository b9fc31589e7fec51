"""Passwords of ESMEs: stored as scrypt hashes, computed off the loop.

An SMPP password has at most eight characters (SMPP v3.4 section 5.2.2) and binds come in storms, so the
parameters are cheap on purpose: 2^12 × 8 × 1 costs about 10 ms and 4 MiB.
"""

import base64
import hashlib
import hmac
import os

SCRYPT_N = 4096
SCRYPT_R = 8
SCRYPT_P = 1
SALT_OCTETS = 16
PASSWORD_OCTETS_MAX = 8


def hash_password(password: str) -> str:
    """`scrypt$n$r$p$salt$hash`, salt and hash in base64."""
    salt = os.urandom(SALT_OCTETS)
    digest = _scrypt(password, salt, SCRYPT_N, SCRYPT_R, SCRYPT_P)
    parts = (base64.b64encode(salt).decode(), base64.b64encode(digest).decode())
    return f"scrypt${SCRYPT_N}${SCRYPT_R}${SCRYPT_P}${parts[0]}${parts[1]}"


def verify_password(password: str, password_hash: str) -> bool:
    """True where the password is the one that was hashed; an empty hash never matches."""
    try:
        kind, n, r, p, salt, digest = password_hash.split("$")
    except ValueError:
        return False
    if kind != "scrypt":
        return False
    computed = _scrypt(password, base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(computed, base64.b64decode(digest))


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode("latin-1", "replace"), salt=salt, n=n, r=r, p=p, dklen=32)
