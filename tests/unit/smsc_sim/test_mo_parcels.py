"""MO parcels: a handset's text as the PDUs that carry it."""

import json

import pytest

from operator_push.smpp.pdu import DataSm, DeliverSm
from smsc_sim.mo_parcels import mo_parcels


@pytest.mark.parametrize(
    ("text", "count", "data_coding"), [("YES", 1, 0), ("x" * 161, 2, 0), ("ज" * 70, 1, 8), ("ज" * 71, 2, 8)]
)
def test_a_text_becomes_as_many_segments_as_it_needs(text, count, data_coding):
    parcels = mo_parcels("mo_csv", "91987", "56070", text)
    assert [type(parcel.pdu) for parcel in parcels] == [DeliverSm] * count
    assert {parcel.pdu.data_coding for parcel in parcels} == {data_coding}
    assert {parcel.pdu.esm_class for parcel in parcels} == {0x40 if count > 1 else 0}
    told = json.loads("{" + parcels[0].witness_part.lstrip(",") + "}")
    assert told == {"source": "91987", "destination": "56070", "kind": "mo_csv", "text": text}


def test_they_may_be_data_sm():
    [parcel] = mo_parcels("mo_csv", "91987", "56070", "YES", "data_sm")
    assert isinstance(parcel.pdu, DataSm)
    assert parcel.command == "data_sm"
