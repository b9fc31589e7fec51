"""Codec source: straight-line Python made from the field table, one decoder and one encoder per PDU.

Why: walking the table costs about 15 us per submit_sm, straight lines a third of it (benchmarks/). A function
is made on first use, so a program pays for the PDUs that it meets.
Laws: a made decoder either returns what body_walk.py would, or raises IndexError, ValueError or struct.error
(never a wrong PDU); it never looks for the reason. A made encoder raises before it writes a field that would
read back differently: a NUL inside a C-Octet String, an integer over its octets, a text outside latin-1.
"""

from collections.abc import Callable
from struct import Struct
from typing import cast

from operator_push.smpp.constants import DestFlag
from operator_push.smpp.field_specs import FIELD_SPECS, FieldKind
from operator_push.smpp.pdu import PDU_TYPES, DistributionList, Pdu, ResponsePdu, SmeDestination, UnsuccessSme

Decoder = Callable[[bytes, int, int], Pdu]  # octets, command_status, sequence_number
Encoder = Callable[[Pdu], bytes]

_UINT32 = Struct(">I")
_HEADER = Struct(">IIII")
_TLV_HEADER = Struct(">HH")


def make_decoder(command_id: int) -> Decoder:
    """The decoder of one command_id of the table."""
    return cast(Decoder, _compile("decode", decoder_source(command_id), command_id))


def make_encoder(command_id: int) -> Encoder:
    """The encoder of one command_id of the table."""
    return cast(Encoder, _compile("encode", encoder_source(command_id), command_id))


def decoder_source(command_id: int) -> str:
    """Python text of `decode(octets, command_status, sequence_number)`.

    The whole PDU becomes one latin-1 text at once; its slices are the C-Octet Strings, which is cheaper than
    one decode per field.
    """
    specs = FIELD_SPECS[command_id]
    lines = ["def decode(octets, command_status, sequence_number):"]
    response = issubclass(PDU_TYPES[command_id], ResponsePdu)
    arguments = ["sequence_number", "command_status", "tlvs"] + (["None"] if response else [])
    if response and specs:
        lines += [
            " if len(octets) == 16:",
            "  return Type(sequence_number, command_status, (), b'')",
        ]
    if response and [spec.kind for spec in specs] == [FieldKind.C_OCTET_STRING]:
        # One empty string, as in nearly every deliver_sm_resp.
        lines += [
            " if len(octets) == 17 and not octets[16]:",
            "  return Type(sequence_number, command_status, (), None, '')",
        ]
    lines += [" text = octets.decode('latin-1')", " at = 16"]
    pending = 0  # integers since the last string: read at fixed distances from `at`
    for spec in specs:
        name = spec.name
        arguments.append(name)
        if spec.kind is FieldKind.INTEGER_1:
            lines.append(f" {name} = octets[at + {pending}]" if pending else f" {name} = octets[at]")
            pending += 1
            continue
        if pending:
            lines.append(f" at += {pending}")
            pending = 0
        lines += _READERS[spec.kind](name)
    if pending:
        lines.append(f" at += {pending}")
    lines += [
        " end = len(octets)",
        " tlvs = read_tlvs(octets, at, end) if at != end else ()",
        f" return Type({', '.join(arguments)})",
    ]
    return "\n".join(lines)


def encoder_source(command_id: int) -> str:
    """Python text of `encode(pdu)`: one %-format for all fixed fields, one join for the rest."""
    specs = FIELD_SPECS[command_id]
    lines = ["def encode(pdu):"]
    if issubclass(PDU_TYPES[command_id], ResponsePdu):
        lines += [" if pdu.raw_body is not None:", "  return frame(pdu, pdu.raw_body)"]
    formats: list[str] = []
    values: list[str] = []
    strings: list[str] = []
    parts: list[str] = []  # expressions of bytes, joined with +
    for spec in specs:
        value = f"pdu.{spec.name}"
        match spec.kind:
            case FieldKind.INTEGER_1:
                formats.append("%c")
                values.append(value)
            case FieldKind.C_OCTET_STRING:
                lines.append(f" {spec.name} = {value}")
                formats.append("%s\\0")
                values.append(spec.name)
                strings.append(spec.name)
            case FieldKind.SHORT_MESSAGE:
                lines.append(f" short_message = {value}")
                formats.append("%c")
                values.append("len(short_message)")
                parts += [_fixed_part(formats, values), "short_message"]
                formats, values = [], []
            case _:
                if formats:
                    parts.append(_fixed_part(formats, values))
                    formats, values = [], []
                parts.append(f"{_WRITERS[spec.kind]}({value})")
    if formats:
        parts.append(_fixed_part(formats, values))
    if strings:
        joined = "}{".join(strings)
        lines.append(f" if '\\0' in f'{{{joined}}}': raise ValueError('NUL inside a C-Octet String')")
    lines += [
        f" body = {' + '.join(parts) or repr(b'')}",
        " if pdu.tlvs: body += write_tlvs(pdu.tlvs)",
        f" return pack_header(16 + len(body), {command_id}, pdu.command_status, pdu.sequence_number) + body",
    ]
    return "\n".join(lines)


def frame(pdu: Pdu, body: bytes) -> bytes:
    """A header before a body that is written as it is."""
    header = _HEADER.pack(16 + len(body), pdu.command_id, pdu.command_status, pdu.sequence_number)
    return header + body


def _fixed_part(formats: list[str], values: list[str]) -> str:
    # %c takes any code point; what is over 255 fails in the latin-1 encoding behind it.
    return f"('{''.join(formats)}' % ({', '.join(values)},)).encode('latin-1')"


def _string_reader(name: str) -> list[str]:
    return [" end = text.index('\\0', at)", f" {name} = text[at:end]", " at = end + 1"]


def _short_message_reader(name: str) -> list[str]:
    return [
        " end = at + 1 + octets[at]",
        f" {name} = octets[at + 1:end]",
        " if end > len(octets): raise ValueError",
        " at = end",
    ]


def _list_reader(function: str) -> Callable[[str], list[str]]:
    return lambda name: [f" {name}, at = {function}(octets, text, at)"]


_READERS: dict[FieldKind, Callable[[str], list[str]]] = {
    FieldKind.C_OCTET_STRING: _string_reader,
    FieldKind.SHORT_MESSAGE: _short_message_reader,
    FieldKind.DEST_ADDRESSES: _list_reader("read_destinations"),
    FieldKind.UNSUCCESS_SMES: _list_reader("read_unsuccess"),
}
_WRITERS = {FieldKind.DEST_ADDRESSES: "write_destinations", FieldKind.UNSUCCESS_SMES: "write_unsuccess"}


def _read_tlvs(octets: bytes, at: int, end: int) -> tuple[tuple[int, bytes], ...]:
    found = []
    unpack = _TLV_HEADER.unpack_from
    while at < end:
        tag, length = unpack(octets, at)
        stop = at + 4 + length
        if stop > end:
            raise ValueError
        found.append((tag, octets[at + 4 : stop]))
        at = stop
    return tuple(found)


def _read_destinations(
    octets: bytes, text: str, at: int
) -> tuple[tuple[SmeDestination | DistributionList, ...], int]:
    found: list[SmeDestination | DistributionList] = []
    count = octets[at]
    at += 1
    for _ in range(count):
        flag = octets[at]
        if flag == DestFlag.SME_ADDRESS:
            end = text.index("\0", at + 3)
            found.append(SmeDestination(octets[at + 1], octets[at + 2], text[at + 3 : end]))
        elif flag == DestFlag.DISTRIBUTION_LIST:
            end = text.index("\0", at + 1)
            found.append(DistributionList(text[at + 1 : end]))
        else:
            raise ValueError
        at = end + 1
    return tuple(found), at


def _read_unsuccess(octets: bytes, text: str, at: int) -> tuple[tuple[UnsuccessSme, ...], int]:
    found = []
    count = octets[at]
    at += 1
    for _ in range(count):
        end = text.index("\0", at + 2)
        (status,) = _UINT32.unpack_from(octets, end + 1)
        found.append(UnsuccessSme(octets[at], octets[at + 1], text[at + 2 : end], status))
        at = end + 5
    return tuple(found), at


def _write_tlvs(tlvs: tuple[tuple[int, bytes], ...]) -> bytes:
    pack = _TLV_HEADER.pack
    return b"".join([pack(tag, len(value)) + value for tag, value in tlvs])


def _c_octets(text: str) -> bytes:
    if "\0" in text:
        raise ValueError("NUL inside a C-Octet String")
    return text.encode("latin-1") + b"\0"


def _write_destinations(destinations: tuple[SmeDestination | DistributionList, ...]) -> bytes:
    parts = [bytes((len(destinations),))]
    for destination in destinations:
        if isinstance(destination, SmeDestination):
            numbers = (DestFlag.SME_ADDRESS, destination.dest_addr_ton, destination.dest_addr_npi)
            parts += [bytes(numbers), _c_octets(destination.destination_addr)]
        else:
            parts += [bytes((DestFlag.DISTRIBUTION_LIST,)), _c_octets(destination.dl_name)]
    return b"".join(parts)


def _write_unsuccess(entries: tuple[UnsuccessSme, ...]) -> bytes:
    parts = [bytes((len(entries),))]
    for entry in entries:
        parts += [
            bytes((entry.dest_addr_ton, entry.dest_addr_npi)),
            _c_octets(entry.destination_addr),
            _UINT32.pack(entry.error_status_code),
        ]
    return b"".join(parts)


def _compile(name: str, source: str, command_id: int) -> object:
    names: dict[str, object] = {
        "Type": PDU_TYPES[command_id],
        "frame": frame,
        "pack_header": _HEADER.pack,
        "read_tlvs": _read_tlvs,
        "write_tlvs": _write_tlvs,
        "read_destinations": _read_destinations,
        "write_destinations": _write_destinations,
        "read_unsuccess": _read_unsuccess,
        "write_unsuccess": _write_unsuccess,
    }
    exec(compile(source, f"<smpp {name} 0x{command_id:08x}>", "exec"), names)
    return names[name]
