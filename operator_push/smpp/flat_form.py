"""Flat form: a PDU as one flat JSON object with the specification's field names, both ways.

Form: command_length, command_id, command (None where unknown), command_status, sequence_number, then the
mandatory fields in wire order; C-Octet Strings as text, octet strings as `…_hex` behind their `sm_length`,
lists behind their count (`number_of_dests` and `dests`, `no_unsuccess` and `unsuccess`), and `tlvs` where
there are any. A body that is left out leaves its fields out; one that no field can tell is `body_hex`.
Law: counts and lengths are derived on the way back, so `from_flat(to_flat(pdu))` is the PDU.
Not here: printing (cli).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import CommandId, DestFlag, command_name
from operator_push.smpp.field_specs import FIELD_SPECS, FieldKind
from operator_push.smpp.pdu import (
    PDU_TYPES,
    DistributionList,
    Pdu,
    ResponsePdu,
    SmeDestination,
    UnknownPdu,
    UnsuccessSme,
)
from operator_push.smpp.tlv import tlv_name

Flat = dict[str, Any]


def to_flat(pdu: Pdu) -> Flat:
    """The flat form of a PDU; its values are str, int, None, lists and dicts."""
    flat: Flat = {
        "command_length": len(encode_pdu(pdu)),
        "command_id": int(pdu.command_id),
        "command": command_name(pdu.command_id),
        "command_status": pdu.command_status,
        "sequence_number": pdu.sequence_number,
    }
    if isinstance(pdu, UnknownPdu):
        return flat | {"body_hex": pdu.body.hex()}
    if isinstance(pdu, ResponsePdu) and pdu.raw_body is not None:
        return flat | ({"body_hex": pdu.raw_body.hex()} if pdu.raw_body else {})
    for spec in FIELD_SPECS[pdu.command_id]:
        value = getattr(pdu, spec.name)
        match spec.kind:
            case FieldKind.SHORT_MESSAGE:
                flat["sm_length"] = len(value)
                flat["short_message_hex"] = value.hex()
            case FieldKind.DEST_ADDRESSES:
                flat["number_of_dests"] = len(value)
                flat["dests"] = [_flat_destination(destination) for destination in value]
            case FieldKind.UNSUCCESS_SMES:
                flat["no_unsuccess"] = len(value)
                flat["unsuccess"] = [_flat_unsuccess(entry) for entry in value]
            case _:
                flat[spec.name] = value
    if pdu.tlvs:
        flat["tlvs"] = [
            {"tag": int(tag), "name": tlv_name(tag), "length": len(value), "value_hex": value.hex()}
            for tag, value in pdu.tlvs
        ]
    return flat


def from_flat(flat: Mapping[str, Any]) -> Pdu:
    """The PDU of a flat form. `command` may stand for `command_id`; absent fields have the PDU's defaults.

    A response none of whose mandatory fields is given has no body.

    Raises:
        ValueError: an unknown key or command, a value of the wrong type, hex that is none. It names the key.
    """
    command_id = _command_id(flat)
    header = (_integer(flat, "sequence_number"), _integer(flat, "command_status"))
    if command_id not in FIELD_SPECS:
        _known_keys(flat, {"body_hex"}, f"the unknown command 0x{command_id:08x}")
        return UnknownPdu(*header, (), command_id, _hex(flat, "body_hex"))
    make_pdu: Callable[..., Pdu] = PDU_TYPES[command_id]
    names = {name for spec in FIELD_SPECS[command_id] for name in _flat_names(spec.name, spec.kind)}
    is_response = issubclass(PDU_TYPES[command_id], ResponsePdu)
    _known_keys(flat, names | {"tlvs"} | ({"body_hex"} if is_response else set()), CommandId(command_id).name)
    has_fields = not (names | {"tlvs"}).isdisjoint(flat)
    if "body_hex" in flat and has_fields:
        raise ValueError("body_hex: stands for the whole body, so no field may be beside it")
    if is_response and not has_fields and (names or "body_hex" in flat):
        return make_pdu(*header, (), _hex(flat, "body_hex"))
    values = {
        spec.name: _FROM_FLAT[spec.kind](flat, spec.name)
        for spec in FIELD_SPECS[command_id]
        if not _flat_names(spec.name, spec.kind).isdisjoint(flat)
    }
    return make_pdu(*header, _tlvs(flat), **values)


def _flat_destination(destination: SmeDestination | DistributionList) -> Flat:
    if isinstance(destination, DistributionList):
        return {"dest_flag": int(DestFlag.DISTRIBUTION_LIST), "dl_name": destination.dl_name}
    return {
        "dest_flag": int(DestFlag.SME_ADDRESS),
        "ton": destination.dest_addr_ton,
        "npi": destination.dest_addr_npi,
        "addr": destination.destination_addr,
    }


def _flat_unsuccess(entry: UnsuccessSme) -> Flat:
    return {
        "ton": entry.dest_addr_ton,
        "npi": entry.dest_addr_npi,
        "addr": entry.destination_addr,
        "error": entry.error_status_code,
    }


def _flat_names(name: str, kind: FieldKind) -> set[str]:
    match kind:
        case FieldKind.SHORT_MESSAGE:
            return {"sm_length", "short_message_hex"}
        case FieldKind.DEST_ADDRESSES:
            return {"number_of_dests", "dests"}
        case FieldKind.UNSUCCESS_SMES:
            return {"no_unsuccess", "unsuccess"}
        case _:
            return {name}


_HEADER_KEYS: Final = {"command_length", "command_id", "command", "command_status", "sequence_number"}


def _known_keys(flat: Mapping[str, Any], names: set[str], whose: str) -> None:
    unknown = sorted(flat.keys() - names - _HEADER_KEYS)
    if unknown:
        raise ValueError(f"{unknown[0]}: no field of {whose}; it has {', '.join(sorted(names)) or 'none'}")


def _command_id(flat: Mapping[str, Any]) -> int:
    if flat.get("command_id") is not None:
        return _integer(flat, "command_id")
    name = flat.get("command")
    if not isinstance(name, str) or name not in CommandId.__members__:
        raise ValueError(f"command: {name!r} is no SMPP command; give its name or a command_id")
    return CommandId[name]


def _integer(flat: Mapping[str, Any], key: str) -> int:
    value = flat.get(key, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{key}: {value!r} is not an integer")
    return value


def _text(flat: Mapping[str, Any], key: str) -> str:
    value = flat.get(key, "")
    if not isinstance(value, str):
        raise ValueError(f"{key}: {value!r} is not a text")
    return value


def _hex(flat: Mapping[str, Any], key: str) -> bytes:
    try:
        return bytes.fromhex(_text(flat, key))
    except ValueError as fault:
        raise ValueError(f"{key}: {fault}") from None


def _entries(flat: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = flat.get(key, [])
    if not isinstance(value, list) or not all(isinstance(entry, Mapping) for entry in value):
        raise ValueError(f"{key}: not a list of objects")
    return value


def _destinations(flat: Mapping[str, Any], _name: str) -> tuple[SmeDestination | DistributionList, ...]:
    return tuple(
        DistributionList(_text(entry, "dl_name"))
        if _integer(entry, "dest_flag") == DestFlag.DISTRIBUTION_LIST
        else SmeDestination(_integer(entry, "ton"), _integer(entry, "npi"), _text(entry, "addr"))
        for entry in _entries(flat, "dests")
    )


def _unsuccess(flat: Mapping[str, Any], _name: str) -> tuple[UnsuccessSme, ...]:
    return tuple(
        UnsuccessSme(
            _integer(entry, "ton"), _integer(entry, "npi"), _text(entry, "addr"), _integer(entry, "error")
        )
        for entry in _entries(flat, "unsuccess")
    )


def _tlvs(flat: Mapping[str, Any]) -> tuple[tuple[int, bytes], ...]:
    return tuple((_integer(entry, "tag"), _hex(entry, "value_hex")) for entry in _entries(flat, "tlvs"))


_FROM_FLAT: Final[dict[FieldKind, Callable[[Mapping[str, Any], str], object]]] = {
    FieldKind.INTEGER_1: _integer,
    FieldKind.C_OCTET_STRING: _text,
    FieldKind.SHORT_MESSAGE: lambda flat, _name: _hex(flat, "short_message_hex"),
    FieldKind.DEST_ADDRESSES: _destinations,
    FieldKind.UNSUCCESS_SMES: _unsuccess,
}
