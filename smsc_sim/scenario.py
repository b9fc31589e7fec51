"""The scenario: everything that one run of the simulator is told, as frozen values with their defaults.

One TOML file becomes one `Scenario` (read by `scenario_file`, which checks it as a whole); without a file the
defaults are a friendly SMSC: any account may bind, every handset is on, receipts come at once. A file with
`[[smsc]]` tables is several virtual SMSCs in one process: each says what differs from the top of the file.
"""

from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from smsc_sim.assertions.table import Assert
from smsc_sim.delays import Delay
from smsc_sim.faults.tables import AnyFault
from smsc_sim.scenario_accounts import Account, DistributionListRow, OutbindRow
from smsc_sim.scenario_control import Control
from smsc_sim.scenario_handsets import (
    Answer,
    Handsets,
    HandsetState,
    Mo,
    MoCsv,
    Numbers,
    Operation,
    Outcome,
    Population,
    Retry,
    Route,
    ScriptedMo,
    Timetable,
    Validity,
)
from smsc_sim.scenario_section import (
    Count,
    MoText,
    Password,
    Port,
    PositiveCount,
    Seconds,
    Section,
    Share,
    SmeAddressText,
    SystemId,
)

__all__ = [
    "Account",
    "Answer",
    "CdrPeriods",
    "Clock",
    "Control",
    "Count",
    "DistributionListRow",
    "DoubledReceipts",
    "HandsetState",
    "Handsets",
    "LateReceipts",
    "Latency",
    "Limits",
    "Listen",
    "MessageIds",
    "Mo",
    "MoCsv",
    "MoText",
    "Numbers",
    "OutbindRow",
    "Outcome",
    "Password",
    "Population",
    "Port",
    "PositiveCount",
    "Receipts",
    "Retry",
    "Route",
    "Scenario",
    "ScriptedMo",
    "Seconds",
    "Section",
    "Share",
    "SmeAddressText",
    "SmscTable",
    "SystemId",
    "Timetable",
    "Validity",
]


class Listen(Section, frozen=True):
    """`[listen]`: where the SMSC answers, and its patience (always in real seconds)."""

    host: str = "127.0.0.1"
    port: Port = 2775
    system_id: SystemId = "smsc-sim"
    bind_timeout_s: Seconds = 10.0
    enquire_link_s: Seconds = 30.0
    response_timeout_s: Seconds = 30.0


class Clock(Section, frozen=True):
    """`[clock]`: `speed` is how many seconds of the run pass in one real second.

    It moves what happens to messages: handsets, retries, validity, receipts, answers, scripts, CDR periods
    and every date that is written. What an ESME can feel stays real: latency of responses, time-outs, rates.
    """

    speed: Annotated[float, Meta(ge=0.001, le=1_000_000)] = 1.0


class Latency(Section, frozen=True):
    """`[latency]`: how long the SMSC thinks before it answers (real time)."""

    submit_sm_resp_ms: Delay = 0.0


class Limits(Section, frozen=True):
    """`[limits]`: each has a named answer: ESME_RTHROTTLED, ESME_RMSGQFUL, waiting, trying again.

    `history_messages_max` is how many ended messages query_sm still knows.
    """

    outstanding_submits_max: PositiveCount = 10_000
    open_messages_max: PositiveCount = 5_000_000
    deliver_window: PositiveCount = 100
    deliver_retry_ms: Delay = 1000.0
    history_messages_max: Count = 20_000


class LateReceipts(Section, frozen=True):
    """A share of receipts that come later than the others by `by_ms`."""

    share: Share
    by_ms: Delay


class DoubledReceipts(Section, frozen=True):
    """A share of receipts that come a second time, `after_ms` after the first."""

    share: Share
    after_ms: Delay


class Receipts(Section, frozen=True):
    """`[receipts]`: when receipts leave, and what they carry.

    `intermediate` tells after which failed tries a message that asks for it (registered_delivery 0x10) gets
    an intermediate notification; `operation` is the PDU of receipts and notifications.
    """

    delay_ms: Delay = 0.0
    late: LateReceipts = LateReceipts(share=0.0, by_ms=0.0)
    doubled: DoubledReceipts = DoubledReceipts(share=0.0, after_ms=0.0)
    before_response_share: Share = 0.0
    echo_user_message_reference: bool = True
    intermediate: Literal["first", "each", "never"] = "first"
    operation: Operation = "deliver_sm"


class MessageIds(Section, frozen=True):
    """`[message_ids]`: the base in which smsc_message_id is written, everywhere."""

    base: Literal["decimal", "hex"] = "decimal"


class CdrPeriods(Section, frozen=True):
    """`[cdr]`: the length of a CDR period, and the form of its files; 0 is one period for the whole run.

    `ts32297`: SC-SMO and SC-SMT records in files of 3GPP TS 32.297. `node_address`: digits of the service
    centre's address in such records.
    """

    period_s: Annotated[float, Meta(ge=0)] = 0.0
    format: Literal["csv", "ts32297", "both"] = "csv"
    node_address: Annotated[str, Meta(pattern="^[0-9]{1,20}$", description="1 to 20 digits")] = "19990000001"


SmscName = Annotated[
    str,
    Meta(
        pattern="^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$",
        description="1 to 32 letters, digits, - and _, beginning with a letter or digit (it names a folder)",
    ),
]


class SmscTable(Section, frozen=True):
    """`[[smsc]]`: one of several virtual SMSCs. A table left out is the one at the top of the file.

    Inside a table, a key left out is the top's too; lists (accounts, handsets …) replace the top's whole.
    """

    name: SmscName
    listen: Listen | None = None
    accounts: tuple[Account, ...] | None = None
    distribution_lists: tuple[DistributionListRow, ...] | None = None
    outbind: tuple[OutbindRow, ...] | None = None
    latency: Latency | None = None
    limits: Limits | None = None
    population: Population | None = None
    retry: Retry | None = None
    validity: Validity | None = None
    receipts: Receipts | None = None
    mo: Mo | None = None
    fault: tuple[AnyFault, ...] | None = None
    message_ids: MessageIds | None = None


class Scenario(Section, frozen=True):
    """One run."""

    # Without a seed the program draws one and prints it. At most 53 bits, so that every JSON reader keeps it.
    seed: Annotated[int, Meta(ge=0, lt=2**53)] | None = None
    clock: Clock = Clock()
    listen: Listen = Listen()
    accounts: tuple[Account, ...] = (Account(any=True),)
    distribution_lists: tuple[DistributionListRow, ...] = ()
    outbind: tuple[OutbindRow, ...] = ()
    latency: Latency = Latency()
    limits: Limits = Limits()
    population: Population = Population()
    retry: Retry = Retry()
    validity: Validity = Validity()
    receipts: Receipts = Receipts()
    mo: Mo = Mo()
    fault: tuple[AnyFault, ...] = ()
    message_ids: MessageIds = MessageIds()
    cdr: CdrPeriods = CdrPeriods()
    control: Control | None = None
    asserts: tuple[Assert, ...] = msgspec.field(default=(), name="assert")
    smsc: tuple[SmscTable, ...] = ()

    def virtual(self) -> Iterator[tuple[str, "Scenario"]]:
        """(name, scenario) of every virtual SMSC; a file without `[[smsc]]` is one without a name."""
        if not self.smsc:
            yield "", self
        for table in self.smsc:
            own = {
                field: value
                for field in table.__struct_fields__
                if field != "name" and (value := getattr(table, field)) is not None
            }
            yield table.name, msgspec.structs.replace(self, smsc=(), **own)

    def controlled_on(self, port: int | None) -> "Scenario":
        """The same with its control on this port; None leaves it as it is, and off where it is off."""
        if port is None:
            return self
        replace = msgspec.structs.replace
        return replace(self, control=replace(self.control or Control(), port=port))

    def listening_on(self, host: str | None, port: int | None) -> "Scenario":
        """The same on another address; several SMSCs listen on ports in a row, with 0 on free ones."""
        changes = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
        replace = msgspec.structs.replace
        tables = tuple(
            replace(
                table,
                listen=replace(
                    table.listen or self.listen,
                    **(changes | ({"port": port + index} if port else {})),
                ),
            )
            for index, table in enumerate(self.smsc)
        )
        return replace(self, listen=replace(self.listen, **changes), smsc=tables)
