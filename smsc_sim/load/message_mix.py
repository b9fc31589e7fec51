"""Message mix: the plan's kinds as octets of submit_sm that lack only the destination and a reference.

Pure. Each segment is encoded once by the codec and cut where the destination and the reference octet of its
user data header stand, so that a message costs a join and no encoding. Concatenation by UDH: TS 23.040
section 9.2.3.24.1; esm_class 0x40 (SMPP v3.4 section 5.2.12).
"""

from itertools import accumulate
from random import Random

import msgspec

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, RegisteredDelivery, Ton
from operator_push.smpp.pdu import SubmitSm
from operator_push.text.data_coding import Encoding, choose_encoding, data_coding_of, encode_text
from operator_push.text.segmentation import segment_user_data
from smsc_sim.load.plan import LoadPlan, MessageKind

_HEADER_OCTETS = 16
_REFERENCE_AT = 3  # in short_message: length, element 0, its length, reference
_MARK = "000000000000000"  # stands for the destination while the octets are encoded
_SHORT_CODE_DIGITS_MAX = 8
_FLASH = 0x10  # TS 23.038 section 4, coding group 00x1: a message class, here class 0
_PANGRAM = "Sphinx of black quartz, judge my vow: five boxing wizards jump quickly at 07.45 and 19.30. "
_UCS2_SAMPLE = "नमस्ते, आपका कोड 4711 है। Größe ₹ 250, спасибо, 谢谢。"


class SegmentOctets(msgspec.Struct, frozen=True, gc=False):
    """The body of a submit_sm: `before`, destination, `after`; where `has_reference` the octet and `rest`."""

    before: bytes
    after: bytes
    rest: bytes
    has_reference: bool


class PreparedKind(msgspec.Struct, frozen=True):
    """One kind of the mix, ready to be sent. `octets` are those of all its short_message."""

    name: str
    share: float
    encoding: Encoding
    segments: tuple[SegmentOctets, ...]
    octets: int


class KindPicker:
    """Which kind the next message is of, by chance and weight."""

    def __init__(self, kinds: tuple[PreparedKind, ...], chance: Random) -> None:
        self._bounds = list(accumulate(kind.share for kind in kinds))
        self._chance = chance
        self._numbers = range(len(kinds))

    def pick(self) -> int:
        """The number of a kind."""
        if len(self._bounds) == 1:
            return 0
        return self._chance.choices(self._numbers, cum_weights=self._bounds)[0]


def prepare_kinds(plan: LoadPlan) -> tuple[PreparedKind, ...]:
    """The kinds of a plan as octets.

    Raises:
        ValueError: a text does not fit its alphabet or 255 segments, or a field cannot be written.
    """
    return tuple(_prepare(plan, kind, index) for index, kind in enumerate(plan.messages))


def address_type(address: str) -> tuple[int, int]:
    """TON and NPI that an address is usually given: a word, a short code or an international number."""
    if not (address.isascii() and address.isdigit()):
        return int(Ton.ALPHANUMERIC), int(Npi.UNKNOWN)
    if len(address) <= _SHORT_CODE_DIGITS_MAX:
        return int(Ton.NETWORK_SPECIFIC), int(Npi.UNKNOWN)
    return int(Ton.INTERNATIONAL), int(Npi.ISDN)


def made_text(characters: int, alphabet: str) -> str:
    """A text of so many characters that needs this alphabet."""
    sample = _UCS2_SAMPLE if alphabet == "ucs2" else _PANGRAM
    return (sample * (characters // len(sample) + 1))[:characters]


def _prepare(plan: LoadPlan, kind: MessageKind, index: int) -> PreparedKind:
    encoding, payload = _payload(kind, plan.seed)
    shorts = segment_user_data(payload, encoding, 0)
    ton, npi = address_type(plan.numbers.source)
    data_coding = data_coding_of(encoding)
    if kind.flash:
        if encoding is Encoding.LATIN1:
            raise ValueError(
                "flash: a message class has no latin1 (TS 23.038 section 4); choose gsm7 or ucs2"
            )
        data_coding = _FLASH | {Encoding.UCS2: 8, Encoding.BINARY: 4}.get(encoding, 0)
    segments = []
    for short_message in shorts:
        pdu = SubmitSm(
            source_addr_ton=ton,
            source_addr_npi=npi,
            source_addr=plan.numbers.source,
            dest_addr_ton=int(Ton.INTERNATIONAL),
            dest_addr_npi=int(Npi.ISDN),
            destination_addr=_MARK,
            esm_class=int(EsmClass.UDHI) if len(shorts) > 1 else 0,
            validity_period=kind.validity_period,
            registered_delivery=int(RegisteredDelivery.RECEIPT) if plan.receipts.ask else 0,
            data_coding=data_coding,
            short_message=short_message,
        )
        segments.append(_cut(encode_pdu(pdu)[_HEADER_OCTETS:], len(short_message), len(shorts) > 1))
    return PreparedKind(
        name=kind.name or _name(kind, encoding, index),
        share=kind.share,
        encoding=encoding,
        segments=tuple(segments),
        octets=sum(len(short_message) for short_message in shorts),
    )


def _payload(kind: MessageKind, seed: int) -> tuple[Encoding, bytes]:
    if kind.text:
        named = None if kind.alphabet is None else Encoding(kind.alphabet)
        encoding = named or choose_encoding(kind.text)
        try:
            return encoding, encode_text(kind.text, encoding)
        except UnicodeEncodeError as error:
            letter = kind.text[error.start]
            raise ValueError(
                f"{encoding.value} has no {letter!r}; leave out alphabet or choose ucs2"
            ) from error
    alphabet = kind.alphabet or "gsm7"
    if alphabet == "binary":
        return Encoding.BINARY, Random(f"{seed}:octets").randbytes(kind.characters)
    encoding = Encoding(alphabet)
    return encoding, encode_text(made_text(kind.characters, alphabet), encoding)


def _cut(body: bytes, short_octets: int, is_part: bool) -> SegmentOctets:
    mark = _MARK.encode("ascii")
    at = body.index(mark)
    before, after = body[:at], body[at + len(mark) :]
    if not is_part:
        return SegmentOctets(before, after, b"", False)
    reference_at = len(after) - short_octets + _REFERENCE_AT
    return SegmentOctets(before, after[:reference_at], after[reference_at + 1 :], True)


def _name(kind: MessageKind, encoding: Encoding, index: int) -> str:
    size = len(kind.text) or kind.characters
    return f"{index + 1}: {size} {'octets' if encoding is Encoding.BINARY else 'characters'} {encoding.value}"
