"""Codec choice: whether the compiled half of the codec runs, or the Python alone.

The compiled module is used where it was built (`operator-push smpp compile`, which `make install` calls),
from the source that lies beside it, and OPERATOR_PUSH_CODEC is not "python". Law: nothing but speed depends
on it; the tests of the codec run over both.
"""

import hashlib
import os
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from operator_push.smpp.pdu import Pdu, Tlvs
from operator_push.smpp.session_events import Event

OpenRequest = tuple[int, float, object]  # command_id, sent at (monotonic seconds), context
# The octets of a PDU, what is added behind them, the context of its response.
StoredRequest = tuple[bytes, bytes, object]

SOURCE = Path(__file__).with_name("compiled_codec.pyx")
DIGEST_DIGITS = 16
VARIABLE = "OPERATOR_PUSH_CODEC"


class CompiledCodec(Protocol):
    """What compiled_codec.pyx has. Each answers None, or fewer, where the Python is to decide."""

    SOURCE_DIGEST: str

    def cut(self, stream: bytes, pdus_max: int) -> tuple[list[bytes], int]:
        """The complete PDUs at the beginning of a stream, at most so many, and the offset after them."""
        ...

    def decode(self, octets: bytes) -> Pdu | None:
        """One whole PDU."""
        ...

    def usual_events(
        self,
        pdus: list[bytes],
        at: int,
        may_send: frozenset[int],
        is_checked: bool,
        version: int,
        requests: dict[int, OpenRequest],
        events: list[Event],
    ) -> int:
        """Append the events of PDUs from a place on; the place of the first that the Python has to take."""
        ...

    def issue(
        self,
        command_id: int,
        stored: list[StoredRequest],
        now: float,
        requests: dict[int, OpenRequest],
        last: int,
        output: list[bytes],
    ) -> tuple[int, int]:
        """Number requests after `last`, open them and append their octets: how many, the last number."""
        ...

    def submit_answers(self, admitted: list[tuple[int, int]]) -> bytes:
        """The submit_sm_resp of (sequence_number, message id) each, in a row."""
        ...

    def encode(self, pdu: Pdu) -> bytes | None:
        """The octets of a PDU, whatever their length."""
        ...

    def receipt_facts(self, text: bytes) -> tuple[str, str, str] | None:
        """(id, stat in capitals, err) of a receipt's text."""
        ...

    def receipt_said(self, text: bytes, tlvs: Tlvs) -> tuple[str, str, str, int, int] | None:
        """(id, stat, err, message_state or -1, user_message_reference or -1) of a receipt's text and TLVs."""
        ...

    def receipt_pdu(
        self,
        stored: bytes,
        identifier: bytes,
        segments: int,
        delivered: int,
        submitted: bytes,
        done: bytes,
        stat: bytes,
        error: bytes,
        state: int,
        reference: int,
    ) -> bytes | None:
        """The deliver_sm of a receipt for the submit_sm in `stored`; `reference` -1: none."""
        ...


def source_digest(source: Path = SOURCE) -> str:
    """What a module that was built from this source carries as its SOURCE_DIGEST."""
    return hashlib.sha256(source.read_bytes()).hexdigest()[:DIGEST_DIGITS]


def compiled_codec() -> CompiledCodec | None:
    """The compiled module, or None: switched off, not built, or built from another source."""
    if os.environ.get(VARIABLE) == "python":
        return None
    try:
        module = cast(CompiledCodec, import_module("operator_push.smpp.compiled_codec"))
        return module if source_digest() == module.SOURCE_DIGEST else None
    except (ImportError, OSError):
        return None


compiled = compiled_codec()
CODEC = "python" if compiled is None else "compiled"
