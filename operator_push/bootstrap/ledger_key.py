"""The key that signs heads of the ledger: made at the first use, for its owner alone."""

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from operator_push.kernel.errors import OperatorError


def signing_key(path: Path) -> Ed25519PrivateKey:
    """The private key in a file (PKCS #8, PEM); made with rights for its owner alone where there is none.

    Raises:
        OperatorError: the file holds something else, or cannot be read or made.
    """
    try:
        if not path.exists():
            _make(path)
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise OperatorError(f"cannot be used: {error.strerror}", file=str(path)) from error
    except (ValueError, TypeError) as error:
        raise OperatorError(
            "must hold an Ed25519 private key in PEM, without a password", file=str(path)
        ) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise OperatorError("holds a key of another kind; heads are signed with Ed25519", file=str(path))
    return key


def public_key_text(key: Ed25519PrivateKey) -> str:
    """The public half as it is given to whoever wants to check (PEM)."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def public_key(path: Path) -> Ed25519PublicKey:
    """A public key file as `ledger key show` printed it.

    Raises:
        OperatorError: the file cannot be read or holds something else.
    """
    try:
        key = load_pem_public_key(path.read_bytes())
    except OSError as error:
        raise OperatorError(f"cannot be read: {error.strerror}", file=str(path)) from error
    except ValueError as error:
        raise OperatorError(
            "must hold a public key in PEM (operator-push ledger key show)", file=str(path)
        ) from error
    if not isinstance(key, Ed25519PublicKey):
        raise OperatorError("holds a key of another kind; heads are signed with Ed25519", file=str(path))
    return key


def _make(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    text = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(text)
