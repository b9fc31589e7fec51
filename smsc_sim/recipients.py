"""Recipients: submit_multi and data_sm as the submit_sm PDUs that say the same."""

from collections.abc import Sequence

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import (
    DataSm,
    DistributionList,
    SmeDestination,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from smsc_sim.scenario_accounts import DistributionListRow

_INTERNATIONAL, _ISDN = 1, 1


class DistributionLists:
    """The `[[distribution_lists]]`."""

    def __init__(self, rows: Sequence[DistributionListRow]) -> None:
        self._numbers = {row.name: row.numbers for row in rows}

    def destinations(self, name: str) -> list[SmeDestination] | None:
        """The numbers behind a dl_name, or None where there is no such list."""
        numbers = self._numbers.get(name)
        return None if numbers is None else [SmeDestination(_INTERNATIONAL, _ISDN, one) for one in numbers]


def single_submits(pdu: SubmitMulti, lists: DistributionLists) -> list[SubmitSm] | CommandStatus:
    """One submit_sm per recipient, lists spread out, or ESME_RINVDLNAME for a list that is not known."""
    destinations: list[SmeDestination] = []
    for entry in pdu.dest_address:
        if isinstance(entry, DistributionList):
            behind = lists.destinations(entry.dl_name)
            if behind is None:
                return CommandStatus.ESME_RINVDLNAME
            destinations += behind
        else:
            destinations.append(entry)
    if not destinations:
        return CommandStatus.ESME_RINVNUMDESTS
    return [
        SubmitSm(
            sequence_number=pdu.sequence_number,
            tlvs=pdu.tlvs,
            service_type=pdu.service_type,
            source_addr_ton=pdu.source_addr_ton,
            source_addr_npi=pdu.source_addr_npi,
            source_addr=pdu.source_addr,
            dest_addr_ton=one.dest_addr_ton,
            dest_addr_npi=one.dest_addr_npi,
            destination_addr=one.destination_addr,
            esm_class=pdu.esm_class,
            protocol_id=pdu.protocol_id,
            priority_flag=pdu.priority_flag,
            schedule_delivery_time=pdu.schedule_delivery_time,
            validity_period=pdu.validity_period,
            registered_delivery=pdu.registered_delivery,
            data_coding=pdu.data_coding,
            sm_default_msg_id=pdu.sm_default_msg_id,
            short_message=pdu.short_message,
        )
        for one in destinations
    ]


def multi_response(
    sequence_number: int, smsc_message_id: str, refused: Sequence[tuple[SubmitSm, CommandStatus]]
) -> SubmitMultiResp:
    """submit_multi_resp (SMPP v3.4 section 4.5.2): the id, and who will not get the message and why."""
    return SubmitMultiResp(
        sequence_number=sequence_number,
        message_id=smsc_message_id,
        unsuccess_sme=tuple(
            UnsuccessSme(one.dest_addr_ton, one.dest_addr_npi, one.destination_addr, int(status))
            for one, status in refused
        ),
    )


def as_submit_sm(pdu: DataSm) -> SubmitSm:
    """A data_sm as the submit_sm with the same text in message_payload."""
    return SubmitSm(
        sequence_number=pdu.sequence_number,
        tlvs=pdu.tlvs,
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
    )
