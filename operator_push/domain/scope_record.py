"""Scope record: what all subscribers have said about one scope, as bitmaps and sparse tables of moments.

Each method is one step of the fold and tells whether it changed what is known. Which record an act reaches,
and whether it counts at all, is `domain.permission`.
"""

from pyroaring import BitMap

from operator_push.domain.consent import WITHOUT_END, Basis, ConsentAction, Purpose, Scope
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.moments_by_number import MomentsByNumber

NO_CHALLENGE = 0


class ScopeRecord:
    """Who granted and who stopped one scope; `place` is its name in `domain.grant_ends`."""

    __slots__ = (
        "_challenged_until_us",
        "_ends_us",
        "_legal",
        "_others_end_us",
        "granted",
        "imported",
        "lapsed",
        "objected",
        "others",
        "place",
        "refused",
        "requested",
        "scope",
        "stopped",
        "stopped_us",
        "voided_us",
    )

    def __init__(self, scope: Scope, place: int) -> None:
        self.scope = scope
        self.place = place
        self.granted = BitMap()  # by consent
        self.imported = BitMap()  # those of `granted` who are so by a client's list alone
        self.others = BitMap()  # permitted on another basis
        self._legal = BitMap()  # those of `others` on Basis.LEGAL
        self.lapsed = BitMap()  # granted once, and come to its end
        self.stopped = BitMap()
        self.refused = BitMap()  # those of `stopped` who denied or objected rather than withdrew
        self.objected = BitMap()  # those of `refused` who objected
        self.requested = BitMap()
        self.stopped_us = MomentsByNumber()
        self.voided_us = MomentsByNumber()
        self._ends_us = MomentsByNumber()
        self._others_end_us = MomentsByNumber()
        self._challenged_until_us = MomentsByNumber()

    def grant(self, number: int, expires_us: int, *, is_imported: bool = False) -> bool:
        """Consent is given, up to a moment or WITHOUT_END; it stands in the place of an older one.

        `is_imported`: by a client's list. A list changes nothing about what the person's own act granted.
        """
        self.requested.discard(number)
        self.lapsed.discard(number)
        self._challenged_until_us.discard(number)
        before = number in self.granted
        is_new = not before
        if is_imported:
            if not before:
                self.imported.add(number)
        elif number in self.imported:
            self.imported.discard(number)
            is_new = True
        if not is_new and self._ends_us.get(number, WITHOUT_END) == expires_us:
            return False
        _set_end(self._ends_us, number, expires_us)
        self.granted.add(number)
        return True

    def permit(self, number: int, basis: Basis, expires_us: int) -> bool:
        """Permitted on another basis than consent."""
        known = (
            number in self.others
            and self.basis(number) == basis
            and self._others_end_us.get(number, WITHOUT_END) == expires_us
        )
        if known:
            return False
        _set_end(self._others_end_us, number, expires_us)
        self.others.add(number)
        if basis == Basis.LEGAL:
            self._legal.add(number)
        else:
            self._legal.discard(number)
        return True

    def basis(self, number: int) -> Basis:
        """On what somebody of `others` is permitted: the purpose tells soft opt-in from service."""
        if number in self._legal:
            return Basis.LEGAL
        return Basis.SOFT_OPT_IN if self.scope.purpose == Purpose.MARKETING else Basis.SERVICE

    def end_us(self, number: int, *, with_consent: bool) -> int:
        """When the grant ends, WITHOUT_END where it does not or there is none."""
        return (self._ends_us if with_consent else self._others_end_us).get(number, WITHOUT_END)

    def end_grant(self, number: int, *, with_consent: bool) -> None:
        """Its end is reached."""
        granted, ends_us = (
            (self.granted, self._ends_us) if with_consent else (self.others, self._others_end_us)
        )
        granted.discard(number)
        ends_us.discard(number)
        self.lapsed.add(number)
        if with_consent:
            self.imported.discard(number)

    def end_all(self, number: int) -> bool:
        """Whatever permits ends now, on any basis, and is not refused; True where something did."""
        permitted = number in self.granted or number in self.others
        if permitted:
            self.end_grant(number, with_consent=True)
            self.end_grant(number, with_consent=False)
        self.end_dialogue(number)
        return permitted

    def request(self, number: int) -> bool:
        """The person was asked."""
        if number in self.requested:
            return False
        self.requested.add(number)
        return True

    def challenge(self, number: int, until_us: int) -> bool:
        """A double opt-in waits for its answer until a moment."""
        self.requested.discard(number)
        if self.challenged_until_us(number) == until_us:
            return False
        self._challenged_until_us.set(number, until_us)
        return True

    def challenged_until_us(self, number: int) -> int:
        """Until when a challenge can be answered; NO_CHALLENGE where there is none."""
        return self._challenged_until_us.get(number, NO_CHALLENGE)

    def end_dialogue(self, number: int) -> None:
        """A stop or a new owner: what was asked is not answered any more."""
        self.requested.discard(number)
        self._challenged_until_us.discard(number)

    def stop(self, number: int, at_us: int, action: ConsentAction) -> None:
        """The latest no, of whatever kind."""
        self.requested.discard(number)
        self.stopped.add(number)
        self.stopped_us.set(number, at_us)
        if action == ConsentAction.WITHDRAW:
            self.refused.discard(number)
            self.objected.discard(number)
            return
        self.refused.add(number)
        if action == ConsentAction.OBJECT:
            self.objected.add(number)
        else:
            self.objected.discard(number)

    def lift_stop(self, number: int) -> None:
        """An opt-in came later than the stop."""
        self.stopped.discard(number)
        self.refused.discard(number)
        self.objected.discard(number)
        self.stopped_us.discard(number)

    def forget(self, number: int) -> bool:
        """The number has a new owner: nothing that was said counts; True where something had been."""
        said = (self.granted, self.others, self.stopped, self.lapsed, self.requested)
        known = any(number in bitmap for bitmap in said) or self.challenged_until_us(number) != NO_CHALLENGE
        if known:
            for bitmap in (self.granted, self.imported, self.others, self._legal, self.lapsed):
                bitmap.discard(number)
            self._ends_us.discard(number)
            self._others_end_us.discard(number)
            self.lift_stop(number)
            self.end_dialogue(number)
        return known

    def state(self, number: int, now_us: int) -> ConsentState:
        """Where this scope stands for somebody at a moment up to which `expire` was called."""
        until_us = self.challenged_until_us(number)
        if until_us > now_us:
            return ConsentState.CONFIRMING
        if number in self.stopped:
            if number in self.objected:
                return ConsentState.OBJECTED
            return ConsentState.DENIED if number in self.refused else ConsentState.WITHDRAWN
        if number in self.granted or number in self.others:
            return ConsentState.GRANTED
        if number in self.requested:
            return ConsentState.REQUESTED
        if number in self.lapsed or until_us != NO_CHALLENGE:
            return ConsentState.EXPIRED
        return ConsentState.VOID if self.voided_us.get(number, -1) >= 0 else ConsentState.PENDING


def _set_end(ends_us: MomentsByNumber, number: int, expires_us: int) -> None:
    if expires_us == WITHOUT_END:
        ends_us.discard(number)
    else:
        ends_us.set(number, expires_us)
