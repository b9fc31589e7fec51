"""The plan: everything that one load run is told, as frozen values with their defaults.

One TOML file or a command line becomes one `LoadPlan` (read and checked as a whole by `plan_file`). Names end
in their unit. A message is what a person reads; one that is too long for a segment is several submit_sm.
"""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

PositiveCount = Annotated[int, Meta(ge=1)]
Seconds = Annotated[float, Meta(gt=0, le=31 * 86_400)]
PatienceSeconds = Annotated[float, Meta(ge=0, le=86_400)]
Rate = Annotated[float, Meta(ge=0, le=1_000_000)]
# Not tuple[Rate, Rate], for the reason told at delays.Pair.
RatePair = Annotated[tuple[Rate, ...], Meta(min_length=2, max_length=2)]
Share = Annotated[float, Meta(gt=0, le=1_000_000)]
SystemId = Annotated[str, Meta(max_length=15)]  # SMPP v3.4 section 4.1.1: 16 octets with their NUL
Password = Annotated[str, Meta(max_length=8)]
# E.164: fifteen at most.
Digits = Annotated[str, Meta(pattern=r"^[0-9]{3,15}$", description="3 to 15 digits in quotes")]
SourceAddress = Annotated[str, Meta(min_length=1, max_length=20)]

BindType = Literal["transceiver", "transmitter", "receiver"]
Alphabet = Literal["gsm7", "ucs2", "latin1", "binary"]
ReceiptIds = Literal["same", "hexadecimal", "decimal"]


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Root of all tables of a plan: frozen, and an unknown key is an error."""


class Target(Section, frozen=True):
    """`[target]`: the SMSC. Anything but a loopback address needs --i-own-this-server."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 2775


class BindGroup(Section, frozen=True):
    """`[[binds]]`: alike binds of one account. `window` is how many submit_sm may be unanswered on each."""

    type: BindType = "transceiver"
    count: Annotated[int, Meta(ge=1, le=1000)] = 1
    system_id: SystemId = "load"
    password: Password = ""
    system_type: Annotated[str, Meta(max_length=12)] = ""
    window: Annotated[int, Meta(ge=1, le=100_000)] = 100

    @property
    def sends(self) -> bool:
        """Whether these binds may submit."""
        return self.type != "receiver"


class Stage(Section, frozen=True):
    """`[[stages]]`: a part of an open-loop run: messages a second, or from one rate to another."""

    duration_s: Seconds
    rate: Rate | RatePair

    @property
    def ends(self) -> tuple[float, float]:
        """The rate at its beginning and at its end."""
        if isinstance(self.rate, tuple):
            return self.rate[0], self.rate[1]
        return self.rate, self.rate


class Loop(Section, frozen=True):
    """`[loop]`: how much and how fast.

    "open": by schedule (`rate` with `ramp_s` in front, or `[[stages]]`), whatever the SMSC does. "closed": as
    fast as the windows allow. `duration_s` or `count` (messages) ends it, whichever comes first; the windows
    and the receipts are then waited for.
    """

    kind: Literal["open", "closed"] = "open"
    rate: Annotated[float, Meta(gt=0, le=1_000_000)] = 100.0
    ramp_s: PatienceSeconds = 0.0
    arrivals: Literal["even", "poisson"] = "even"
    duration_s: Seconds | None = None
    count: PositiveCount | None = None


class Numbers(Section, frozen=True):
    """`[numbers]`: who writes to whom: `count` destinations from `first` on, or the lines of a file."""

    source: SourceAddress = "56070"
    first: Digits = "919800000000"
    count: Annotated[int, Meta(ge=1, le=10**12)] = 100_000
    file: str = ""
    order: Literal["turn", "drawn"] = "turn"


class MessageKind(Section, frozen=True):
    """`[[messages]]`: one kind of the mix, by weight `share`.

    `text`, or `characters` of a made text in `alphabet` (octets where it is "binary"). A `text` is written in
    the cheapest alphabet that holds it unless `alphabet` names one.
    """

    name: str = ""
    share: Share = 1.0
    text: str = ""
    characters: Annotated[int, Meta(ge=0, le=39_000)] = 0
    alphabet: Alphabet | None = None
    flash: bool = False  # message class 0, TS 23.038 section 4
    validity_period: Annotated[str, Meta(max_length=16)] = ""


class Receipts(Section, frozen=True):
    """`[receipts]`: whether to ask for them, how long to wait at the end, and how their ids are written.

    `ids` is the form of the id in a receipt where it is not that of submit_sm_resp (many SMSCs answer in one
    base and report in the other).
    """

    ask: bool = True
    wait_s: PatienceSeconds = 30.0
    ids: ReceiptIds = "same"


class Patience(Section, frozen=True):
    """`[patience]`: when to stop waiting. `drain_s`: for what is due but could not be sent, after the end."""

    bind_s: Seconds = 10.0
    response_s: Seconds = 30.0
    drain_s: PatienceSeconds = 30.0
    enquire_link_s: Seconds = 30.0
    reconnect_s: Seconds = 1.0


class LoadPlan(Section, frozen=True):
    """A whole run. `expect` are thresholds such as "response_p99_ms <= 200"; see `thresholds`."""

    title: str = ""
    seed: Annotated[int, Meta(ge=0)] = 1
    target: Target = Target()
    binds: tuple[BindGroup, ...] = (BindGroup(),)
    loop: Loop = Loop()
    stages: tuple[Stage, ...] = ()
    numbers: Numbers = Numbers()
    messages: tuple[MessageKind, ...] = (MessageKind(text="Hello from smsc-sim load"),)
    receipts: Receipts = Receipts()
    patience: Patience = Patience()
    user_message_reference: bool = False
    expect: tuple[str, ...] = ()


# The mixes of --mix. "everyday": most texts are short, one in five needs more than one segment, and one in
# four leaves the GSM alphabet, which halves its segments.
MIXES: dict[str, tuple[MessageKind, ...]] = {
    "short": (MessageKind(name="short", characters=60),),
    "full": (MessageKind(name="full segment", characters=160),),
    "everyday": (
        MessageKind(name="code", share=35, characters=48),
        MessageKind(name="notice", share=25, characters=140),
        MessageKind(name="offer", share=15, characters=280),
        MessageKind(name="notice ucs2", share=15, characters=65, alphabet="ucs2"),
        MessageKind(name="offer ucs2", share=8, characters=150, alphabet="ucs2"),
        MessageKind(name="binary", share=2, characters=120, alphabet="binary"),
    ),
    "long": (
        MessageKind(name="three segments", share=70, characters=450),
        MessageKind(name="ten segments", share=10, characters=1500),
        MessageKind(name="three segments ucs2", share=20, characters=195, alphabet="ucs2"),
    ),
}
