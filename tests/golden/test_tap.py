"""A transfer batch of TAP 3.12 as another decoder reads it, and its amounts by hand.

tap_batch.json: a batch that pycrate 0.8.1 encoded, with what it decodes of it.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.tap import (
    batch_as_json,
    charges_of,
    is_tap,
    moment_of,
    rates_of,
    read_batch,
    read_event,
    total_of,
)

GOLDEN = json.loads((Path(__file__).parent / "tap_batch.json").read_text("utf-8"))
OCTETS = bytes.fromhex(GOLDEN["octets"])
THEIRS = GOLDEN["pycrate"]["transferBatch"]
# A tag that has one name here and another where it stands.
ALIASES = {
    "serviceCode": "basicServiceCode",
    "recEntity": "recEntityCodeList",
    "taxInformation": "taxInformationList",
}


def agree(ours: Any, theirs: Any, path: str) -> int:
    """How many values are equal; theirs are hexadecimal where they are octets."""
    if isinstance(theirs, Mapping):
        return sum(
            agree(ours[ALIASES.get(name, name)], value, f"{path}/{name}") for name, value in theirs.items()
        )
    if isinstance(theirs, list):
        assert len(ours) == len(theirs), path
        return sum(agree(one, other, f"{path}[]") for one, other in zip(ours, theirs, strict=True))
    if isinstance(theirs, int):
        assert ours == theirs, path
    else:
        assert ours.encode().hex() == theirs or theirs.rstrip("f") == ours, path
    return 1


def test_every_value_is_that_of_another_decoder() -> None:
    batch = read_batch(OCTETS)
    assert batch.broken == []
    events = [read_event(OCTETS, place) for place in batch.events]
    count = agree(batch.header, {k: v for k, v in THEIRS.items() if k != "callEventDetails"}, "")
    for (name, fields), theirs in zip(events, THEIRS["callEventDetails"], strict=True):
        assert [name] == list(theirs)
        count += agree(fields, theirs[name], name)
    assert count > 120
    assert "unknown" not in json.dumps([batch.header, events])


def test_amounts_are_read_by_the_batch_s_own_rates() -> None:
    batch = read_batch(OCTETS)
    rates = rates_of(batch.header)
    assert (rates.decimal_places, rates.tap_currency, rates.local_currency) == (3, "SDR", "EUR")
    assert rates.exchange_rates == {0: Decimal("1.24567"), 1: Decimal("1.30")}
    charges = [list(charges_of(read_event(OCTETS, place)[1], rates)) for place in batch.events]
    first, second = charges[0][0], charges[1][0]
    assert (first.amount, first.local_amount, first.tax) == (
        Decimal("1.234"), Decimal("1.234") * Decimal("1.24567"), Decimal("0.007"),
    )  # fmt: skip
    assert (second.amount, second.local_amount) == (Decimal("0.300"), Decimal("0.39"))
    assert sum(map(total_of, charges)) == Decimal("4.034")
    assert [len(one) for one in charges] == [2] * 5


def test_moments_have_the_zone_of_their_code() -> None:
    rates = rates_of(read_batch(OCTETS).header)
    stamp = {"localTimeStamp": "20261010120000", "utcTimeOffsetCode": 1}
    assert moment_of(stamp, rates) == datetime.fromisoformat("2026-10-10T12:00:00-03:30")
    with pytest.raises(ValueError, match="utcTimeOffsetCode 9 stands not in networkInfo"):
        moment_of({**stamp, "utcTimeOffsetCode": 9}, rates)


def test_the_audit_is_checked() -> None:
    *_, last = batch_as_json(OCTETS)
    assert last == {
        "audit": {"events": 5, "said_events": 5, "total": "4.034", "said_total": "4.034", "agrees": True}
    }


def test_unknown_elements_are_kept() -> None:
    place = read_batch(OCTETS).events[4]
    event = OCTETS[place.start : place.end]
    # [APPLICATION 499] behind the fields of the last event.
    grown = event[:1] + b"\x81" + bytes((event[2] + 5,)) + event[3:] + b"\x5f\x83\x73\x01\x07"
    alone = (
        b"\x61\x82"
        + (len(grown) + 4).to_bytes(2, "big")
        + b"\x63\x82"
        + len(grown).to_bytes(2, "big")
        + grown
    )
    batch = read_batch(alone)
    name, fields = read_event(alone, batch.events[0])
    assert name == "supplServiceEvent"
    assert fields["unknown"] == [{"tag": "[APPLICATION 499]", "octets": "5f83730107"}]


def test_a_batch_that_is_cut_off_gives_what_stands_before() -> None:
    whole = read_batch(OCTETS)
    third = whole.events[2]
    batch = read_batch(OCTETS[: third.start + 20])
    assert batch.events == whole.events[:2]
    assert [place.start for place in batch.broken] == [third.start]
    assert rates_of(batch.header).tap_currency == "SDR"


def test_what_is_no_batch_is_told() -> None:
    assert is_tap(OCTETS)
    for text in (b"accountcode,src,dst", b"a", b"b;c", b"abc\n", b"a,d\n", "aädc".encode("latin-1"), b""):
        assert not is_tap(text)
    with pytest.raises(CdrError, match=r"octet 0: .*neither a transfer batch nor a notification"):
        read_batch(b"\x63\x00")
