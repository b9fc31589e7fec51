"""Facts: everything that the rules read, held in memory by the owner of a shard and refreshed from the store.

Rules read it anew for every message, so a changed account or a replaced table counts from the next one on.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from operator_push.domain.campaign_reach import CampaignReach
from operator_push.domain.contact_wishes import ContactWishes
from operator_push.domain.dnd_register import DndRegister
from operator_push.domain.frequency_caps import FrequencyCaps
from operator_push.domain.holdout import Holdout
from operator_push.domain.message import TrafficClass
from operator_push.domain.permission import PermissionBook
from operator_push.domain.routing import Route, RoutingTable
from operator_push.domain.subscriber_clocks import SubscriberClocks


@dataclass(frozen=True, slots=True)
class AccountPolicy:
    """What an account may do.

    `allowed_sources` None: any sender address; `traffic_class` the most privileged class that it may claim;
    `quiet_hours`: its promotional messages keep them; `any_destination`: its transactional messages may go to
    numbers that the vault does not know.
    """

    account_no: int
    brand_no: int
    active: bool = True
    allowed_sources: frozenset[str] | None = None
    traffic_class: TrafficClass = TrafficClass.PROMOTIONAL
    quiet_hours: bool = True
    any_destination: bool = True


class AccountPolicies(dict[int, AccountPolicy]):
    """Accounts by number that count their changes, so that whoever judged by them knows when to judge again.

    Changed by `[]`, `del`, `update` and `clear` alone.
    """

    def __init__(self) -> None:
        super().__init__()
        self.changes = 0

    def __setitem__(self, account_no: int, policy: AccountPolicy) -> None:
        self.changes += 1
        super().__setitem__(account_no, policy)

    def __delitem__(self, account_no: int) -> None:
        self.changes += 1
        super().__delitem__(account_no)

    def update(self, *others: Mapping[int, AccountPolicy]) -> None:  # type: ignore[override]
        """As dict's; of mappings only."""
        self.changes += 1
        for other in others:
            super().update(other)

    def clear(self) -> None:
        """As dict's."""
        self.changes += 1
        super().clear()


def _no_control(campaign_no: int) -> None:
    """No campaign has a control group."""


@dataclass(slots=True)
class PolicyFacts:
    """The facts of one shard. `caps`, `holdout` None: there are none; `control_of`: the control group of a
    campaign by its number; `reach`: whom campaigns reached, and what sales rules make of it; `rule_set`:
    marks that name the versions of all this, the beginning of every trail; `own_slot_us`: of whom a cap is
    asked again, see Policy.decide_again."""

    permission: PermissionBook = field(default_factory=PermissionBook)
    accounts: AccountPolicies = field(default_factory=AccountPolicies)
    routes: RoutingTable = field(default_factory=lambda: RoutingTable([Route("", "any")]))
    clocks: SubscriberClocks = field(default_factory=SubscriberClocks)
    caps: FrequencyCaps | None = None
    dnd: DndRegister = field(default_factory=DndRegister)
    wishes: ContactWishes = field(default_factory=ContactWishes)
    holdout: Holdout | None = None
    control_of: Callable[[int], Holdout | None] = _no_control
    reach: CampaignReach = field(default_factory=CampaignReach)
    rule_set: bytes = b""
    own_slot_us: int = -1

    def __post_init__(self) -> None:
        if not isinstance(self.accounts, AccountPolicies):
            given, self.accounts = self.accounts, AccountPolicies()
            self.accounts.update(given)
