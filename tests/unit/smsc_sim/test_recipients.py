"""Recipients: submit_multi and data_sm say in submit_sm what they said before."""

from operator_push.smpp.constants import CommandStatus
from operator_push.smpp.pdu import DataSm, DistributionList, SmeDestination, SubmitMulti, SubmitSm
from smsc_sim.recipients import DistributionLists, as_submit_sm, multi_response, single_submits
from smsc_sim.scenario_accounts import DistributionListRow

LISTS = DistributionLists((DistributionListRow(name="staff", numbers=("1", "2")),))


def test_every_field_that_they_share_is_carried():
    shared = {
        "sequence_number": 9,
        "tlvs": ((0x424, b"x"),),
        "service_type": "WAP",
        "source_addr_ton": 5,
        "source_addr_npi": 1,
        "source_addr": "CHAI",
        "esm_class": 0x40,
        "registered_delivery": 1,
        "data_coding": 8,
    }
    more = {
        "protocol_id": 1,
        "priority_flag": 2,
        "schedule_delivery_time": "a",
        "validity_period": "b",
        "sm_default_msg_id": 3,
        "short_message": b"hi",
    }
    one = {"dest_addr_ton": 1, "dest_addr_npi": 2, "destination_addr": "91"}
    multi = SubmitMulti(**shared, **more, dest_address=(SmeDestination(1, 2, "91"),))
    assert single_submits(multi, LISTS) == [SubmitSm(**shared, **more, **one)]
    assert as_submit_sm(DataSm(**shared, **one)) == SubmitSm(**shared, **one)


def test_lists_are_spread_out_in_their_place():
    multi = SubmitMulti(dest_address=(SmeDestination(0, 0, "9"), DistributionList("staff")))
    assert [one.destination_addr for one in single_submits(multi, LISTS)] == ["9", "1", "2"]
    unknown = SubmitMulti(dest_address=(DistributionList("nobody"),))
    assert single_submits(unknown, LISTS) is CommandStatus.ESME_RINVDLNAME
    empty = DistributionLists((DistributionListRow(name="none", numbers=()),))
    nobody = single_submits(SubmitMulti(dest_address=(DistributionList("none"),)), empty)
    assert nobody is CommandStatus.ESME_RINVNUMDESTS


def test_the_response_names_who_was_refused():
    refused = SubmitSm(dest_addr_ton=1, dest_addr_npi=1, destination_addr="91x")
    response = multi_response(5, "77", [(refused, CommandStatus.ESME_RINVDSTADR)])
    assert (response.sequence_number, response.message_id) == (5, "77")
    assert response.unsuccess_sme[0].error_status_code == 0x0B
