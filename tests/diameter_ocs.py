"""A charging system on a Diameter port for tests: python-diameter's server over the books of tests/ocs_books.

It reads what stands in a credit-control request and builds its answer with AVPs of its own, so that it shares
no code with the adapter that it judges. It notes what it was asked: `requests` holds (CC-Request-Type,
CC-Request-Number, T bit, SMS-Node) of each.
"""

import threading
from types import TracebackType
from typing import Any

from diameter.message.avp.grouped import (
    CcMoney,
    FinalUnitIndication,
    GrantedServiceUnit,
    MultipleServicesCreditControl,
    UnitValue,
)
from diameter.node import Node
from diameter.node.application import Application
from ocs_books import OcsBooks

from operator_push.services.ports import ChargingRequest, ChargingStep

REALM = "ocs.test"
IDENTITY = "server.ocs.test"
RUPEE = 356


class _Answering(Application):
    def __init__(self, ocs: "DiameterOcs") -> None:
        super().__init__(4, is_auth_application=True)
        self._ocs = ocs

    def handle_request(self, message: Any) -> None:
        answer = self._ocs.answer(self, message)
        if answer is not None:
            self.send_answer(answer)


class DiameterOcs:
    """Listens on 127.0.0.1; `peer` is the identity of the relay (or client) that may connect."""

    def __init__(self, books: OcsBooks, port: int, peer: str, peer_realm: str) -> None:
        self.books = books
        self.requests: list[tuple[int, int, bool, int | None]] = []
        self.silent = False  # takes requests and answers none
        self.lock = threading.Lock()
        self._node = Node(IDENTITY, REALM, ip_addresses=["127.0.0.1"], tcp_port=port)
        self._node.wakeup_interval = 1
        self._node.retransmit_queue_size = 0  # copies are for the books to recognise, not for the stack
        known = self._node.add_peer(f"aaa://{peer}", peer_realm)
        self._node.add_application(_Answering(self), [known], [REALM])

    def __enter__(self) -> "DiameterOcs":
        for thread in (self._node._connection_thread, self._node._stat_collect_thread):
            thread.daemon = True
        self._node._stat_collect_thread.stop()  # it would be waited for, 2 s, and nobody reads what it keeps
        self._node.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._node.stop(force=True)

    def answer(self, application: Application, message: Any) -> Any:
        """The CCA of a CCR, or None while silent; what is asked in silence is carried out all the same."""
        sms = message.service_information.sms_information
        asked = (
            message.cc_request_type,
            message.cc_request_number,
            message.header.is_retransmit,
            sms.sms_node,
        )
        with self.lock:
            self.requests.append(asked)
            told = self.books.answer(_request(message))
        if self.silent:
            return None
        answer = application.generate_answer(message, told.result_code)
        answer.cc_request_type, answer.cc_request_number = asked[:2]
        if told.result_code == 2001 and asked[0] in (1, 2):
            units = MultipleServicesCreditControl(
                granted_service_unit=GrantedServiceUnit(
                    cc_money=CcMoney(UnitValue(told.granted_micros, -6), RUPEE)
                ),
                result_code=2001,
            )
            if told.validity_s:
                units.validity_time = told.validity_s
            if told.is_final:
                units.final_unit_indication = FinalUnitIndication(final_unit_action=0)
            answer.multiple_services_credit_control = [units]
        return answer


def _request(message: Any) -> ChargingRequest:
    (units,) = message.multiple_services_credit_control
    kind, action = message.cc_request_type, getattr(message, "requested_action", None)
    step = ChargingStep(kind) if kind < 4 else (ChargingStep.REFUND if action == 1 else ChargingStep.DEBIT)
    requested = units.requested_service_unit
    asked = _micros(requested.cc_money) if requested is not None else 0
    used = sum(_micros(each.cc_money) for each in units.used_service_unit)
    (subscription,) = message.subscription_id
    if kind == 4:
        asked, used = 0, asked
    return ChargingRequest(
        step,
        message.session_id,
        message.cc_request_number,
        0,
        subscription.subscription_id_data,
        "INR",
        asked,
        used,
        message.header.is_retransmit,
    )


def _micros(money: Any) -> int:
    assert money.currency_code == RUPEE
    assert money.unit_value.exponent == -6
    return int(money.unit_value.value_digits)
