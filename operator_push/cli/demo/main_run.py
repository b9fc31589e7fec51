"""The main run: both campaigns and the bank at once, while people answer STOP, until all is settled."""

import threading
import time
from collections import Counter
from collections.abc import Callable

from pyroaring import BitMap

from operator_push.cli.audience_counting import encode_subscribers
from operator_push.cli.campaign_hand_in import hand_in
from operator_push.cli.control_client import ControlClient
from operator_push.cli.demo import bank
from operator_push.cli.demo.bank import BankProgram
from operator_push.cli.demo.enterprises import NAGAR_BANK, NAGAR_LOW
from operator_push.cli.demo.pair import Pair
from operator_push.cli.demo.plan import DemoPlan
from operator_push.cli.demo.product_input import Customers
from operator_push.cli.demo.programs import Programs
from operator_push.cli.demo.results import Bank, Sale
from operator_push.cli.demo.workspace import Workspace

SUBMIT_S = 1_800.0
SETTLE_S = 600.0


def run_main(
    programs: Programs,
    workspace: Workspace,
    pair: Pair,
    plan: DemoPlan,
    sales: list[Sale],
    customers: Customers,
    told: Callable[[str], None],
    under_way: Callable[[], None],
) -> tuple[Bank, float]:
    """Deliver everything; returns what the bank saw, and the product's CPU seconds over the run.

    The first campaign starts first, so that stops in answer to it meet the second one and the bank's messages
    on their way. `under_way` is called once it does.
    """
    low = plan.low_account_messages
    submits = max(0, plan.messages - sum(len(sale.recipients) for sale in sales) - low)
    low_prepaid = bank.open_accounts(pair, submits, low)
    orders = bank.main_orders(submits, customers, plan.seed)
    main = BankProgram(programs, pair, NAGAR_BANK, workspace.esme, "nagarbank")
    poor = BankProgram(programs, pair, NAGAR_LOW, workspace.esme, "nagarlow")
    cpu_before = pair.product.cpu_seconds()
    started = time.monotonic()
    campaigns = _CampaignThread(pair, sales)
    campaigns.start()
    campaigns.first_is_under_way.wait(SUBMIT_S)
    under_way()
    main.start(orders)
    poor.start(bank.low_orders(low, customers, plan.seed))

    def everything_is_submitted() -> bool:
        stats = pair.stats()
        elapsed = time.monotonic() - started
        told(f"{elapsed:.0f} s: {stats['open_messages']:,} messages open, {pair.simulator_status_line()}")
        return not campaigns.is_alive() and main.has_submitted_all() and poor.has_submitted_all()

    pair.wait_until(everything_is_submitted, SUBMIT_S, "through with submitting")
    campaigns.raise_error()
    pair.wait_until_settled(SETTLE_S)
    cpu_seconds = pair.product.cpu_seconds() - cpu_before
    for sale in sales:
        pair.control.call("campaign.finish", name=sale.enterprise.campaign)
    kinds = Counter(order.kind for order in orders)
    seen = Bank(main.submits + poor.submits, dict(kinds), main.stop(), poor.stop(), low_prepaid)
    return seen, cpu_seconds


class _CampaignThread(threading.Thread):
    """Hands the campaigns in, one after the other, over a control connection of its own."""

    def __init__(self, pair: Pair, sales: list[Sale]) -> None:
        super().__init__(name="campaigns", daemon=True)
        self._data_dir = pair.installation.product
        self._sales = sales
        self._error: Exception | None = None
        self.first_is_under_way = threading.Event()

    def run(self) -> None:
        try:
            with ControlClient(self._data_dir) as control:
                for sale in self._sales:
                    name = sale.enterprise.campaign
                    recipients = BitMap(sale.recipients)
                    control.call("campaign.launch", name=name, audience=encode_subscribers(recipients))
                    sale.outcomes = hand_in(control, name, recipients, self._tell)
        except Exception as error:  # handed to the thread that waits
            self._error = error
        finally:
            self.first_is_under_way.set()

    def raise_error(self) -> None:
        """What went wrong in the thread, if anything did."""
        if self._error is not None:
            raise self._error

    def _tell(self, done: int, outcomes: Counter[str]) -> None:
        self.first_is_under_way.set()
