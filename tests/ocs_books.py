"""The books of a charging system for tests: subscriptions with money, sessions with reservations.

Follows RFC 8506 section 5: a copy gets the answer of its first, an update settles the report and replaces the
reservation. Nothing of the product is used but the values that cross the port.
"""

from dataclasses import dataclass, field

from operator_push.services.ports import ChargingAnswer, ChargingRequest, ChargingStep

OK, DENIED, UNKNOWN_SESSION = 2001, 4012, 5002


@dataclass
class OcsBooks:
    """`money` what each subscription has left; `grant_max` micros reserved at a time, None as asked."""

    money: dict[str, int]
    grant_max: int | None = None
    validity_s: int = 0
    failure_handling: str = ""
    reserved: dict[str, tuple[str, int]] = field(default_factory=dict)
    used: dict[str, int] = field(default_factory=dict)
    seen: dict[tuple[str, int], ChargingAnswer] = field(default_factory=dict)
    requests: int = 0
    copies: int = 0

    def answer(self, request: ChargingRequest) -> ChargingAnswer:
        """The answer to a request or to a copy of it."""
        self.requests += 1
        name = (request.session_id, request.number)
        if name in self.seen:
            self.copies += 1
            return self.seen[name]
        self.seen[name] = told = self._carry_out(request)
        return told

    def close(self, session_id: str) -> None:
        """Give up a session, as a supervision timer would."""
        subscription, reserved = self.reserved.pop(session_id)
        self.money[subscription] += reserved

    def total(self, subscription: str) -> int:
        """Money, reservations and use of a subscription together, which nothing changes."""
        held = sum(micros for owner, micros in self.reserved.values() if owner == subscription)
        return self.money[subscription] + held + self.used.get(subscription, 0)

    def _carry_out(self, request: ChargingRequest) -> ChargingAnswer:
        owner, step = request.subscription, request.step
        if owner not in self.money:
            return ChargingAnswer(5030)
        if step in (ChargingStep.UPDATE, ChargingStep.TERMINATE):
            if request.session_id not in self.reserved:
                return ChargingAnswer(UNKNOWN_SESSION)
            self.close(request.session_id)
        back = step is ChargingStep.REFUND
        used = -request.used_micros if back else request.used_micros
        self.money[owner] -= used
        self.used[owner] = self.used.get(owner, 0) + used
        if step not in (ChargingStep.OPEN, ChargingStep.UPDATE):
            return ChargingAnswer(OK)
        granted = max(0, min(request.requested_micros, self.money[owner]))
        if self.grant_max is not None:
            granted = min(granted, self.grant_max)
        if not granted:
            return ChargingAnswer(DENIED)
        self.money[owner] -= granted
        self.reserved[request.session_id] = (owner, granted)
        is_final = not self.money[owner]
        return ChargingAnswer(OK, granted, self.validity_s, is_final, self.failure_handling)
