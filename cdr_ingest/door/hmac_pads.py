"""The two padded keys of HMAC-SHA256 (RFC 2104 section 2)."""

import hashlib
import hmac

_BLOCK_OCTETS = 64


def hmac_pads(key: bytes) -> tuple[bytes, bytes]:
    """(inner, outer): HMAC(key, m) = SHA256(outer + SHA256(inner + m))."""
    short = key if len(key) <= _BLOCK_OCTETS else hashlib.sha256(key).digest()
    block = short.ljust(_BLOCK_OCTETS, b"\0")
    return bytes(octet ^ 0x36 for octet in block), bytes(octet ^ 0x5C for octet in block)


def record_salt(key: bytes) -> str:
    """A text that makes record keys unreadable without the pseudonym key."""
    return hmac.digest(key, b"record", hashlib.sha256).hex()
