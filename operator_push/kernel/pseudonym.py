"""Pseudonyms: keyed look-up values for numbers, so that files between programs hold no number.

HMAC-SHA256 (RFC 2104, FIPS 180-4) cut to 128 bits. The key is a secret of the operator; its id travels
with every value so that a rotation can be told. An HMAC costs about 2 µs: callers keep a cache.
"""

import base64
import hashlib
import hmac

LOOKUP_OCTETS = 16
KEY_OCTETS_MIN = 32


def lookup_value(key: bytes, kind: str, number: str) -> bytes:
    """The 16-octet look-up value of a number; `kind` ("msisdn", "imsi", "contact") keeps the spaces apart.

    Raises:
        ValueError: the key is shorter than 32 octets.
    """
    if len(key) < KEY_OCTETS_MIN:
        raise ValueError(f"the pseudonym key has {len(key)} octets, at least {KEY_OCTETS_MIN} are needed")
    return hmac.digest(key, f"{kind}:{number}".encode(), hashlib.sha256)[:LOOKUP_OCTETS]


def contact_pseudonym(key: bytes, owner_subscriber_no: int, contact_number: str) -> int:
    """A 63-bit pseudonym of a contact, different for every owner, so that two profiles cannot be joined."""
    digest = hmac.digest(key, f"contact:{owner_subscriber_no}:{contact_number}".encode(), hashlib.sha256)
    return int.from_bytes(digest[:8], "big") >> 1


def brand_pseudonym(key: bytes, brand: str, subscriber_no: int) -> str:
    """What a brand may call a subscriber: 16 characters of base32, another one for every brand.

    80 bits of HMAC-SHA256: two brands cannot join what they know, and nobody without the key can try numbers.
    """
    digest = hmac.digest(key, f"brand:{subscriber_no}:{brand}".encode(), hashlib.sha256)
    return base64.b32encode(digest[:10]).decode("ascii").lower()


def key_id(key: bytes) -> str:
    """Eight hexadecimal characters that name a key without telling it."""
    return hashlib.sha256(b"operator-push key id:" + key).hexdigest()[:8]
