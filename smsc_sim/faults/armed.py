"""The armed fault: one `[[fault]]` entry at work, with its switch and its count of hits."""

from operator_push.smpp.constants import CommandId, CommandStatus
from smsc_sim.delays import Delay, DrawSeconds, delay_drawer
from smsc_sim.faults.latency import latency_drawer
from smsc_sim.faults.pdu_tables import (
    Latency,
    ReceiptBeforeResponse,
    ResponseDoubled,
    ResponseOutOfOrder,
    Stall,
)
from smsc_sim.faults.selection import Selection
from smsc_sim.faults.table import Fault, kind_of
from smsc_sim.faults.tables import (
    AnyFault,
    ReceiptContradicted,
    ReceiptDoubled,
    ReceiptLate,
    ReceiptOutOfOrder,
    ReceiptText,
)


class ArmedFault:
    """`on` is changed by the desk only; `hits` counts what it did. `speed` is that of the run's clock."""

    __slots__ = ("command_ids", "draw_first_s", "draw_s", "hits", "kind", "name", "on", "selection", "table")

    def __init__(self, table: AnyFault, name: str, seed: int, start: float, speed: float) -> None:
        self.table = table
        self.name = name
        self.kind = kind_of(table)
        self.on = table.on
        self.hits = 0
        self.command_ids = command_ids(table)
        self.selection = Selection(table, name, seed, start, speed)
        self.draw_s = _main_delay(table, speed)
        self.draw_first_s = _other_delay(table)


def command_ids(fault: Fault) -> frozenset[int]:
    """The command_ids that `commands` of this fault names; none for receipts."""
    names: tuple[str, ...] = getattr(fault, "commands", ())
    return frozenset(int(CommandId[name]) for name in names)


def status_number(status: str | int) -> int:
    """A command_status by name or number."""
    return int(CommandStatus[status]) if isinstance(status, str) else status


def one_of(statuses: str | int | tuple[str | int, ...], unit: float) -> int:
    """The command_status that a number in [0, 1) draws."""
    if isinstance(statuses, tuple):
        return status_number(statuses[int(unit * len(statuses))])
    return status_number(statuses)


def _main_delay(table: AnyFault, speed: float) -> DrawSeconds:
    """The delay of this kind; what an ESME sees of receipts runs by the run's clock, responses are real."""
    main: Delay = 0.0
    match table:
        case Latency():
            return latency_drawer(table)
        case ResponseDoubled():
            return delay_drawer(table.after_ms)
        case ResponseOutOfOrder() | ReceiptBeforeResponse():
            return delay_drawer(table.max_ms)
        case Stall():
            return delay_drawer(table.for_ms)
        case ReceiptDoubled() | ReceiptContradicted():
            main = table.after_ms
        case ReceiptLate():
            main = table.by_ms
        case ReceiptOutOfOrder():
            main = table.max_ms
        case ReceiptText():
            main = table.final_after_ms
    return delay_drawer(main, speed)


def _other_delay(table: AnyFault) -> DrawSeconds:
    return delay_drawer(table.by_ms if isinstance(table, ReceiptBeforeResponse) else 0.0)
