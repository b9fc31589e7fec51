"""Plugins: optional doors to other systems, found by entry point and never imported by name.

A distribution announces a class under a group; the configuration names it by `kind`. What is missing or
unfit stops the start with a sentence. The adapters that ship with the product come the same way.
"""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from operator_push.config import DeliveryEventsSettings, PortabilitySettings
from operator_push.config.incentive_settings import PayoutsSettings
from operator_push.config.ledger_settings import LedgerSettings
from operator_push.config.linking_settings import EmailSettings
from operator_push.config.online_charging_settings import OnlineChargingSettings as OnlineChargingTable
from operator_push.domain.rating.portability import NumberPortability
from operator_push.kernel.errors import OperatorError
from operator_push.services.ports import (
    DeliveryEventSink,
    DeliveryEventSinkFactory,
    DeliveryEventSinkSettings,
    EmailSender,
    EmailSenderFactory,
    EmailSenderSettings,
    LedgerHeadReceiver,
    LedgerHeadReceiverFactory,
    NumberPortabilityFactory,
    NumberPortabilitySettings,
    OnlineCharging,
    OnlineChargingFactory,
    OnlineChargingSettings,
    RewardPayer,
    RewardPayerFactory,
    RewardPayerSettings,
)

DELIVERY_EVENTS_GROUP = "operator_push.delivery_events"
EMAIL_GROUP = "operator_push.email"
LEDGER_HEADS_GROUP = "operator_push.ledger_heads"
NUMBER_PORTABILITY_GROUP = "operator_push.number_portability"
ONLINE_CHARGING_GROUP = "operator_push.online_charging"
REWARD_PAYOUTS_GROUP = "operator_push.reward_payouts"


def load_delivery_event_sinks(
    settings: Sequence[DeliveryEventsSettings], reactor: object
) -> dict[str, DeliveryEventSink]:
    """One sink for each [[delivery_events]] table, by its name.

    Raises:
        OperatorError: no installed plugin has that kind, it cannot be loaded, or it refuses its settings.
    """
    return {sink.name: _delivery_events(sink.kind)(_sink_settings(sink), reactor) for sink in settings}


def load_ledger_head_receiver(settings: LedgerSettings) -> LedgerHeadReceiver | None:
    """Who hears of signed heads of the ledger; None where [ledger] names no address.

    Raises:
        OperatorError: as above.
    """
    if settings.heads_url is None:
        return None
    factory = cast(LedgerHeadReceiverFactory, _factory(LEDGER_HEADS_GROUP, settings.heads_kind))
    return factory(settings.heads_url)


def load_email_sender(settings: EmailSettings) -> EmailSender | None:
    """Whoever sends e-mail, None where [email] names no kind.

    Raises:
        OperatorError: no installed plugin has that kind, it cannot be loaded, or it refuses its settings.
    """
    if settings.kind is None:
        return None
    factory = cast(EmailSenderFactory, _factory(EMAIL_GROUP, settings.kind))
    return factory(
        EmailSenderSettings(
            settings.sender,
            settings.host,
            settings.port,
            settings.security,
            settings.username,
            settings.password.get_secret_value(),
            settings.timeout_s,
            dict(settings.options),
        )
    )


def load_number_portability(settings: PortabilitySettings, reactor: object) -> NumberPortability | None:
    """Whoever knows of ported numbers, None where [number_portability] names no kind.

    Raises:
        OperatorError: no installed plugin has that kind, it cannot be loaded, or it refuses its settings.
    """
    if settings.kind is None:
        return None
    factory = cast(NumberPortabilityFactory, _factory(NUMBER_PORTABILITY_GROUP, settings.kind))
    return factory(NumberPortabilitySettings(settings.numbers_file, dict(settings.options)), reactor)


def load_online_charging(settings: OnlineChargingTable) -> OnlineCharging | None:
    """The operator's charging system, None where [online_charging] names no kind.

    Raises:
        OperatorError: no installed plugin has that kind, it cannot be loaded, or it refuses its settings.
    """
    if settings.kind is None:
        return None
    factory = cast(OnlineChargingFactory, _factory(ONLINE_CHARGING_GROUP, settings.kind))
    return factory(
        OnlineChargingSettings(
            settings.origin_host or "",
            settings.origin_realm or "",
            settings.destination_realm or "",
            settings.peers,
            settings.tx_s,
            dict(settings.options),
        )
    )


def load_reward_payer(settings: PayoutsSettings) -> RewardPayer | None:
    """Who pays rewards out, None where [payouts] names no kind.

    Raises:
        OperatorError: no installed plugin has that kind, it cannot be loaded, or it refuses its settings.
    """
    if settings.kind is None:
        return None
    factory = cast(RewardPayerFactory, _factory(REWARD_PAYOUTS_GROUP, settings.kind))
    secret = settings.secret.get_secret_value().encode() if settings.secret else b""
    told = RewardPayerSettings(settings.url or "", secret, settings.vouchers_file, dict(settings.options))
    return factory(told)


def installed_kinds(group: str) -> list[str]:
    """The names that installed distributions announce under a group, sorted."""
    return sorted({point.name for point in entry_points(group=group)})


def _delivery_events(kind: str) -> DeliveryEventSinkFactory:
    return cast(DeliveryEventSinkFactory, _factory(DELIVERY_EVENTS_GROUP, kind))


def _factory(group: str, kind: str) -> object:
    points: list[EntryPoint] = list(entry_points(group=group, name=kind))
    key = group.rpartition(".")[2] + ".kind"
    if not points:
        known = ", ".join(installed_kinds(group)) or "none is installed"
        raise OperatorError(f"no plugin of the kind {kind!r} is installed; known kinds: {known}", key=key)
    if len({point.value for point in points}) > 1:
        rivals = ", ".join(sorted(point.value for point in points))
        raise OperatorError(f"the kind {kind!r} is announced twice: {rivals}; uninstall one", key=key)
    try:
        return cast(object, points[0].load())
    except (ImportError, AttributeError) as error:
        raise OperatorError(
            f"the plugin {points[0].value} cannot be loaded ({error}); reinstall the package that brings it",
            key=key,
        ) from error


def _sink_settings(sink: DeliveryEventsSettings) -> DeliveryEventSinkSettings:
    return DeliveryEventSinkSettings(
        name=sink.name,
        url=sink.url,
        secret=sink.secret.get_secret_value().encode() if sink.secret else b"",
        timeout_s=sink.timeout_s,
        attempts_max=sink.attempts_max,
        backoff_min_s=sink.backoff_min_s,
        backoff_max_s=sink.backoff_max_s,
        options=dict(sink.options),
    )
