"""The scenario's accounts: who may bind and within which limits, and whom the SMSC calls."""

from typing import Annotated, Literal

from msgspec import Meta

from smsc_sim.scenario_section import (
    MomentSeconds,
    NamedSystemId,
    Password,
    Pattern,
    PositiveCount,
    Rate,
    Seconds,
    Section,
    SmeAddressText,
    SystemId,
)

BindType = Literal["transmitter", "receiver", "transceiver"]


class Account(Section, frozen=True):
    """`[[accounts]]`: who may bind; `any = true` admits every system_id with every password.

    Limits, each with its answer: `binds_max` and `bind_types` ESME_RBINDFAIL; `window` (unanswered submits of
    one bind; else the one of `[limits]`) and `rate_per_s` ESME_RTHROTTLED; `allowed_sources` (patterns; none
    means any) ESME_RINVSRCADR. `burst` is how many messages may come at once under `rate_per_s`; one second's
    worth unless given. The rate counts real seconds, and one message per recipient of a submit_multi.
    """

    any: bool = False
    system_id: SystemId = ""
    password: Password = ""
    binds_max: Annotated[int, Meta(ge=1, le=1000)] = 1000
    bind_types: tuple[BindType, ...] = ("transmitter", "receiver", "transceiver")
    window: PositiveCount | None = None
    rate_per_s: Rate | None = None
    burst: PositiveCount | None = None
    allowed_sources: tuple[Pattern, ...] = ()


class DistributionListRow(Section, frozen=True):
    """`[[distribution_lists]]`: a dl_name of submit_multi and the numbers behind it."""

    name: Annotated[str, Meta(min_length=1, max_length=20)]
    numbers: tuple[SmeAddressText, ...]


class OutbindRow(Section, frozen=True):
    """`[[outbind]]`: the SMSC calls an ESME that listens, and asks it to bind (SMPP v3.4 section 4.1.7).

    `account` is whose messages wait. With `when_waiting` it calls whenever such messages wait and no bind of
    the account could take them, at most every `retry_s`; else once, `at_s` after the start. `system_id` and
    `password` are what the outbind says of the SMSC.
    """

    account: NamedSystemId
    port: Annotated[int, Meta(ge=1, le=65535)]
    host: str = "127.0.0.1"
    system_id: SystemId = "smsc-sim"
    password: Password = ""
    at_s: MomentSeconds = 0.0
    when_waiting: bool = False
    retry_s: Seconds = 5.0
