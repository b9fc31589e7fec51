"""Which records are rows of ours, and where each one has what a row needs (TS 32.298 release 16).

Columns of all kinds have the same names: msisdn; other_1 … (the other side, the first that is there); at_1 …
(the first moment); duration_s; octets_up, octets_down; area and cell, or location; network_1 …; device_tac;
status; failed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from cdr_ingest.ber_columns import values
from cdr_ingest.ber_columns.columns import Path, RecordColumns
from cdr_ingest.ber_columns.inner_values import (
    cell_of_location,
    first_party,
    short_message_address,
    sum_in_list,
)
from cdr_ingest.ber_columns.networks_and_devices import device_tac, network, network_of_location
from cdr_ingest.ber_columns.values import Reader

_UP, _DOWN = sum_in_list(3), sum_in_list(4)  # ChangeOfCharCondition
_SERVICE_UP, _SERVICE_DOWN = sum_in_list(12), sum_in_list(13)  # ChangeOfServiceCondition
_LOCATION = cell_of_location()
_PARTY = first_party()
_SHORT = short_message_address()


@dataclass(frozen=True, slots=True)
class RowSource:
    """A record that is a row: our kind, and its columns."""

    kind: str
    columns: RecordColumns


def _source(
    kind: str,
    name: str,
    number: int,
    columns: Mapping[str, tuple[Path, Reader]],
    *holding_fields: str,
) -> RowSource:
    return RowSource(kind, RecordColumns(name, number, columns, frozenset(holding_fields)))


Columns = dict[str, tuple[Path, Reader]]


def _calls(msisdn: int, others: tuple[int, ...], moments: tuple[int, ...], duration: int) -> Columns:
    columns: Columns = {"msisdn": ((msisdn,), values.called_number)}
    columns |= {f"other_{at}": ((number,), values.called_number) for at, number in enumerate(others, 1)}
    columns |= {f"at_{at}": ((number,), values.moment) for at, number in enumerate(moments, 1)}
    return columns | {"duration_s": ((duration,), values.integer)}


def _place(number: int) -> Columns:
    return {
        "area": ((number, 0), values.unsigned),
        "cell": ((number, 1), values.unsigned),
        "network_1": ((number, 2), network),
    }


def _device(number: int) -> Columns:
    return {"device_tac": ((number,), device_tac)}


def _data(msisdn: int, opening: int, duration: int, volumes: int) -> Columns:
    return {
        "msisdn": ((msisdn,), values.called_number),
        "at_1": ((opening,), values.moment),
        "duration_s": ((duration,), values.integer),
        "octets_up": ((volumes,), _UP),
        "octets_down": ((volumes,), _DOWN),
    }


_GATEWAY: Columns = {
    **_data(22, 13, 14, 12),
    "location": ((32,), _LOCATION),
    "network_1": ((27,), network),
    "network_2": ((32,), network_of_location),
    **_device(29),
}
_VOLUMES = ("octets_up", "octets_down")
_PERSON = {"msisdn": ((2, 1), values.called_number)}
_SENDER: Columns = {
    "other_1": ((3, 1), values.called_number),
    "other_2": ((3, 2, 1), values.text),
    "other_3": ((3, 4, 1), values.text),
}

ROW_SOURCES: Mapping[int, RowSource] = {
    source.columns.number: source
    for source in (
        _source("MO_CALL", "moCallRecord", 0, {
            **_calls(3, (6, 5, 7), (23, 22, 24), 25), **_place(12), **_device(2)}),
        _source("MT_CALL", "mtCallRecord", 1, {
            **_calls(3, (4,), (20, 19, 21), 22), **_place(9), **_device(2)}),
        _source("MT_CALL", "roamingRecord", 2, _calls(2, (3,), (13, 12, 14), 15)),
        _source(
            "MO_SMS", "moSMSRecord", 6,
            {
                "msisdn": ((3,), values.called_number),
                "other_1": ((12,), _SHORT),
                "at_1": ((9,), values.moment),
                "failed": ((10,), values.octet_string),
                **_place(7),
                **_device(2),
            },
            "failed",
        ),
        _source(
            "MT_SMS", "mtSMSRecord", 7,
            {
                "msisdn": ((4,), values.called_number),
                "at_1": ((8,), values.moment),
                "failed": ((9,), values.octet_string),
                **_place(7),
                **_device(3),
            },
            "failed",
        ),
        _source("DATA_SESSION", "sgsnPDPRecord", 20, {
            **_data(27, 16, 17, 15), "area": ((8,), values.unsigned), "cell": ((9,), values.unsigned),
            "network_1": ((38,), network), **_device(4)},
            *_VOLUMES),
        _source("DATA_SESSION", "sGWRecord", 78, _GATEWAY, *_VOLUMES),
        _source("DATA_SESSION", "pGWRecord", 79, {
            **_GATEWAY,
            "service_up": ((34,), _SERVICE_UP), "service_down": ((34,), _SERVICE_DOWN)},
            *_VOLUMES, "service_up", "service_down"),
        _source("MO_SMS", "sCSMORecord", 93, {
            **_PERSON, "other_1": ((3,), _PARTY), "at_1": ((5,), values.moment)}, "other_1"),
        _source("MT_SMS", "sCSMTRecord", 94, {
            **_PERSON, **_SENDER, "at_1": ((19,), values.moment), "at_2": ((6,), values.moment),
            "at_3": ((5,), values.moment), "status": ((18,), values.unsigned)}),
        _source("MO_SMS", "sCSMOT4Record", 111, {**_PERSON, **_SENDER, "at_1": ((5,), values.moment)}),
        _source("MO_SMS", "iSMSMORecord", 112, {
            **_PERSON, "other_1": ((3,), _PARTY), "at_1": ((5,), values.moment)}, "other_1"),
        _source("MT_SMS", "iSMSMTRecord", 113, {
            **_PERSON, **_SENDER, "at_1": ((19,), values.moment), "at_2": ((6,), values.moment),
            "at_3": ((5,), values.moment), "status": ((18,), values.unsigned)}),
    )
}  # fmt: skip
