"""Consent receipts: what a person was promised, as a JSON Web Signature (RFC 7515) that anybody can check.

The payload follows ISO/IEC TS 27560 and the Kantara consent receipt in its names. It names the person by a
pseudonym, never by a number. Signed with Ed25519 (RFC 8037, "alg": "EdDSA"), in the compact form.
"""

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from operator_push.domain.consent import WITHOUT_END, ConsentEvent
from operator_push.domain.consent_record import DPV, SCHEMA_VERSION, more_of
from operator_push.kernel.instants import iso

RECEIPT_TYPE = "consent-receipt+jwt"
HEAD_TYPE = "consent-head+jwt"


def receipt_of(event_id: int, event: ConsentEvent, brand: str, subject_ref: str) -> dict[str, Any]:
    """The payload of an act's receipt; `subject_ref` a pseudonym of the person."""
    evidence, (purpose, data) = event.evidence, DPV[event.purpose]
    return {
        "schema_version": SCHEMA_VERSION,
        "record_id": str(event_id),
        "subject_ref": subject_ref,
        "controllers": [brand],
        "event_type": event.action.name.lower(),
        "event_time": iso(event.at_us),
        "basis": event.basis.name.lower(),
        "purposes": [purpose],
        "data_categories": [data] if data else [],
        "category": str(event.category) if event.category else "*",
        "channels": [event.channel],
        "jurisdiction": event.jurisdiction,
        "valid_until": iso(event.expires_us) if event.expires_us != WITHOUT_END else None,
        "collection_method": evidence.method,
        "evidence": evidence.detail,
        "notice": {
            "version": evidence.notice_version,
            "language": evidence.language,
            **{name: text for name, text in more_of(evidence.more).items() if name.startswith("notice_")},
        },
        "further_evidence": more_of(evidence.more),
    }


def public_jwk(public_octets: bytes) -> dict[str, str]:
    """The public key as a JSON Web Key (RFC 8037); `kid` is its thumbprint (RFC 7638)."""
    key = {"crv": "Ed25519", "kty": "OKP", "x": _base64url(public_octets)}
    thumbprint = hashlib.sha256(msgspec.json.encode(key, order="sorted")).digest()
    return {**key, "alg": "EdDSA", "use": "sig", "kid": _base64url(thumbprint)}


def sign_compact(
    payload: Mapping[str, Any], kind: str, public_octets: bytes, sign: Callable[[bytes], bytes]
) -> str:
    """A JWS of a payload in the compact form; `sign` makes the 64 octets of an Ed25519 signature."""
    header = {"alg": "EdDSA", "typ": kind, "kid": public_jwk(public_octets)["kid"]}
    signed = f"{_base64url(msgspec.json.encode(header))}.{_base64url(msgspec.json.encode(payload))}"
    return f"{signed}.{_base64url(sign(signed.encode('ascii')))}"


def read_compact(line: str, kind: str, verify: Callable[[bytes, bytes], object]) -> dict[str, Any]:
    """The payload of a JWS in the compact form, once `verify(signature, signed octets)` has not raised.

    Raises:
        ValueError: it is none, or of another kind.
    """
    parts = line.strip().split(".")
    try:
        header, payload, signature = (_octets(part) for part in parts)
        described, told = msgspec.json.decode(header), msgspec.json.decode(payload)
    except (ValueError, msgspec.DecodeError) as error:
        raise ValueError("is not a JWS in the compact form") from error
    if not isinstance(described, dict) or described.get("alg") != "EdDSA" or described.get("typ") != kind:
        raise ValueError(f"is not a JWS of type {kind} by EdDSA")
    verify(signature, ".".join(parts[:2]).encode("ascii"))
    return dict(told)


def _octets(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _base64url(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")
