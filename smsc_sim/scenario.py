"""The scenario: everything that one run of the simulator is told, as frozen values with their defaults.

One TOML file becomes one `Scenario` (read by `scenario_file`, which checks it as a whole); without a file the
defaults are a friendly SMSC: any account may bind, every handset is on, receipts come at once. Names end in
their unit. A delay is a number of milliseconds, a pair [shortest, longest] or {mean = …}; see `delays`.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smsc_sim.delays import Delay

Share = Annotated[float, Meta(ge=0, le=1)]
Port = Annotated[int, Meta(ge=0, le=65535)]
Count = Annotated[int, Meta(ge=0)]
PositiveCount = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31 * 86_400)]
# Lengths without the closing NUL: SMPP v3.4 sections 4.1.1 (system_id 16, password 9), 4.6.1 (address 21).
SystemId = Annotated[str, Meta(max_length=15)]
Password = Annotated[str, Meta(max_length=8)]
SmeAddressText = Annotated[str, Meta(min_length=1, max_length=20)]

MoText = Annotated[str, Meta(min_length=1, max_length=2000)]

HandsetState = Literal["on", "off", "absent", "memory_full"]
Outcome = Literal["delivered", "expired", "undeliverable"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Root of all tables of a scenario: frozen, and an unknown key is an error."""


class Listen(Section, frozen=True):
    """`[listen]`: where the SMSC answers, and its patience."""

    host: str = "127.0.0.1"
    port: Port = 2775
    system_id: SystemId = "smsc-sim"
    bind_timeout_s: Seconds = 10.0
    enquire_link_s: Seconds = 30.0
    response_timeout_s: Seconds = 30.0


class Account(Section, frozen=True):
    """`[[accounts]]`: who may bind; `any = true` admits every system_id with every password."""

    any: bool = False
    system_id: SystemId = ""
    password: Password = ""
    binds_max: Annotated[int, Meta(ge=1, le=1000)] = 1000


class Latency(Section, frozen=True):
    """`[latency]`: how long the SMSC thinks before it answers."""

    submit_sm_resp_ms: Delay = 0.0


class Limits(Section, frozen=True):
    """`[limits]`: each has a named answer: ESME_RTHROTTLED, ESME_RMSGQFUL, waiting, trying again."""

    outstanding_submits_max: PositiveCount = 10_000
    open_messages_max: PositiveCount = 5_000_000
    deliver_window: PositiveCount = 100
    deliver_retry_ms: Delay = 1000.0


class Handsets(Section, frozen=True):
    """`[[population.handsets]]`: a share of all numbers and how a message to them ends.

    `outcome`, `delay_ms` (from submit_sm to the final state) and `error_code` (the `err:` of the receipt)
    have defaults by state, see `population.STATE_DEFAULTS`. An expired message ends with its validity.
    """

    state: HandsetState
    share: Share
    outcome: Outcome | None = None
    delay_ms: Delay | None = None
    error_code: Annotated[int, Meta(ge=0, le=999)] | None = None


class Population(Section, frozen=True):
    """`[population]`: the handsets. A number's state is a keyed hash of (seed, number), nothing else."""

    handsets: tuple[Handsets, ...] = (Handsets(state="on", share=1.0),)


class Validity(Section, frozen=True):
    """`[validity]`: how long a message is tried. Its own validity_period counts where it has one.

    `acceleration` is how many seconds of validity (and of schedule_delivery_time) pass in one second.
    """

    default_s: Seconds = 172_800.0
    acceleration: Annotated[float, Meta(gt=0, le=10_000_000)] = 1.0


class LateReceipts(Section, frozen=True):
    """A share of receipts that come later than the others by `by_ms`."""

    share: Share
    by_ms: Delay


class DoubledReceipts(Section, frozen=True):
    """A share of receipts that come a second time, `after_ms` after the first."""

    share: Share
    after_ms: Delay


class Receipts(Section, frozen=True):
    """`[receipts]`: when receipts leave, and what they carry."""

    delay_ms: Delay = 0.0
    late: LateReceipts = LateReceipts(share=0.0, by_ms=0.0)
    doubled: DoubledReceipts = DoubledReceipts(share=0.0, after_ms=0.0)
    before_response_share: Share = 0.0
    echo_user_message_reference: bool = True


class Answer(Section, frozen=True):
    """`[[mo.answers]]`: a share of handsets that answer a delivered message with a text, each once.

    `to_source_like` is a pattern with * and ? over the message's source address. The first `at_least`
    handsets that get such a message answer whatever their share says (that part depends on the order).
    """

    share: Share
    text: MoText
    after_ms: Delay = (500.0, 3000.0)
    to_source_like: str = "*"
    at_least: Count = 0


class ScriptedMo(Section, frozen=True):
    """`[[mo.script]]`: one message from a handset at a moment of the run, for the account `system_id`."""

    at_s: Annotated[float, Meta(ge=0)]
    system_id: Annotated[str, Meta(min_length=1, max_length=15)]
    source: SmeAddressText
    destination: SmeAddressText
    text: MoText


class Mo(Section, frozen=True):
    """`[mo]`: what handsets send."""

    answers: tuple[Answer, ...] = ()
    script: tuple[ScriptedMo, ...] = ()


class MessageIds(Section, frozen=True):
    """`[message_ids]`: the base in which smsc_message_id is written, everywhere."""

    base: Literal["decimal", "hex"] = "decimal"


class CdrPeriods(Section, frozen=True):
    """`[cdr]`: the length of a CDR period; 0 is one period for the whole run."""

    period_s: Annotated[float, Meta(ge=0)] = 0.0


class Scenario(Section, frozen=True):
    """One run."""

    # Without a seed the program draws one and prints it. At most 53 bits, so that every JSON reader keeps it.
    seed: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    listen: Listen = Listen()
    accounts: tuple[Account, ...] = (Account(any=True),)
    latency: Latency = Latency()
    limits: Limits = Limits()
    population: Population = Population()
    validity: Validity = Validity()
    receipts: Receipts = Receipts()
    mo: Mo = Mo()
    message_ids: MessageIds = MessageIds()
    cdr: CdrPeriods = CdrPeriods()
