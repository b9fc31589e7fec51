"""Body walk: reads a PDU body field by field along the table, and says exactly where and why it breaks.

Laws: this is the reference that the generated decoders of codec_source.py must equal (a property test holds
them together); it runs only when one of those has given up, so it may be slow. It carries what section 3.2
lets a peer write; it judges no value.
Not here: the fast path (codec_source.py), legal values (field_checks.py).
"""

from struct import Struct
from typing import NoReturn

from operator_push.smpp.codec_errors import PduDecodeError
from operator_push.smpp.constants import HEADER_OCTETS, CommandStatus, DestFlag
from operator_push.smpp.field_specs import (
    DL_NAME_SPEC,
    FIELD_SPECS,
    SME_DESTINATION_SPECS,
    FieldKind,
    FieldSpec,
)
from operator_push.smpp.pdu import PDU_TYPES, DistributionList, Pdu, ResponsePdu, SmeDestination, UnsuccessSme

_HEADER = Struct(">IIII")
_UINT32 = Struct(">I")
_TLV_HEADER = Struct(">HH")


def walk_pdu(octets: bytes) -> Pdu:
    """Read one whole PDU of a known command_id whose header has been checked.

    A response with a non-zero command_status and an unreadable body is accepted with that body raw: the
    specification leaves such a body out, so nothing in it has a meaning.

    Raises:
        PduDecodeError: a field ends beyond the PDU, or what follows the fields is no TLV.
    """
    _, command_id, command_status, sequence_number = _HEADER.unpack_from(octets)
    pdu_type = PDU_TYPES[command_id]
    if issubclass(pdu_type, ResponsePdu):
        body = octets[HEADER_OCTETS:]
        if not body and FIELD_SPECS[command_id]:
            return pdu_type(sequence_number, command_status, (), b"")
        if command_status:
            try:
                return _Walk(octets, command_id, command_status, sequence_number).read(pdu_type)
            except PduDecodeError:
                return pdu_type(sequence_number, command_status, (), body)
    return _Walk(octets, command_id, command_status, sequence_number).read(pdu_type)


def unwritable_field(pdu: Pdu) -> str:
    """Which field of a PDU that the encoder refused has no octets, and why; "" where none stands out."""
    for spec in FIELD_SPECS.get(pdu.command_id, ()):
        value = getattr(pdu, spec.name)
        match value:
            case int() if not 0 <= value <= 0xFF:
                return f"{spec.name}: {value} is not in 0..255"
            case str() if "\0" in value or any(ord(character) > 0xFF for character in value):
                return f"{spec.name}: a NUL or a character outside latin-1 inside a C-Octet String"
            case bytes() | tuple() if len(value) > 0xFF:
                return f"{spec.name}: {len(value)} are over the 255 that one octet can count"
    for tag, value in pdu.tlvs:
        if not 0 <= tag <= 0xFFFF or len(value) > 0xFFFF:
            return f"tlvs: tag {tag} with {len(value)} octets; both must be in 0..65535"
    return ""


def _octets(count: int) -> str:
    return "1 octet" if count == 1 else f"{count} octets"


class _Walk:
    """One pass over one body; `at` is the offset of the next octet."""

    def __init__(self, octets: bytes, command_id: int, command_status: int, sequence_number: int) -> None:
        self.octets = octets
        self.at = HEADER_OCTETS
        self.command_id = command_id
        self.command_status = command_status
        self.sequence_number = sequence_number

    def read(self, pdu_type: type[Pdu]) -> Pdu:
        specs = FIELD_SPECS[self.command_id]
        values = {spec.name: self._value(spec) for spec in specs}
        tlvs = self._tlvs(has_fields=bool(specs))
        return pdu_type(self.sequence_number, self.command_status, tlvs, **values)

    def _value(self, spec: FieldSpec) -> object:
        match spec.kind:
            case FieldKind.INTEGER_1:
                return self._integer(spec)
            case FieldKind.C_OCTET_STRING:
                return self._c_octet_string(spec)
            case FieldKind.SHORT_MESSAGE:
                return self._short_message(spec)
            case FieldKind.DEST_ADDRESSES:
                return tuple(self._destination() for _ in range(self._count("number_of_dests", spec)))
            case FieldKind.UNSUCCESS_SMES:
                return tuple(self._unsuccess(spec) for _ in range(self._count("no_unsuccess", spec)))

    def _integer(self, spec: FieldSpec) -> int:
        if self.at >= len(self.octets):
            self._fail("the PDU ends before this field", spec.name, spec.answer)
        value = self.octets[self.at]
        self.at += 1
        return value

    def _c_octet_string(self, spec: FieldSpec) -> str:
        end = self.octets.find(0, self.at)
        if end < 0:
            self._fail("no NUL ends this C-Octet String", spec.name, spec.answer)
        text = self.octets[self.at : end].decode("latin-1")
        self.at = end + 1
        return text

    def _short_message(self, spec: FieldSpec) -> bytes:
        length = self._count("sm_length", spec)
        end = self.at + length
        if end > len(self.octets):
            left = len(self.octets) - self.at
            self._fail(f"sm_length is {length}, but {_octets(left)} follow", spec.name, spec.answer)
        value = self.octets[self.at : end]
        self.at = end
        return value

    def _count(self, name: str, spec: FieldSpec) -> int:
        if self.at >= len(self.octets):
            self._fail("the PDU ends before this field", name, spec.answer)
        value = self.octets[self.at]
        self.at += 1
        return value

    def _destination(self) -> SmeDestination | DistributionList:
        if self.at >= len(self.octets):
            answer = CommandStatus.ESME_RINVNUMDESTS
            self._fail("number_of_dests is more than the addresses that follow", "dest_address", answer)
        flag = self.octets[self.at]
        if flag not in (DestFlag.SME_ADDRESS, DestFlag.DISTRIBUTION_LIST):
            answer = CommandStatus.ESME_RINVDESTFLAG
            self._fail(f"{flag} is neither 1 (SME address) nor 2 (distribution list)", "dest_flag", answer)
        self.at += 1
        if flag == DestFlag.DISTRIBUTION_LIST:
            return DistributionList(self._c_octet_string(DL_NAME_SPEC))
        return SmeDestination(*self._address())

    def _address(self) -> tuple[int, int, str]:
        ton, npi, address = SME_DESTINATION_SPECS
        return self._integer(ton), self._integer(npi), self._c_octet_string(address)

    def _unsuccess(self, spec: FieldSpec) -> UnsuccessSme:
        address = self._address()
        if self.at + _UINT32.size > len(self.octets):
            self._fail("the PDU ends before this field", "error_status_code", spec.answer)
        (status,) = _UINT32.unpack_from(self.octets, self.at)
        self.at += _UINT32.size
        return UnsuccessSme(*address, status)

    def _tlvs(self, *, has_fields: bool) -> tuple[tuple[int, bytes], ...]:
        # A PDU that is all header has a wrong length; one with fields has a broken optional part.
        answer = CommandStatus.ESME_RINVOPTPARSTREAM if has_fields else CommandStatus.ESME_RINVCMDLEN
        found = []
        end = len(self.octets)
        while self.at < end:
            if self.at + _TLV_HEADER.size > end:
                self._fail(f"{_octets(end - self.at)} at the end: too few for a TLV", "tlvs", answer)
            tag, length = _TLV_HEADER.unpack_from(self.octets, self.at)
            stop = self.at + _TLV_HEADER.size + length
            if stop > end:
                self._fail(
                    f"TLV 0x{tag:04x} has length {length}, but {_octets(length - (stop - end))} follow",
                    "tlvs",
                    answer,
                )
            found.append((tag, self.octets[self.at + _TLV_HEADER.size : stop]))
            self.at = stop
        return tuple(found)

    def _fail(self, detail: str, field: str, answer: CommandStatus) -> NoReturn:
        raise PduDecodeError(
            detail,
            answer=answer,
            command_id=self.command_id,
            sequence_number=self.sequence_number,
            command_status=self.command_status,
            field=field,
            offset=self.at,
        )
