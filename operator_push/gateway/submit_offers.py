"""Submit offers: what an ESME's submit_sm or data_sm asks for, as an offer to the one door.

Every operation that submits comes through here (submit_sm, data_sm, each destination of a submit_multi, the
new text of a replace_sm), so that all are read by the same rules. What is wrong with the PDU itself becomes a
refusal in the offer, which the door stores like its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from operator_push.domain.address_rules import AddressRules
from operator_push.domain.concatenated_parts import Part
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.message_cutting import (
    ALONE_OCTETS,
    AS_STORED,
    Wire,
    leaves_as_it_came,
    payload_of,
)
from operator_push.gateway.part_mapping import part_of
from operator_push.gateway.pdu_mapping import (
    STORED_OCTETS_MAX,
    destination_by,
    destination_from,
    destination_of,
    offer_of,
    submission_of,
    submit_sm_of,
    take_schedule,
    take_validity,
)
from operator_push.gateway.sender_mapping import normalise_source
from operator_push.gateway.ussd_mapping import USSD_SERVICE
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.accept_submissions import NO_REFERENCE, Offered
from operator_push.services.ports import VaultPort
from operator_push.services.registry import Account
from operator_push.smpp.constants import EsmClass, Ton
from operator_push.smpp.pdu import DataSm, SubmitSm
from operator_push.smpp.tlv import TlvTag

_REFERENCE = int(TlvTag.user_message_reference)
ALPHANUMERIC = int(Ton.ALPHANUMERIC)
# Plain look-ups: arithmetic on an IntFlag and the call of an Enum cost a microsecond each.
_UDHI = int(EsmClass.UDHI)
_CLASSES = {int(kind): kind for kind in TrafficClass}
_SECOND_US = 1_000_000
PRIORITY_MAX = 3  # SMPP v3.4 section 5.2.14
_NO_REASON, _ESME = RefusalReason.NONE, Origin.ESME


@dataclass(frozen=True, slots=True)
class SubmitTerms:
    """What the configuration says about submissions: see config.SubmissionsSettings.

    `retry_window_of` (seconds) and `class_of_sender` tell what an account has agreed on.
    """

    traffic_class_tlv: int = 0
    retry_window_of: Callable[[Account], int] = lambda account: 0
    class_of_sender: Callable[[Account, str], TrafficClass | None] = lambda account, sender: None
    address_rules_of: Callable[[Account], AddressRules | None] = lambda account: None


class SubmitOffers:
    """Makes offers; `has_room` tells whether an account's queue of receipts and MO takes more."""

    def __init__(
        self,
        vault: VaultPort,
        has_room: Callable[[int], bool],
        terms: SubmitTerms,
        cutter: MessageCutter,
    ) -> None:
        self._vault = vault
        self._cutter = cutter
        self._has_room = has_room
        self._terms = terms

    def offer(self, pdu: SubmitSm | DataSm, account: Account, at_us: int, octets: bytes = b"") -> Offered:
        """The offer for one PDU; its schedule is taken out of it, since we keep it ourselves.

        `octets`: those of the PDU where it is as it came, so that it need not be encoded to be stored.
        """
        if octets and type(pdu) is SubmitSm and (usual := self._usual(pdu, account, octets)) is not None:
            return usual
        if isinstance(pdu, DataSm):
            submit, octets = submit_sm_of(pdu), b""
        else:
            submit = pdu
        tlvs = submit.tlvs
        if submit.source_addr_ton != ALPHANUMERIC and not submit.source_addr.isdigit():
            octets = b""  # the sender may leave as another kind of address
            normalise_source(submit)
        if submit.priority_flag > PRIORITY_MAX:  # 4 is SMPP 5.0's, and our links speak 3.4
            octets = b""
            submit.priority_flag = PRIORITY_MAX
        rules = self._terms.address_rules_of(account)
        destination = destination_of(submit) if rules is None else destination_by(rules, submit)
        subscriber_no = self._vault.number_of(destination)
        traffic_class = self._class_of(submit, account)
        refusal = _NO_REASON
        if not self._has_room(account.account_no):
            refusal = RefusalReason.QUEUE_FULL
        elif traffic_class is None:
            refusal = RefusalReason.CLASS_NOT_ALLOWED
        else:
            replaces = submit.replace_if_present_flag == 1
            if submit.replace_if_present_flag or submit.schedule_delivery_time:
                octets = b""  # both are ours to keep, so what leaves is not what came
                submit.replace_if_present_flag = 0
            not_before_us = take_schedule(submit, at_us)
            if submit.validity_period[-1:] == "R":
                octets = b""  # it leaves with the end of its period
            expires_us = take_validity(submit, at_us, not_before_us or 0)
            wire = self._cutter.wire_of(submit, destination, account.account_no, traffic_class, at_us)
            if isinstance(wire, Wire) and not_before_us is not None and expires_us is not None:
                segment_count = len(wire.segments)
                if submit.destination_addr != destination or submit.tlvs is not tlvs:
                    octets = b""
                form: object = wire
                if octets and leaves_as_it_came(submit, wire):
                    form = AS_STORED
                submission = submission_of(
                    submit, account, traffic_class, subscriber_no, destination, segment_count
                )
                part = part_of(submit) if submit.tlvs or submit.esm_class & _UDHI else None
                retry = self._retry_of(submit, account, destination, part)
                rest = (part, retry, octets, replaces, expires_us, wire.is_whole)
                offer = offer_of(submit, form, submission, not_before_us, *rest)
                if offer is not None:
                    return offer
            refusal = _what_is_wrong(not_before_us, expires_us)
        own_class = traffic_class or TrafficClass(account.traffic_class)
        submission = submission_of(submit, account, own_class, subscriber_no, destination, 1)
        return Offered(submission, b"", 0, refusal=refusal)

    def _usual(self, pdu: SubmitSm, account: Account, octets: bytes) -> Offered | None:
        """The offer for a submit_sm as nearly all are: one segment, to an international number, that leaves
        now and as it came. None for any other: `offer` takes it step by step, with the same outcome."""
        destination, source = pdu.destination_addr, pdu.source_addr
        if (
            pdu.tlvs
            or pdu.service_type == USSD_SERVICE
            or pdu.registered_delivery != 1
            or pdu.esm_class & _UDHI
            or pdu.dest_addr_ton > 1
            or pdu.priority_flag > PRIORITY_MAX
            or pdu.replace_if_present_flag
            or pdu.schedule_delivery_time
            or pdu.validity_period
            or len(pdu.short_message) > ALONE_OCTETS[pdu.data_coding]
            or len(octets) > STORED_OCTETS_MAX
            or not (source.isdigit() or pdu.source_addr_ton == ALPHANUMERIC)
            or not is_msisdn(destination)
        ):
            return None
        terms, account_no = self._terms, account.account_no
        if terms.address_rules_of(account) is not None or not self._has_room(account_no):
            return None
        traffic_class = terms.class_of_sender(account, source) or _CLASSES[account.traffic_class]
        if not self._cutter.cuts_as_usual(source, destination, account_no, traffic_class):
            return None
        submission = Submission(
            account_no,
            account.brand_no,
            account.category,
            traffic_class,
            _ESME,
            self._vault.number_of(destination),
            destination,
            source,
            1,
            0,
            NO_REFERENCE,
        )
        return Offered(submission, octets, 1, 0, AS_STORED)

    def recipient_meant(self, account: Account, ton: int, address: str) -> str:
        """The recipient as messages keep it, for an ESME that asks about one.

        What was accepted is matched by its digits, so a type of number that a submit_sm would be refused for
        does no harm here.
        """
        rules = self._terms.address_rules_of(account)
        by_rules = rules.msisdn_of(ton, address) if rules is not None else None
        return by_rules or destination_from(0, address)

    def _class_of(self, submit: SubmitSm, account: Account) -> TrafficClass | None:
        """The class of traffic: its TLV's, its sender's, or its account's; None for a TLV without a class.

        Whether the account may claim it is a rule's question (domain.rules.account). The TLV is between the
        ESME and us and does not travel on.
        """
        tag = self._terms.traffic_class_tlv
        if tag and submit.tlvs:
            stated = submit.tlv(tag)
            if stated is not None:
                submit.tlvs = tuple(tlv for tlv in submit.tlvs if tlv[0] != tag)
                return class_of_octets(stated)
        by_sender = self._terms.class_of_sender(account, submit.source_addr)
        return by_sender or _CLASSES[account.traffic_class]

    def _retry_of(
        self, submit: SubmitSm, account: Account, destination: str, part: Part | None
    ) -> tuple[int, int] | None:
        if part is None and not submit.tlvs:
            return None  # no reference of the client's own: equal texts may both be meant
        window_s = self._terms.retry_window_of(account)
        if not window_s:
            return None
        key = retry_key_of(submit, account.account_no, destination, part)
        return None if key is None else (key, window_s * _SECOND_US)


def _what_is_wrong(not_before_us: int | None, expires_us: int | None) -> RefusalReason:
    if not_before_us is None:
        return RefusalReason.BAD_SCHEDULE
    return RefusalReason.BAD_VALIDITY if expires_us is None else RefusalReason.BAD_MESSAGE


def class_of_octets(value: bytes) -> TrafficClass | None:
    """The class that a TLV states: one octet, or one digit of ASCII, 1 transactional, 2 service,
    3 promotional; None for anything else."""
    if len(value) != 1:
        return None
    number = value[0] - 0x30 if value[0] >= 0x30 else value[0]
    return TrafficClass(number) if number in TrafficClass.__members__.values() else None


def retry_key_of(submit: SubmitSm, account_no: int, destination: str, part: Part | None) -> int | None:
    """What makes two submissions the same, as a hash of 64 bits of this process; None without a reference."""
    reference = submit.tlv(_REFERENCE)
    if reference is None and part is None:
        return None
    place = (part.reference, part.total, part.part) if part is not None else None
    return hash(
        (
            account_no,
            submit.source_addr,
            destination,
            reference,
            place,
            submit.data_coding,
            payload_of(submit),
        )
    )
