"""Online charging by Diameter: the octets of a request, what answers mean, and a server that answers."""

from datetime import UTC, datetime
from typing import Any

import pytest
from diameter.message import Message
from diameter.message.avp.grouped import (
    CcMoney,
    FinalUnitIndication,
    GrantedServiceUnit,
    MultipleServicesCreditControl,
    UnitValue,
)
from diameter.message.commands.credit_control import CreditControlAnswer
from diameter_ocs import IDENTITY, REALM, DiameterOcs
from free_ports import free_port
from ocs_books import OcsBooks
from product import until

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import (
    ChargingAnswer,
    ChargingRequest,
    ChargingStep,
    OnlineChargingSettings,
)
from operator_push_adapters import online_charging_diameter as adapter

SETTINGS = OnlineChargingSettings("gw.gateway.test", "gateway.test", REALM, (), 2.0)
SESSION = "gw.gateway.test;1;2;0-3"
AT = datetime(2026, 11, 22, tzinfo=UTC)


def asked(
    step: ChargingStep, number: int = 0, requested: int = 0, used: int = 0, is_copy: bool = False
) -> Any:
    return ChargingRequest(step, SESSION, number, 3, "shop", "INR", requested, used, is_copy)


def on_wire(request: ChargingRequest, **options: Any) -> Any:
    """The request as somebody else reads it from its octets."""
    chosen = adapter._options(options)
    return Message.from_bytes(adapter.credit_control_request(request, SETTINGS, chosen, AT).as_bytes())


def micros(money: Any) -> tuple[int, int, int]:
    return money.unit_value.value_digits, money.unit_value.exponent, money.currency_code


def test_an_update_reports_and_asks_in_one_service() -> None:
    message = on_wire(asked(ChargingStep.UPDATE, 4, 1_500_000, 700_000), rating_group=7)
    assert message.header.command_code == 272
    assert (message.header.is_request, message.header.is_proxyable, message.header.is_retransmit) == (
        True,
        True,
        False,
    )
    assert (message.session_id, message.cc_request_type, message.cc_request_number) == (SESSION, 2, 4)
    assert message.service_context_id == "32274@3gpp.org"
    assert (message.origin_host, message.destination_realm) == (b"gw.gateway.test", REALM.encode())
    (subscription,) = message.subscription_id
    assert (subscription.subscription_id_type, subscription.subscription_id_data) == (4, "shop")
    (units,) = message.multiple_services_credit_control
    assert micros(units.requested_service_unit.cc_money) == (1_500_000, -6, 356)
    assert [micros(used.cc_money) for used in units.used_service_unit] == [(700_000, -6, 356)]
    assert units.rating_group == 7
    sms = message.service_information.sms_information
    assert (sms.sms_node, sms.sm_message_type) == (3, 0)


def test_a_copy_has_the_t_bit_and_the_identifier_of_the_first() -> None:
    first, copy = (on_wire(asked(ChargingStep.UPDATE, 4, 5, 6, is_copy)) for is_copy in (False, True))
    assert copy.header.is_retransmit
    assert copy.header.end_to_end_identifier == first.header.end_to_end_identifier
    other = on_wire(asked(ChargingStep.UPDATE, 5, 5, 6))
    assert other.header.end_to_end_identifier != first.header.end_to_end_identifier


def test_events_name_their_action_and_a_termination_its_cause() -> None:
    refund, debit = on_wire(asked(ChargingStep.REFUND, used=9)), on_wire(asked(ChargingStep.DEBIT, used=9))
    assert [(each.cc_request_type, each.requested_action) for each in (refund, debit)] == [(4, 1), (4, 0)]
    (units,) = refund.multiple_services_credit_control
    assert micros(units.requested_service_unit.cc_money)[0] == 9
    ended = on_wire(asked(ChargingStep.TERMINATE, 2, used=9))
    assert (ended.cc_request_type, ended.termination_cause) == (3, 1)
    assert ended.multiple_services_credit_control[0].requested_service_unit is None


def granting(digits: int, exponent: int | None, **more: Any) -> CreditControlAnswer:
    answer = CreditControlAnswer()
    answer.result_code = 2001
    units = MultipleServicesCreditControl(
        granted_service_unit=GrantedServiceUnit(cc_money=CcMoney(UnitValue(digits, exponent), 356)),
        result_code=more.get("units_code", 2001),
    )
    units.validity_time = more.get("validity")
    if "final" in more:
        units.final_unit_indication = FinalUnitIndication(final_unit_action=more["final"])
    answer.multiple_services_credit_control = [units]
    if "handling" in more:
        answer.credit_control_failure_handling = more["handling"]
    return answer


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (granting(1_500_000, -6), ChargingAnswer(2001, 1_500_000)),
        (granting(3, 0), ChargingAnswer(2001, 3_000_000)),
        (granting(3, None), ChargingAnswer(2001, 3_000_000)),
        (granting(125, -2, validity=60), ChargingAnswer(2001, 1_250_000, 60)),
        (granting(19, -7), ChargingAnswer(2001, 1)),
        (granting(1, 0, final=0), ChargingAnswer(2001, 1_000_000, 0, True)),
        (granting(1, 0, units_code=4012), ChargingAnswer(2001, 0)),
        (granting(1, 0, handling=0), ChargingAnswer(2001, 1_000_000, failure_handling="terminate")),
        (granting(1, 0, handling=1), ChargingAnswer(2001, 1_000_000, failure_handling="continue")),
    ],
)
def test_answers_are_read(answer: CreditControlAnswer, expected: ChargingAnswer) -> None:
    assert adapter.charging_answer(Message.from_bytes(answer.as_bytes())) == expected


def test_a_server_answers_over_the_wire_and_silence_ends_at_tx() -> None:
    books, port = OcsBooks({"shop": 5_000}), free_port()
    settings = OnlineChargingSettings(
        "gw.gateway.test", "gateway.test", REALM, [f"aaa://{IDENTITY}:{port};address=127.0.0.1"], 0.3
    )
    with DiameterOcs(books, port, "gw.gateway.test", "gateway.test") as ocs:
        charging = adapter.DiameterCharging(settings)
        try:
            until(lambda: _is_up(charging), "the peer")
            assert charging.ask(asked(ChargingStep.OPEN, 0, 1_000)).granted_micros == 1_000
            ocs.silent = True
            with pytest.raises(ResourceError, match="Timed out"):
                charging.ask(asked(ChargingStep.UPDATE, 1, 1_000, 400))
            ocs.silent = False
            assert charging.ask(asked(ChargingStep.UPDATE, 1, 1_000, 400, True)).granted_micros == 1_000
            assert books.used == {"shop": 400}
        finally:
            charging.close()
    with pytest.raises(ResourceError, match="closed"):
        charging.ask(asked(ChargingStep.OPEN))


def _is_up(charging: adapter.DiameterCharging) -> bool:
    try:
        charging.ask(ChargingRequest(ChargingStep.OPEN, "gw;0;0", 0, 3, "nobody", "INR", 1, 0))
    except ResourceError:
        return False
    return True


@pytest.mark.parametrize(
    ("options", "peers", "words"),
    [
        ({"speed": 1}, (), "no option of this kind"),
        ({"rating_group": "7"}, (), "not allowed"),
        ({"subscription_type": "imei"}, (), "not one of e164"),
        ({}, ("tcp://relay.test",), "is not like aaa://"),
        ({}, ("aaa://relay.test;transport=sctp",), "let a relay on this machine"),
        ({}, ("aaa://relay.test;colour=red",), "not colour"),
        ({}, ("aaa://relay.invalid",), "cannot be resolved"),
    ],
)
def test_settings_that_cannot_work_stop_the_start(options: Any, peers: Any, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        adapter.DiameterCharging(OnlineChargingSettings("gw.test", "test", REALM, peers, 1.0, options))
