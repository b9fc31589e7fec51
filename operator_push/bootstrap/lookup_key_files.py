"""Look-up key files: DATA_DIR/secrets/vault-lookup-N.key, beside the pseudonym key, which is version 0."""

import os
import re
import secrets
from pathlib import Path

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.lookup_keys import FIRST_VERSION, LookupKeys
from operator_push.kernel.pseudonym import KEY_OCTETS_MIN

FOLDER = "secrets"
_NAME = re.compile(r"vault-lookup-([1-9]\d{0,3})\.key")


def key_file(data_dir: Path, version: int) -> Path:
    """Where the key of a version lies; not for the first, which is the pseudonym key."""
    return data_dir / FOLDER / f"vault-lookup-{version}.key"


def read_lookup_keys(data_dir: Path, pseudonym_key: bytes) -> LookupKeys:
    """All keys that are there.

    Raises:
        OperatorError: a file holds something else than a key.
    """
    keys = {FIRST_VERSION: pseudonym_key}
    for path in sorted((data_dir / FOLDER).glob("vault-lookup-*.key")):
        if (found := _NAME.fullmatch(path.name)) is None:
            continue
        try:
            key = bytes.fromhex(path.read_text(encoding="ascii").strip())
        except (ValueError, OSError) as error:
            raise OperatorError("must hold a key in hexadecimal", file=str(path)) from error
        if len(key) < KEY_OCTETS_MIN:
            raise OperatorError(f"must hold at least {KEY_OCTETS_MIN} octets in hexadecimal", file=str(path))
        keys[int(found.group(1))] = key
    return LookupKeys(keys)


def write_next_key(data_dir: Path, keys: LookupKeys) -> LookupKeys:
    """The keys with one more, which is on disk when this returns.

    Raises:
        OSError: it cannot be written.
    """
    after = keys.with_key(secrets.token_bytes(KEY_OCTETS_MIN))
    path = key_file(data_dir, after.current)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(after.by_version[after.current].hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return after


def remove_key(data_dir: Path, version: int) -> None:
    """Nobody needs this version any more."""
    key_file(data_dir, version).unlink(missing_ok=True)
