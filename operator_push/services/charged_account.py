"""A charged account: what one account that is charged online keeps in memory beside its row.

Not here: what is asked of the charging system (services.charge_online), the sums (services.online_slice).
"""

import msgspec

from operator_push.domain.ledger import Balances
from operator_push.kernel.instants import MICROS_PER_SECOND
from operator_push.services.online_slice import OnlineSlice
from operator_push.services.ports import ChargingStep

RESEND_S_MAX = 60.0  # Ours: how rarely at most a request is repeated while nobody answers.
OVERDRAWN_PAUSE_S = 1.0  # Ours: how often at most a message without credit asks for more.


class SliceTerms(msgspec.Struct, frozen=True):
    """What is agreed with the charging system, for every account.

    `slice_micros` is asked for at a time; the next one when `refill_percent` of it is left. While nobody
    answers, `continues` lets an account have up to `offline_limit_micros` beyond its grants. `idle_s` without
    use and without a bind give a slice back, 0 never; after a denial it is asked again in `denied_retry_s`.
    """

    slice_micros: int
    refill_percent: int = 50
    continues: bool = False
    offline_limit_micros: int = 0
    idle_s: float = 0
    denied_retry_s: float = 60
    resend_s: float = 5


class ChargedAccount:
    """One account: its row, and what need not outlive the process."""

    __slots__ = (
        "account_no",
        "active_us",
        "asked_us",
        "failures",
        "overdrawn",
        "refill_below",
        "resend_us",
        "row",
        "sent",
        "under_way",
        "used_seen",
    )

    def __init__(self, row: OnlineSlice, refill_below: int, now_us: int) -> None:
        self.account_no = row.account_no
        self.row = row
        self.refill_below = refill_below
        self.under_way = False  # somebody waits for the answer
        self.sent = False  # this process has sent what stands
        self.failures = 0  # since the last answer
        self.resend_us = 0
        self.asked_us = 0
        self.overdrawn = False  # a message found too little
        self.active_us = now_us
        self.used_seen = 0

    def shown(self, balances: Balances) -> dict[str, object]:
        """The slice as `account show` tells it; micros."""
        row = self.row
        state = "no answer" if self.failures else "open" if row.session_id else "none"
        return {
            "state": state,
            "asked": ChargingStep(row.asked_step).name.lower() if row.asked_step else None,
            "quota_micros": row.quota_micros,
            "unreported_micros": row.unreported(balances),
            "reported_micros": row.reported_micros,
            "advanced_micros": row.advanced_micros,
            "doubt_micros": row.doubt_micros,
            "is_final": bool(row.is_final),
        }

    def is_update_due(self, wanted: bool, available: int, now_us: int) -> bool:
        """True where the open session should report: little is left, its time ends, or it is too much now."""
        row = self.row
        margin_us = (row.valid_until_us - row.valid_from_us) // 10  # asked for before it ends
        if row.valid_until_us and now_us >= row.valid_until_us - margin_us:
            return True
        if not wanted:
            return available > 0
        if row.is_final:
            return False
        pause_over = now_us - self.asked_us >= int(OVERDRAWN_PAUSE_S * MICROS_PER_SECOND)
        return available <= self.refill_below or (self.overdrawn and pause_over)

    def owes(self, balances: Balances) -> bool:
        """True where something could be given back now."""
        number = self.account_no
        could = balances.available(number) or not balances.held(number)
        return bool(self.row.session_id and not self.failures and could)

    def back_off(self, resend_s: float, now_us: int) -> None:
        """Nobody answered: a copy follows in `resend_s`, the next in twice that, up to a minute."""
        self.under_way = False
        self.failures += 1
        pause_s = min(RESEND_S_MAX, resend_s * 2 ** min(self.failures - 1, 6))
        self.resend_us = now_us + int(pause_s * MICROS_PER_SECOND)
