"""A receipt is checked by somebody else's JOSE library, with the published key alone."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwcrypto import jwk, jws

from operator_push.domain.consent import ConsentAction, ConsentEvent, Evidence, Purpose
from operator_push.domain.consent_receipt import RECEIPT_TYPE, public_jwk, receipt_of, sign_compact

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = KEY.public_key().public_bytes_raw()
EVENT = ConsentEvent(
    7,
    1,
    8,
    Purpose.USE_LOCATION,
    "sms",
    ConsentAction.GRANT,
    1_700_000_000_000_000,
    Evidence("sms", "YES", "v3", "hi", "", '{"notice_sha256":"ab","guardian_ref":"form 9"}'),
    expires_us=1_800_000_000_000_000,
)


def test_jwcrypto_verifies_it_with_the_published_key() -> None:
    signed = sign_compact(receipt_of(99, EVENT, "Chai", "c0ffee"), RECEIPT_TYPE, PUBLIC, KEY.sign)
    key = jwk.JWK.from_json(json.dumps(public_jwk(PUBLIC)))
    token = jws.JWS()
    token.deserialize(signed)
    token.verify(key)
    payload = json.loads(token.payload)
    assert (payload["record_id"], payload["subject_ref"]) == ("99", "c0ffee")
    assert payload["purposes"] == ["dpv:PersonalisedAdvertising"]
    assert payload["data_categories"] == ["pd:Location"]
    assert payload["notice"] == {"version": "v3", "language": "hi", "notice_sha256": "ab"}
    assert payload["valid_until"] == "2027-01-15T08:00:00.000000Z"
    assert json.loads(token.objects["protected"]) == {
        "alg": "EdDSA",
        "typ": RECEIPT_TYPE,
        "kid": key.thumbprint(),
    }


def test_a_changed_octet_is_noticed() -> None:
    signed = sign_compact(receipt_of(99, EVENT, "Chai", "c0ffee"), RECEIPT_TYPE, PUBLIC, KEY.sign)
    head, payload, signature = signed.split(".")
    token = jws.JWS()
    token.deserialize(f"{head}.{payload[:-4]}AAAA.{signature}")
    with pytest.raises(jws.InvalidJWSSignature):
        token.verify(jwk.JWK.from_json(json.dumps(public_jwk(PUBLIC))))
