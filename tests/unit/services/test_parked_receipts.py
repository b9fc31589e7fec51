"""Parked receipts are found by every form of their id, are bounded, and leave nothing behind."""

from operator_push.domain.message import MessageState
from operator_push.services.match_receipts import Receipt
from operator_push.services.parked_receipts import ParkedReceipts

NORTH, SOUTH = 1, 2


def receipt(smsc_id: str) -> Receipt:
    return Receipt(smsc_id, MessageState.DELIVERED, "000", "", -1)


def put(parked: ParkedReceipts, identifier: str, *readings: str) -> None:
    assert parked.put((NORTH, identifier), receipt(identifier), readings) is None


def found(parked: ParkedReceipts, smsc_no: int, response_id: str, *readings: str) -> list[str]:
    return [identifier for (_, identifier), _ in parked.candidates(smsc_no, response_id, readings)]


def test_every_reading_of_an_id_finds_it_at_its_own_smsc():
    parked = ParkedReceipts()
    put(parked, "0000000255", "255", "597")
    put(parked, "ff", "255")
    assert set(found(parked, NORTH, "FF", "255", "ff")) == {"ff", "0000000255"}
    assert found(parked, NORTH, "ff", "255")[0] == "ff"
    assert found(parked, SOUTH, "FF", "255") == []
    assert found(parked, NORTH, "other") == []


def test_what_is_taken_is_found_no_more_and_leaves_nothing():
    parked = ParkedReceipts()
    put(parked, "ff", "255")
    put(parked, "ff", "255")
    assert len(parked) == 1
    assert parked.take((NORTH, "ff")).smsc_message_id == "ff"
    assert not parked
    assert found(parked, NORTH, "255") == []


def test_the_oldest_makes_room():
    parked = ParkedReceipts(parked_max=2)
    put(parked, "1")
    put(parked, "2")
    assert parked.is_full
    pushed_out = parked.put((NORTH, "3"), receipt("3"), ())
    assert pushed_out is not None
    assert pushed_out[0] == (NORTH, "1")
    assert [key for key, _ in parked] == [(NORTH, "2"), (NORTH, "3")]
