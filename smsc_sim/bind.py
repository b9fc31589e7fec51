"""The bind: one ESME's bind, from its first octet to its end, with its own seeded chance."""

from collections.abc import Callable
from random import Random

import msgspec

from operator_push.smpp.session import SmppSession
from smsc_sim.account import Account, Lane
from smsc_sim.outlet import Outlet


class Identity(msgspec.Struct, frozen=True):
    """Who is behind a bind, from its accepted bind request on."""

    account: Account
    lane: Lane
    latency_chance: Random
    receipt_chance: Random
    fault_chance: Random


class SimBind(Outlet):
    """An outlet that knows who is behind it; `identity` is None until it is bound."""

    __slots__ = ("abort", "faults", "identity", "ordinal", "outstanding_submits")

    def __init__(
        self, name: str, session: SmppSession, flush: Callable[[], None], dirty_outlets: list[Outlet]
    ) -> None:
        super().__init__(name, session, flush, dirty_outlets)
        self.identity: Identity | None = None
        self.outstanding_submits = 0
        self.ordinal = 0  # Which of its account's binds this is, from 1
        self.faults: object = None  # A faults.bind_faults.BindFaults, once the fault desk knows the bind
        self.abort: Callable[[], None] | None = (
            None  # Ends the stream with an error; where there is a real one
        )

    def bound_to(self, account: Account, lane: Lane, seed: int) -> None:
        """The bind request is accepted. The bind's chance depends on seed, account and ordinal only.

        Each purpose has a series of its own, so that switching one behaviour on moves none of the others.
        """
        self.ordinal = account.binds_made
        key = f"{seed}:{account.system_id}:{account.binds_made}"
        latency, receipts, faults = (Random(f"{key}:{name}") for name in ("latency", "receipts", "faults"))
        self.identity = Identity(account, lane, latency, receipts, faults)
