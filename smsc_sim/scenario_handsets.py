"""The scenario's handsets: their states and when, how often the SMSC tries, and what they send."""

from typing import Annotated, Literal

from msgspec import Meta

from smsc_sim.delays import Delay
from smsc_sim.scenario_section import (
    Count,
    MomentSeconds,
    MoText,
    NamedSystemId,
    Pattern,
    PositiveCount,
    Rate,
    Seconds,
    Section,
    Share,
    SmeAddressText,
    SystemId,
)

HandsetState = Literal["on", "off", "absent", "memory_full", "roaming", "ported", "barred"]
Outcome = Literal["delivered", "expired", "undeliverable", "deleted", "accepted", "unknown", "rejected"]
ErrorCode = Annotated[int, Meta(ge=0, le=999)]
ClockTime = Annotated[
    str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", description='a time of day from "00:00" to "23:59"')
]
Operation = Literal["deliver_sm", "data_sm"]


class Handsets(Section, frozen=True):
    """`[[population.handsets]]`: a share of all numbers and how a message to them ends.

    `outcome`, `delay_ms` (from the first try to the final state) and `error_code` (the `err:` of the receipt)
    have defaults by state, see `population.STATE_DEFAULTS`. An expired message ends with its validity.
    """

    state: HandsetState
    share: Share
    outcome: Outcome | None = None
    delay_ms: Delay | None = None
    error_code: ErrorCode | None = None


class Numbers(Section, frozen=True):
    """`[[population.numbers]]`: the handsets whose number is like a pattern ("91987*"), before any share.

    The first entry that fits counts.
    """

    like: Pattern
    state: HandsetState
    outcome: Outcome | None = None
    delay_ms: Delay | None = None
    error_code: ErrorCode | None = None


class Timetable(Section, frozen=True):
    """`[[population.timetable]]`: a state for a time, before numbers and shares; the first that fits counts.

    `from_s` and `until_s` count from the start of the run; `daily` = ["22:00", "06:00"] is a time of day
    (UTC, the end excluded, over midnight where it runs backwards). Both count on the run's accelerated clock.
    Who is meant: those like `like`, and of these a `share`, always the same ones.
    """

    state: HandsetState
    like: Pattern = "*"
    share: Share = 1.0
    from_s: MomentSeconds = 0.0
    until_s: MomentSeconds | None = None
    daily: tuple[ClockTime, ClockTime] | None = None
    error_code: ErrorCode | None = None


class Population(Section, frozen=True):
    """`[population]`: the handsets. A number's state is a keyed hash of (seed, number) and the time."""

    handsets: tuple[Handsets, ...] = (Handsets(state="on", share=1.0),)
    numbers: tuple[Numbers, ...] = ()
    timetable: tuple[Timetable, ...] = ()


class Retry(Section, frozen=True):
    """`[retry]`: when the SMSC tries a handset again that it could not reach (off, absent, memory_full).

    `schedule_s` are the waits after the first, second … failed try; the last one goes on until the validity
    ends, or the message is UNDELIVERABLE after `attempts_max` tries. Without a schedule the SMSC hears when a
    handset is back and tries it then.
    """

    schedule_s: tuple[Seconds, ...] = ()
    attempts_max: PositiveCount | None = None


class Validity(Section, frozen=True):
    """`[validity]`: how long a message is tried. Its own validity_period counts where it has one.

    `acceleration` is how many seconds of validity (and of schedule_delivery_time) pass in one second, beside
    the whole run's `[clock] speed`.
    """

    default_s: Seconds = 172_800.0
    acceleration: Annotated[float, Meta(gt=0, le=10_000_000)] = 1.0


class Choice(Section, frozen=True):
    """One of the replies to a survey, and the share of the answering handsets that choose it."""

    text: MoText
    share: Share


class Answer(Section, frozen=True):
    """`[[mo.answers]]`: a share of handsets that answer a delivered message with a text.

    `to_source_like` is a pattern over the message's source address, `to_text_like` one over its text (of the
    last segment of a long one). Instead of `text`, `choices` gives each handset one of several. A handset
    answers a rule once, or `times_max` times. The first `at_least` handsets that get such a message answer
    whatever their share says (that part depends on the order).
    """

    share: Share
    text: MoText | None = None
    choices: tuple[Choice, ...] = ()
    after_ms: Delay = (500.0, 3000.0)
    to_source_like: str = "*"
    to_text_like: Pattern = "*"
    times_max: PositiveCount = 1
    at_least: Count = 0


class ScriptedMo(Section, frozen=True):
    """`[[mo.script]]`: one message from a handset at a moment of the run, for the account `system_id`."""

    at_s: MomentSeconds
    system_id: NamedSystemId
    source: SmeAddressText
    destination: SmeAddressText
    text: MoText


class MoCsv(Section, frozen=True):
    """`[[mo.csv]]`: messages from handsets, one per row of a CSV file with a header.

    Columns: source, destination, text; system_id where the table names none; at_s where there is no
    `rate_per_s`. With a rate the rows come in their order, evenly, from `start_s` on. `repeat` starts again
    after the last row. A relative path counts from the scenario's folder.
    """

    file: Annotated[str, Meta(min_length=1)]
    system_id: SystemId = ""
    rate_per_s: Rate | None = None
    start_s: MomentSeconds = 0.0
    repeat: bool = False


class Loopback(Section, frozen=True):
    """`[[mo.loopback]]`: a delivered message comes back from its handset, word for word."""

    destination_like: Pattern = "*"
    delay_ms: Delay = 0.0


class Route(Section, frozen=True):
    """`[[mo.routes]]`: messages to such numbers go to another ESME, not to a handset.

    The message is DELIVERED when that ESME has taken it, UNDELIVERABLE when it says never, and EXPIRED when
    its validity ends before.
    """

    destination_like: Pattern
    system_id: NamedSystemId


class Mo(Section, frozen=True):
    """`[mo]`: what handsets send; `operation` is the PDU in which it comes to the ESME."""

    operation: Operation = "deliver_sm"
    answers: tuple[Answer, ...] = ()
    script: tuple[ScriptedMo, ...] = ()
    csv: tuple[MoCsv, ...] = ()
    loopback: tuple[Loopback, ...] = ()
    routes: tuple[Route, ...] = ()
