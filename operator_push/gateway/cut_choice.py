"""Cut choice: which cut a message gets, when it is accepted, by the options of the link that routing names.

The choice is stored with the message as its plan (cut_plan), so that no restart, no failover and no other
settings change the segments that were priced. Cutting by a plan is message_cutting's.
"""

from collections.abc import Callable

import msgspec

from operator_push.gateway.cut_plan import PLAN_TAG, ConcatReferences, CutPlan, Form, Way
from operator_push.gateway.message_cutting import (
    Unsendable,
    Wire,
    cut_by_plan,
    is_short,
    names_tables,
    payload_of,
    split_header,
)
from operator_push.gateway.ussd_mapping import USSD_SERVICE, make_notify
from operator_push.kernel.instants import MICROS_PER_DAY, from_epoch_us
from operator_push.smpp.codec import encode_pdu
from operator_push.smpp.constants import EsmClass, Npi, Ton
from operator_push.smpp.pdu import SubmitSm
from operator_push.smpp.smpp_time import format_absolute
from operator_push.smpp.tlv import TlvTag
from operator_push.text.data_coding import (
    Encoding,
    choose_encoding,
    data_coding_of,
    decode_text,
    encode_text,
    encoding_of,
)
from operator_push.text.link_text import PLAIN_LINK, SMSC_DEFAULT, DefaultAlphabet, LinkText
from operator_push.text.segmentation import LongMessages, SegmentOptions, plan_text
from operator_push.text.shift_tables import NationalLanguage

SHORT_MESSAGE_OCTETS_MAX = 254
COUNTED_MAX = 64  # Ours: an audience is one text to a million destinations on a few links.
VALIDITY_TOLD_US = 7 * MICROS_PER_DAY
_UDHI = int(EsmClass.UDHI)


class MessageCutter:
    """Decides how messages are cut, by the link that each is routed to."""

    def __init__(
        self,
        link_text: Callable[[str, str, int, int], LinkText | None],
        references: ConcatReferences,
        shift_tables: Callable[[int], tuple[NationalLanguage, ...]] = lambda account_no: (),
    ) -> None:
        """`link_text(source, destination, account_no, traffic_class)`: that of the link for such a message,
        None for the default; `shift_tables(account_no)`: those that an account enables."""
        self._link_text = link_text
        self._references = references
        self._shift_tables = shift_tables
        self._counted: dict[tuple[LinkText, int, str], int] = {}
        self._ends = (0, "")  # the last end as SMPP writes it: a campaign has one for all its people

    def wire_of(
        self, pdu: SubmitSm, destination: str, account_no: int, traffic_class: int, at_us: int
    ) -> Wire | Unsendable:
        """Cut a submit_sm into the short messages that it becomes on the air.

        Where that is not the default cut, its plan is put among the TLVs of `pdu`, to be stored with it.
        """
        if pdu.tlvs and pdu.tlv(PLAN_TAG) is not None:
            pdu.tlvs = tuple(tlv for tlv in pdu.tlvs if tlv[0] != PLAN_TAG)
        if pdu.service_type == USSD_SERVICE:
            payload = payload_of(pdu)
            problem = make_notify(pdu, payload)
            return Unsendable(problem) if problem else Wire(pdu, [payload], pdu.esm_class, pdu.data_coding)
        link = self._link_text(pdu.source_addr, destination, account_no, traffic_class)
        if link is None:
            if is_short(pdu):
                return Wire(pdu, [payload_of(pdu)], pdu.esm_class, pdu.data_coding)
            link = PLAIN_LINK
        try:
            plan = self._plan(pdu, link, account_no)
            needs = plan.form is not Form.AS_SUBMITTED or not is_short(pdu)
            if needs and plan.way is not Way.PAYLOAD:  # whole messages get theirs from the SMSC
                plan = msgspec.structs.replace(plan, reference=self._references.next(destination, at_us))
            wire = cut_by_plan(pdu, plan)
        except ValueError as fault:
            return Unsendable(str(fault))
        if len(wire.segments) > 1 or plan.form is not Form.AS_SUBMITTED:
            pdu.tlvs = (*pdu.tlvs, (PLAN_TAG, plan.to_octets()))
        return wire

    def cuts_as_usual(self, source: str, destination: str, account_no: int, traffic_class: int) -> bool:
        """True where the link of such a message has no options of its own for texts."""
        return self._link_text(source, destination, account_no, traffic_class) is None

    def render_text(
        self,
        source: str,
        destination: str,
        text: str,
        account_no: int,
        traffic_class: int,
        at_us: int,
        ends_us: int = 0,
    ) -> tuple[bytes, int, Wire, bool]:
        """A text as a stored body, its number of segments, its wire form and whether it leaves as one PDU
        (services.run_campaign.Render).

        `ends_us`: no handset shall get it at or after, 0: the SMSC's own validity; the SMSC is told of ends
        within a week alone, since some refuse what is beyond their own longest.

        Raises:
            ValueError: the text cannot be sent; it tells why.
        """
        pdu = _submit_of(source, destination, text)
        if at_us < ends_us <= at_us + VALIDITY_TOLD_US:
            if ends_us != self._ends[0]:
                self._ends = ends_us, format_absolute(from_epoch_us(ends_us))
            pdu.validity_period = self._ends[1]
        return self._rendered(pdu, account_no, traffic_class, at_us)

    def render_ussd(
        self,
        source: str,
        destination: str,
        text: str,
        account_no: int,
        traffic_class: int,
        at_us: int,
        ends_us: int = 0,
    ) -> tuple[bytes, int, Wire, bool]:
        """As `render_text`, for the screen: one segment, shown at once, so that no end is told.

        Raises:
            ValueError: it is too long to be shown at once.
        """
        pdu = _submit_of(source, destination, text)
        pdu.service_type = USSD_SERVICE
        return self._rendered(pdu, account_no, traffic_class, at_us)

    def _rendered(
        self, pdu: SubmitSm, account_no: int, traffic_class: int, at_us: int
    ) -> tuple[bytes, int, Wire, bool]:
        wire = self.wire_of(pdu, pdu.destination_addr, account_no, traffic_class, at_us)
        if isinstance(wire, Unsendable):
            raise ValueError(wire.detail)
        return encode_pdu(pdu), len(wire.segments), wire, wire.is_whole

    def segments_of(
        self, source: str, destination: str, text: str, account_no: int, traffic_class: int
    ) -> int:
        """How many segments `render_text` will make of a text to this destination.

        Raises:
            ValueError: the text cannot be sent; it tells why.
        """
        link = self._link_text(source, destination, account_no, traffic_class) or PLAIN_LINK
        asked = (link, account_no, text)
        count = self._counted.get(asked)
        if count is None:
            pdu = _submit_of("", destination, text)
            count = len(cut_by_plan(pdu, self._plan(pdu, link, account_no)).segments)
            if len(self._counted) >= COUNTED_MAX:
                self._counted.clear()
            self._counted[asked] = count
        return count

    def _plan(self, pdu: SubmitSm, link: LinkText, account_no: int) -> CutPlan:
        """The plan of a message on this link, its reference left open."""
        if link is PLAIN_LINK:
            return _DEFAULT_PLAN
        form, locking, single = self._form(pdu, link, account_no)
        way = _way(link.options)
        if way is Way.PAYLOAD and pdu.esm_class & _UDHI:
            way = Way.UDH  # nothing says that an SMSC repeats a header of the ESME's own in the parts it cuts
        return CutPlan(way, form, 0, locking, single)

    def _form(self, pdu: SubmitSm, link: LinkText, account_no: int) -> tuple[Form, int, int]:
        encoding = encoding_of(pdu.data_coding)
        has_header = bool(pdu.esm_class & _UDHI)
        if pdu.data_coding == SMSC_DEFAULT and link.default_alphabet is not DefaultAlphabet.GSM7:
            elements, text = split_header(payload_of(pdu), has_header)
            lacks = not names_tables(elements) and link.default_alphabet.write(text) is None
            return Form.UCS2 if lacks else Form.AS_SUBMITTED, 0, 0
        enabled = link.options.shift_tables
        if enabled and encoding is Encoding.UCS2 and not has_header:
            asked = self._shift_tables(account_no)
            tables = tuple(language for language in enabled if language in asked)
            options = msgspec.structs.replace(link.options, shift_tables=tables)
            text_plan = plan_text(decode_text(payload_of(pdu), encoding), options)
            if text_plan.elements:
                return Form.NATIONAL, text_plan.locking, text_plan.single
        return Form.AS_SUBMITTED, 0, 0


_DEFAULT_PLAN = CutPlan()


def _way(options: SegmentOptions) -> Way:
    if options.method is not LongMessages.UDH:
        return Way.SAR if options.method is LongMessages.SAR else Way.PAYLOAD
    return Way.UDH16 if options.reference_bits == 16 else Way.UDH


def _submit_of(source: str, destination: str, text: str) -> SubmitSm:
    """The submit_sm that a text is stored as, in the default alphabet or as UCS2."""
    encoding = choose_encoding(text)
    payload = encode_text(text, encoding)
    alphanumeric = not source.isdigit()
    long = len(payload) > SHORT_MESSAGE_OCTETS_MAX
    return SubmitSm(
        source_addr_ton=Ton.ALPHANUMERIC if alphanumeric else Ton.NETWORK_SPECIFIC,
        source_addr_npi=Npi.UNKNOWN,
        source_addr=source,
        dest_addr_ton=Ton.INTERNATIONAL,
        dest_addr_npi=Npi.ISDN,
        destination_addr=destination,
        registered_delivery=1,
        data_coding=data_coding_of(encoding),
        short_message=b"" if long else payload,
        tlvs=((int(TlvTag.message_payload), payload),) if long else (),
    )
