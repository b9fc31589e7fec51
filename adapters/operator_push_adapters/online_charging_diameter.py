"""Online charging by Diameter: credit-control requests on the Ro interface (3GPP TS 32.299, TS 32.274).

One node with a connection to every peer (relay, or the charging system itself), kept up by python-diameter in
a thread of its own; a request goes to the least used peer that is up. Money crosses as CC-Money inside
Multiple-Services-Credit-Control, in millionths (Exponent -6). What a slice can carry of SMS-Information
(TS 32.299 section 7.2.216) is what all its messages have in common: which node we are and that messages are
submitted. Originator, recipients, sizes and times belong to single messages, and are not sent.
"""

import logging
import socket
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from diameter.message import constants
from diameter.message.avp.grouped import (
    CcMoney,
    MultipleServicesCreditControl,
    RequestedServiceUnit,
    ServiceInformation,
    SmsInformation,
    SubscriptionId,
    UnitValue,
    UsedServiceUnit,
)
from diameter.message.commands.credit_control import CreditControlRequest
from diameter.node import Node
from diameter.node.application import Application, ApplicationError
from diameter.node.node import NodeError

from operator_push.kernel.errors import OperatorError, ResourceError
from operator_push.services.ports import (
    ChargingAnswer,
    ChargingRequest,
    ChargingStep,
    OnlineChargingSettings,
)

# The stack tells of every message at INFO; what goes wrong comes as a warning.
logging.getLogger("diameter").setLevel(logging.WARNING)

APPLICATION_ID = 4  # Diameter Credit-Control, RFC 8506 section 1.3
MICROS_EXPONENT = -6
PORT = 3868  # RFC 6733 section 2.1
SERVICE_CONTEXT_ID = "32274@3gpp.org"  # TS 32.299 section 7.1.12
SUCCESS = range(2000, 3000)
WAKE_S = 1  # Ours: how often timers of peers are looked at.
RECONNECT_S = 5  # Ours: below Tc (30 s, RFC 6733 section 12), since a slice may run out meanwhile.
CLOSE_S = 3  # Ours: how long peers may take to answer Disconnect-Peer-Request.

SUBSCRIPTION_TYPES: Mapping[str, int] = {"e164": 0, "imsi": 1, "sip_uri": 2, "nai": 3, "private": 4}
# ISO 4217 numbers of Currency-Code (RFC 8506 section 8.11); one that is not here is named by an option.
CURRENCY_CODES: Mapping[str, int] = {
    "AED": 784, "AUD": 36, "BDT": 50, "BRL": 986, "CAD": 124, "CHF": 756, "CNY": 156, "EGP": 818,
    "EUR": 978, "GBP": 826, "IDR": 360, "INR": 356, "JPY": 392, "KES": 404, "LKR": 144, "MXN": 484,
    "MYR": 458, "NGN": 566, "NPR": 524, "PHP": 608, "PKR": 586, "PLN": 985, "SAR": 682, "SGD": 702,
    "THB": 764, "TRY": 949, "UAH": 980, "USD": 840, "VND": 704, "ZAR": 710,
}  # fmt: skip
_STEPS = {
    ChargingStep.OPEN: constants.E_CC_REQUEST_TYPE_INITIAL_REQUEST,
    ChargingStep.UPDATE: constants.E_CC_REQUEST_TYPE_UPDATE_REQUEST,
    ChargingStep.TERMINATE: constants.E_CC_REQUEST_TYPE_TERMINATION_REQUEST,
    ChargingStep.REFUND: constants.E_CC_REQUEST_TYPE_EVENT_REQUEST,
    ChargingStep.DEBIT: constants.E_CC_REQUEST_TYPE_EVENT_REQUEST,
}
_ACTIONS = {
    ChargingStep.REFUND: constants.E_REQUESTED_ACTION_REFUND_ACCOUNT,
    ChargingStep.DEBIT: constants.E_REQUESTED_ACTION_DIRECT_DEBITING,
}
_FAILURE_HANDLING = {
    0: "terminate",
    1: "continue",
    2: "terminate",
}  # RETRY_AND_TERMINATE: copies are sent anyway


class _Options(NamedTuple):
    """The keys that only this kind knows."""

    service_context_id: str = SERVICE_CONTEXT_ID
    subscription_type: str = "private"
    rating_group: int = -1
    service_identifier: int = -1
    currency_code: int = -1
    destination_host: str = ""


class _Peer(NamedTuple):
    identity: str
    address: str
    port: int


class DiameterCharging:
    """A services.ports.OnlineCharging over Diameter Ro."""

    def __init__(self, settings: OnlineChargingSettings) -> None:
        """Connect to every peer; a peer that is away is tried again, and nobody waits for it here.

        Raises:
            OperatorError: an option or a peer that cannot be used.
        """
        self._settings = settings
        self._options = _options(settings.options)
        self._node = Node(settings.origin_host, settings.origin_realm)
        self._node.product_name = "operator-push"
        self._node.wakeup_interval = WAKE_S
        self._application = Application(APPLICATION_ID, is_auth_application=True)
        peers = []
        for each in map(_peer, settings.peers):
            peer = self._node.add_peer(
                f"aaa://{each.identity}:{each.port};transport=tcp",
                settings.destination_realm,
                ip_addresses=[each.address],
                is_persistent=True,
            )
            peer.reconnect_wait = RECONNECT_S
            peer.always_reconnect = True
            peers.append(peer)
        self._node.add_application(self._application, peers, [settings.destination_realm])
        _start(self._node)
        self._closed = False

    def ask(self, request: ChargingRequest) -> ChargingAnswer:
        """Send one CCR and wait for its CCA, Tx seconds at most; several threads may ask at once.

        Raises:
            ResourceError: no peer is up, no answer within Tx, or one that is none to this request.
        """
        if self._closed:
            raise ResourceError("the Diameter node is closed")
        message = credit_control_request(request, self._settings, self._options, datetime.now(UTC))
        try:
            answer = self._application.send_request(message, timeout=self._settings.tx_s)
        except (NodeError, ApplicationError, TimeoutError, OSError, KeyError) as error:
            raise ResourceError(f"{type(error).__name__}: {error}") from error
        try:
            return charging_answer(answer)
        except (AttributeError, TypeError, ValueError) as error:
            raise ResourceError(f"the answer cannot be read: {error}") from error

    def close(self) -> None:
        """Take leave of the peers (DPR) and end the node; blocks for some seconds at most."""
        if not self._closed:
            self._closed = True
            self._node.stop(wait_timeout=CLOSE_S)


def _start(node: Node) -> None:
    """Start a node whose threads nobody has to wait for when the product ends.

    Those of its connections sleep up to 5 s and are daemons where the thread that makes them is one; what
    collects statistics, which nobody reads here, sleeps 2 s.
    """
    for thread in (node._connection_thread, node._stat_collect_thread):
        thread.daemon = True
    node._stat_collect_thread.stop()
    starter = threading.Thread(target=node.start, daemon=True)
    starter.start()
    starter.join()


def credit_control_request(
    request: ChargingRequest, settings: OnlineChargingSettings, options: _Options, at: datetime
) -> CreditControlRequest:
    """The CCR of a request (RFC 8506 section 3.1, TS 32.299 section 6.4.2); a copy has the T bit and the
    End-to-End Identifier of the first (RFC 6733 section 3)."""
    message = CreditControlRequest()
    message.header.application_id = APPLICATION_ID
    message.header.is_proxyable = True
    message.header.is_retransmit = request.is_copy
    message.header.end_to_end_identifier = end_to_end_identifier(request)
    message.session_id = request.session_id
    message.origin_host = settings.origin_host.encode()
    message.origin_realm = settings.origin_realm.encode()
    message.destination_realm = settings.destination_realm.encode()
    if options.destination_host:
        message.destination_host = options.destination_host.encode()
    message.auth_application_id = APPLICATION_ID
    message.service_context_id = options.service_context_id
    message.cc_request_type = _STEPS[request.step]
    message.cc_request_number = request.number
    message.event_timestamp = at
    message.subscription_id = [
        SubscriptionId(SUBSCRIPTION_TYPES[options.subscription_type], request.subscription)
    ]
    message.multiple_services_indicator = constants.E_MULTIPLE_SERVICES_INDICATOR_MULTIPLE_SERVICES_SUPPORTED
    if request.step is ChargingStep.TERMINATE:
        message.termination_cause = constants.E_TERMINATION_CAUSE_DIAMETER_LOGOUT
    if request.step in _ACTIONS:
        message.requested_action = _ACTIONS[request.step]
    message.multiple_services_credit_control = [_units(request, options)]
    message.service_information = ServiceInformation(
        sms_information=SmsInformation(
            sms_node=constants.E_SMS_NODE_SMS_SC, sm_message_type=constants.E_SM_MESSAGE_TYPE_SUBMISSION
        )
    )
    return message


def charging_answer(answer: Any) -> ChargingAnswer:
    """What a CCA says (RFC 8506 section 3.2); of several services the first, since one was asked for.

    Raises:
        ValueError: it has no Result-Code.
    """
    code = getattr(answer, "result_code", None)
    if code is None:
        raise ValueError("no Result-Code")
    units = next(iter(getattr(answer, "multiple_services_credit_control", None) or ()), None)
    handling = _FAILURE_HANDLING.get(getattr(answer, "credit_control_failure_handling", -1), "")
    if units is None:
        return ChargingAnswer(code, failure_handling=handling)
    units_code = getattr(units, "result_code", None)
    granted = getattr(units, "granted_service_unit", None)
    if code in SUCCESS and units_code is not None and units_code not in SUCCESS:
        granted = None  # nothing more for this service; the report in the same request is taken
    return ChargingAnswer(
        code,
        _micros(granted.cc_money) if granted is not None else 0,
        getattr(units, "validity_time", None) or 0,
        getattr(units, "final_unit_indication", None) is not None,
        handling,
    )


def end_to_end_identifier(request: ChargingRequest) -> int:
    """The same for every copy, also after a restart: 32 bits of a hash of what names the request."""
    name = f"{request.session_id} {request.number}".encode()
    return int.from_bytes(sha256(name).digest()[:4]) or 1


def _units(request: ChargingRequest, options: _Options) -> MultipleServicesCreditControl:
    units = MultipleServicesCreditControl()
    is_event = request.step in _ACTIONS
    if request.step in (ChargingStep.OPEN, ChargingStep.UPDATE) or is_event:
        asked = request.used_micros if is_event else request.requested_micros
        units.requested_service_unit = RequestedServiceUnit(cc_money=_money(asked, request.currency, options))
    if request.step in (ChargingStep.UPDATE, ChargingStep.TERMINATE):
        used = _money(request.used_micros, request.currency, options)
        units.used_service_unit = [UsedServiceUnit(cc_money=used)]
    if options.rating_group >= 0:
        units.rating_group = options.rating_group
    if options.service_identifier >= 0:
        units.service_identifier = [options.service_identifier]
    return units


def _money(micros: int, currency: str, options: _Options) -> CcMoney:
    code = options.currency_code if options.currency_code >= 0 else CURRENCY_CODES.get(currency)
    return CcMoney(UnitValue(micros, MICROS_EXPONENT), code)


def _micros(money: Any) -> int:
    """Micros of a CC-Money, rounded down, since more than what was granted may not be spent."""
    if money is None:
        raise ValueError("the units that were granted are no CC-Money")
    digits, exponent = money.unit_value.value_digits, money.unit_value.exponent or 0
    by = exponent - MICROS_EXPONENT
    return int(digits * 10**by if by >= 0 else digits // 10**-by)


def _options(given: Mapping[str, str | int | float | bool]) -> _Options:
    known = _Options._field_defaults
    for name, value in given.items():
        if name not in known:
            raise OperatorError(
                f"{name!r} is no option of this kind; known: {', '.join(known)}",
                key="online_charging.options",
            )
        if type(value) is not type(known[name]):
            raise OperatorError(f"{value!r} is not allowed", key=f"online_charging.options.{name}")
    options = _Options(**given)  # type: ignore[arg-type]
    if options.subscription_type not in SUBSCRIPTION_TYPES:
        raise OperatorError(
            f"{options.subscription_type!r} is not one of {', '.join(SUBSCRIPTION_TYPES)}",
            key="online_charging.options.subscription_type",
        )
    return options


def _peer(uri: str) -> _Peer:
    """aaa://identity:port;transport=tcp;address=192.0.2.1; without an address the identity is resolved."""
    parts, _, rest = uri.partition(";")
    named = dict(each.partition("=")[::2] for each in rest.split(";") if each)
    try:
        split = urlsplit(parts)
        identity, port = split.hostname or "", split.port or PORT
    except ValueError as error:
        raise OperatorError(f"{uri!r}: {error}", key="online_charging.peers") from error
    if split.scheme != "aaa" or not identity or named.pop("transport", "tcp") != "tcp":
        raise OperatorError(
            f"{uri!r} is not like aaa://relay.example:3868;transport=tcp (TCP without TLS; for TLS or SCTP "
            "let a relay on this machine speak to the other side)",
            key="online_charging.peers",
        )
    address = named.pop("address", identity)
    if named:
        raise OperatorError(
            f"{uri!r}: only transport and address may follow, not {', '.join(named)}",
            key="online_charging.peers",
        )
    try:
        found = socket.getaddrinfo(address, port, socket.AF_INET, socket.SOCK_STREAM)
    except OSError as error:
        raise OperatorError(
            f"{uri!r}: {address} cannot be resolved ({error}); add ;address= with its IPv4 address",
            key="online_charging.peers",
        ) from error
    return _Peer(identity, str(found[0][4][0]), port)
