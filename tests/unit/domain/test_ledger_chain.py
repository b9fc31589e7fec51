"""The chain: what one seal is made of, octet by octet, and that nothing in it can change unseen."""

import hashlib
import struct
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from operator_push.domain.ledger_chain import (
    POSTING_FIELDS,
    START,
    Seal,
    Tip,
    head_of,
    next_seal,
    postings_of,
    why_broken,
)
from operator_push.domain.transfers import Transfer
from operator_push.kernel.instants import MICROS_PER_DAY

AT_US = 20_479 * MICROS_PER_DAY + 5
ROWS = [
    (0, 20_479, 7, 2, 1, 1, 2, 100_000, "INR", AT_US),
    (0, 20_478, 3, 3, 1, 2, 3, 100_000, "INR", AT_US + 1),
]


def chain_of(*commits: list[Any]) -> list[Seal]:
    tip, found = START, []
    for rows in commits:
        found.append(next_seal(0, tip, rows))
        tip = found[-1].tip
    return found


def test_the_fields_are_those_of_a_transfer() -> None:
    assert Transfer.__struct_fields__ == POSTING_FIELDS


def test_a_head_is_what_the_page_says() -> None:
    first, second = chain_of(ROWS, ROWS[:1])
    assert (first.seal_no, first.day, first.at_us, first.postings) == (1, 20_479, AT_US + 1, 2)
    assert msgspec.msgpack.decode(first.entries) == [list(row) for row in ROWS]
    numbers = struct.pack(">HIQQI", 0, 20_479, 1, AT_US + 1, 2)
    said = b"operator-push ledger seal 1\x00" + bytes(32) + numbers + first.entries
    assert first.head == hashlib.sha256(said).digest()
    assert second.at_us == first.at_us  # a clock that steps back does not take the chain along
    numbers = struct.pack(">HIQQI", 0, 20_479, 2, AT_US + 1, 1)
    said = b"operator-push ledger seal 1\x00" + first.head + numbers + second.entries
    assert second.head == hashlib.sha256(said).digest()


def test_a_chain_follows_and_gives_its_postings_back() -> None:
    first, second = chain_of(ROWS, ROWS[:1])
    assert why_broken(START, first) is None
    assert why_broken(first.tip, second) is None
    assert postings_of(first) == ROWS


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"seal_no": 3}, "seals between are missing"),
        ({"at_us": AT_US + 2}, "does not follow"),
        ({"day": 20_480}, "does not follow"),
        ({"postings": 2}, "does not follow"),
        ({"shard": 1}, "does not follow"),
        ({"entries": b""}, "does not follow"),
        ({"head": bytes(32)}, "does not follow"),
        ({"entries": "text"}, "no seal"),
        ({"day": -1}, "no seal"),
    ],
)
def test_a_seal_that_was_changed_is_broken(changed: dict[str, Any], words: str) -> None:
    first, second = chain_of(ROWS, ROWS[:1])
    assert words in str(why_broken(first.tip, second._replace(**changed)))


def test_a_seal_that_was_made_to_follow_may_not_go_back_in_time() -> None:
    (first,) = chain_of(ROWS)
    early = first._replace(seal_no=2, at_us=first.at_us - 1)
    head = head_of(first.head, *early[:6])
    assert "before the seal before it" in str(why_broken(first.tip, early._replace(head=head)))


@given(place=st.integers(0), to=st.integers(1, 255), sealed=st.integers(0, 2))
def test_any_octet_changed_breaks_the_chain_where_it_stands(place: int, to: int, sealed: int) -> None:
    found = chain_of(ROWS, ROWS[:1], ROWS[1:])
    octets = bytearray(found[sealed].entries)
    octets[place % len(octets)] ^= to
    found[sealed] = found[sealed]._replace(entries=bytes(octets))
    tips: list[Tip] = [START, *(seal.tip for seal in found)]
    broken = [seal.seal_no for tip, seal in zip(tips, found, strict=False) if why_broken(tip, seal)]
    assert broken == [sealed + 1]
