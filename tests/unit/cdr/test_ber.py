"""BER: tags of several octets, lengths of every form, filler between records, and octets that lie."""

import pytest
from cdr_samples import check_place
from hypothesis import given
from hypothesis import strategies as some

from operator_push.cdr import ber
from operator_push.cdr.ber import Tlv, context
from operator_push.cdr.cdr_error import CdrError

tags = some.builds(
    lambda kind, number: kind << 28 | number, some.integers(0, 3), some.integers(1, ber.NUMBER_MAX)
)
leaves = some.builds(Tlv, tags, some.binary(max_size=300))
elements = some.recursive(
    leaves, lambda inner: some.builds(Tlv, tags, some.lists(inner, max_size=4).map(tuple)), max_leaves=12
)


def placeless(element: Tlv) -> Tlv:
    inside = element.value if isinstance(element.value, bytes) else tuple(map(placeless, element.value))
    return Tlv(element.tag, inside)


@given(elements)
def test_what_is_written_is_read(element: Tlv) -> None:
    octets = ber.encode(element)
    read, end = ber.decode(octets)
    assert placeless(read) == element
    assert end == len(octets)


@given(some.lists(elements, max_size=4), some.lists(some.sampled_from([b"", b"\0\0", b"\xff"]), min_size=5))
def test_filler_between_records_is_passed_over(found: list[Tlv], fillers: list[bytes]) -> None:
    # A record of TS 32.298 begins with a context-specific tag, never with an octet of filler.
    found = [Tlv(context(94), (element,)) for element in found]
    pairs = zip(fillers, [*map(ber.encode, found), b""], strict=False)
    octets = b"".join(filler + record for filler, record in pairs)
    assert [placeless(element) for element in ber.records(octets)] == found


@given(some.integers(-(2**70), 2**70))
def test_integers_come_back(number: int) -> None:
    octets = ber.integer_octets(number)
    assert ber.integer_of(octets) == number
    assert len(octets) == 1 or octets[0] not in (0, 255) or (octets[0] ^ octets[1]) & 0x80


@pytest.mark.parametrize("dotted", ["0.0", "1.39", "2.999.3", "1.2.840.113549", f"2.25.{2**127 + 5}"])
def test_object_identifiers_come_back(dotted: str) -> None:
    assert ber.object_identifier_of(ber.object_identifier_octets(dotted)) == dotted


def test_the_indefinite_form_is_read() -> None:
    octets = bytes.fromhex("bf5e80 800101 a280 810102 0000 0000 ff".replace(" ", ""))
    (element,) = ber.records(octets)
    assert placeless(element) == Tlv(
        context(94), (Tlv(context(0), b"\x01"), Tlv(context(2), (Tlv(context(1), b"\x02"),)))
    )


LIES = {
    "bf": "octet 0: ends within a tag",
    "bf5e": r"octet 0: \[94\] ends before its length",
    "8102aa": r"octet 0: \[1\] says 2 octets, 1 follow",
    "8180": r"octet 0: \[1\] is primitive and has no length",
    "818901": r"octet 0: \[1\] has a length of 9 octets",
    "a103810500": r"octet 2: \[1\] says 5 octets, 1 follow",
    "bfffffffff7f": "octet 0: has a tag above",
    "bf5e80800101": "octet 6: the record ends where a tag should stand",
}


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_named_with_its_octet(lie: str) -> None:
    with pytest.raises(CdrError, match=LIES[lie]):
        ber.decode(bytes.fromhex(lie))


def test_nesting_has_an_end() -> None:
    with pytest.raises(CdrError, match="nests deeper than"):
        ber.decode(b"\xa0\x80" * 1000)


@given(some.binary(max_size=200))
def test_any_octets_end_in_records_or_a_cdr_error(octets: bytes) -> None:
    try:
        for element in ber.records(octets):
            assert 0 <= element.offset < len(octets)
    except CdrError as error:
        check_place(error, len(octets))
