"""The bank: Nagar Bank's accounts at the product, its orders, and its programs while they run."""

import sys
from dataclasses import dataclass
from pathlib import Path

from operator_push.cli.demo import esme_orders
from operator_push.cli.demo.enterprises import NAGAR_BANK, NAGAR_LOW, SERVICE_PRICE, EsmeAccount
from operator_push.cli.demo.esme_record import EsmeSeen, EsmeStatus, read_record, read_status
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.product_input import Customers
from operator_push.cli.demo.programs import Program, Programs
from operator_push.kernel.money import parse_amount

WINDOW = 100
SEGMENTS_MAX = 3  # of any order


@dataclass(frozen=True, slots=True)
class EsmeFiles:
    """What one ESME was told and what it saw."""

    orders: Path
    record: Path
    status: Path


class BankProgram:
    """One ESME's process."""

    def __init__(self, programs: Programs, pair: Pair, account: EsmeAccount, folder: Path, name: str) -> None:
        self._programs = programs
        self._pair = pair
        self._account = account
        self._name = name
        self.files = EsmeFiles(
            folder / f"{name}-orders.jsonl", folder / f"{name}-record.jsonl", folder / f"{name}-status.json"
        )
        self.submits = 0
        self._program: Program | None = None

    def start(self, orders: list[esme_orders.Order], window: int = WINDOW, binds: int = 1) -> None:
        """Write the orders and start the program, which binds and submits at once; a window per bind."""
        esme_orders.write_orders(self.files.orders, orders)
        self.submits = esme_orders.submits_of(orders)
        command = [sys.executable, "-m", "operator_push.cli.demo.esme", "--port", str(self._pair.smpp_port)]
        command += ["--system-id", self._account.account, "--password", self._account.password]
        command += ["--window", str(window), "--binds", str(binds), "--orders", str(self.files.orders)]
        command += ["--record", str(self.files.record), "--status", str(self.files.status)]
        self._program = self._programs.start(self._name, command)

    def status(self) -> EsmeStatus:
        """Its counters, at most a fifth of a second old."""
        return read_status(self.files.status) or EsmeStatus(False, self.submits, 0, 0, 0, 0, 0)

    def has_submitted_all(self) -> bool:
        """True where every order was submitted, and answered or lost with its bind."""
        status = self.status()
        return status.submitted == self.submits and status.unanswered == 0

    def stop(self) -> EsmeSeen:
        """Unbind and end it; returns what it saw."""
        if self._program is not None:
            self._program.require_running()
            self._program.stop()
            self._programs.forget(self._program)
            self._program = None
        return read_record(self.files.record)


def open_accounts(pair: Pair, plan_submits: int, low_messages: int) -> int:
    """The bank's two accounts, the second with money (returned, micros) for half of its messages."""
    price = parse_amount(SERVICE_PRICE)
    _open_account(pair, NAGAR_BANK, plan_submits * SEGMENTS_MAX * price)
    low_prepaid = low_messages // 2 * price
    if low_prepaid:
        _open_account(pair, NAGAR_LOW, low_prepaid)
    return low_prepaid


def main_orders(submits: int, customers: Customers, seed: int) -> list[esme_orders.Order]:
    """What the bank sends in the main run."""
    return esme_orders.bank_orders(
        submits, customers.permitted, customers.not_permitted, NAGAR_BANK.source, seed
    )


def low_orders(messages: int, customers: Customers, seed: int) -> list[esme_orders.Order]:
    """What the account sends whose money ends half-way."""
    return _orders(customers.permitted[-messages:], messages, esme_orders.NO_CREDIT, seed)


def crash_orders(destinations: list[str], seed: int) -> list[esme_orders.Order]:
    """What the bank sends while the product is killed: one message per person."""
    return _orders(destinations, len(destinations), esme_orders.GSM7, seed)


def _orders(people: list[str], messages: int, kind: str, seed: int) -> list[esme_orders.Order]:
    chosen = [people[number % len(people)] for number in range(messages)] if people else []
    return esme_orders.plain_orders(chosen, kind, NAGAR_BANK.source, seed)


def _open_account(pair: Pair, account: EsmeAccount, prepaid_micros: int) -> None:
    pair.control.call(
        "account.add",
        name=account.account,
        kind="esme",
        password=account.password,
        traffic_class="service",
        senders=[account.source],
        any_destination=False,
        brand=account.brand,
        category=account.category,
        prepaid_micros=prepaid_micros,
        currency=None,
        window=None,
        max_binds=None,
    )
