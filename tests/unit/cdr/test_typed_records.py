"""Typed records: the quick way and the patient one give the same values, and the same errors."""

import json
import random
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import msgspec
import pytest
from charging_samples import ASHA, MOMENT, file_of, mo_call, octets, p_gateway, record

from operator_push.cdr import ber
from operator_push.cdr.cdr_error import CdrError
from operator_push.cdr.reading import read_records
from operator_push.cdr.typed_records import (
    Address,
    field_name,
    read_patiently,
    read_typed,
    read_typed_record,
    record_class,
)

GOLDEN = json.loads(
    (Path(__file__).parents[2] / "golden" / "cdr_records_r16.json").read_text(encoding="utf-8")
)


def test_a_call() -> None:
    [call] = read_typed(mo_call(60))
    assert isinstance(call, record_class("moCallRecord"))
    assert call.servedMSISDN == Address(1, 1, ASHA)
    assert call.callDuration == 60
    assert call.answerTime == datetime(2026, 10, 10, 12, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert call.location.cellId == b"\0\7"
    assert call.recordType == "moCallRecord"
    assert call.causeForTerm is None
    assert call.unknown == (("[99]", octets(99, b"\1\2")),)


def test_lists_and_volumes() -> None:
    [session] = read_typed(p_gateway())
    assert [volume.dataVolumeGPRSDownlink for volume in session.listOfTrafficVolumes] == [200, 2]


@pytest.mark.parametrize("case", GOLDEN, ids=lambda case: case["record"])
def test_both_ways_give_the_same(case: dict[str, Any]) -> None:
    data = bytes.fromhex(case["octets"])
    [quick] = read_typed(data)
    assert quick == read_patiently(data, 0, len(data))
    assert type(quick) is record_class(case["record"])
    [fields] = read_records(data)
    present = {name for name in quick.__struct_fields__ if getattr(quick, name) not in (None, ())}
    assert present == {field_name(name) for name in fields.fields}


def test_unusual_forms_are_read_as_well() -> None:
    [usual], [unusual] = read_typed(mo_call(60)), read_typed(mo_call(60, indefinite=True))
    assert usual == unusual
    segments = ber.constructed(ber.context(23), [ber.primitive(4, MOMENT[:4]), ber.primitive(4, MOMENT[4:])])
    [segmented] = read_typed(record(0, 0, segments))
    assert segmented.answerTime == usual.answerTime
    assert list(read_typed(record(60, 0))) == [("[60]", record(60, 0))]
    assert len(list(read_typed(file_of([mo_call(1), p_gateway()])))) == 2


def test_an_error_has_its_field_and_octet() -> None:
    data = record(0, 0, octets(23, b"\xaa" + MOMENT[1:]))
    with pytest.raises(CdrError, match=r"octet 5, moCallRecord.answerTime: is no BCD time"):
        list(read_typed(data))


def test_damage_is_judged_as_by_the_patient_way() -> None:
    chance = random.Random(7)
    samples = [bytes.fromhex(case["octets"]) for case in GOLDEN]
    for turn in range(1500):
        data = bytearray(samples[turn % len(samples)])
        for _ in range(chance.randrange(1, 4)):
            data[chance.randrange(4, len(data))] = chance.randrange(256)
        found = []
        for read in (read_typed_record, read_patiently):
            try:
                found.append(msgspec.to_builtins(read(bytes(data), 0, len(data)), builtin_types=(bytes,)))
            except CdrError as error:
                found.append(str(error))
        assert found[0] == found[1], turn


def test_a_number_with_names_that_has_no_octets_is_refused_both_ways() -> None:
    call = record(0, 0, octets(30, b""))  # causeForTerm
    with pytest.raises(CdrError, match=r"octet 5, moCallRecord\.causeForTerm: is an INTEGER without octets"):
        list(read_typed(call))
    with pytest.raises(CdrError, match="without octets"):
        list(read_records(call))
