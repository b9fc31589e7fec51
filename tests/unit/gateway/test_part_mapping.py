"""Where a PDU stands in a long message: by user data header or by SAR TLVs."""

import pytest

from operator_push.domain.concatenated_parts import Part
from operator_push.gateway.part_mapping import part_of
from operator_push.smpp.pdu import SubmitSm


def submit(*tlvs: tuple[int, bytes], **more: object) -> SubmitSm:
    return SubmitSm(**({"short_message": b"hi", "tlvs": tlvs} | more))  # type: ignore[arg-type]


UDH_8 = bytes((5, 0, 3, 9, 2, 1))
UDH_16 = bytes((6, 8, 4, 1, 9, 2, 2))


@pytest.mark.parametrize(
    ("pdu", "part"),
    [
        (submit(esm_class=0x40, short_message=UDH_8 + b"x"), Part(9, 2, 1)),
        (submit(esm_class=0x40, short_message=UDH_16 + b"x"), Part(0x109, 2, 2)),
        (submit((0x020C, b"\0\7"), (0x020E, b"\3"), (0x020F, b"\2")), Part(7, 3, 2)),
        (submit((0x020C, b"\0\7"), (0x020E, b"\3"), (0x020F, b"\4")), None),
        (submit((0x020C, b"\0\7"), (0x020E, b"\1"), (0x020F, b"\1")), None),
        (submit(short_message=UDH_8 + b"x"), None),
        (submit(esm_class=0x40, short_message=b"\x7fx"), None),
        (submit(), None),
    ],
    ids=["UDH 8", "UDH 16", "SAR", "SAR beyond", "SAR of one", "no UDHI", "bad header", "plain"],
)
def test_parts_are_known_by_header_or_sar_tlvs(pdu: SubmitSm, part: Part | None):
    assert part_of(pdu) == part
