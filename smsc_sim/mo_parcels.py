"""MO parcels: a handset's text as the deliver_sm or data_sm PDUs of its segments."""

import json

from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import DeliverSm
from operator_push.text.data_coding import choose_encoding, data_coding_of, encode_text
from operator_push.text.segmentation import segment_user_data
from smsc_sim.parcel import Parcel, as_data_sm
from smsc_sim.scenario_handsets import Operation
from smsc_sim.witness import address_part

Segments = list[tuple[bytes, int, int]]  # short_message, esm_class, data_coding


def mo_segments(text: str) -> Segments:
    """(short_message, esm_class, data_coding) of each segment of a handset's text.

    The concatenation reference is always 1: a simulated handset sends one long text at a time.
    """
    encoding = choose_encoding(text)
    segments = segment_user_data(encode_text(text, encoding), encoding, 1)
    esm_class = int(EsmClass.UDHI) if len(segments) > 1 else 0
    return [(segment, esm_class, data_coding_of(encoding)) for segment in segments]


def mo_parcels(
    kind: str, source: str, destination: str, text: str, operation: Operation = "deliver_sm"
) -> list[Parcel]:
    """The parcels of a message from an international number; `kind` is what the witness calls it."""
    part = f'{address_part(source, destination)},"kind":"{kind}","text":{json.dumps(text)}'
    parcels = [
        Parcel(
            DeliverSm(
                source_addr_ton=Ton.INTERNATIONAL,
                source_addr_npi=Npi.ISDN,
                source_addr=source,
                destination_addr=destination,
                esm_class=esm_class,
                data_coding=data_coding,
                short_message=segment,
            ),
            False,
            part,
        )
        for segment, esm_class, data_coding in mo_segments(text)
    ]
    return [as_data_sm(parcel) for parcel in parcels] if operation == "data_sm" else parcels
