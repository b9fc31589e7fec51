"""Permission overview: where somebody stands with every brand, category and channel, as the person sees it.

The acts are folded anew by the book that decides when a message is sent, so that what is shown is what holds.
A choice is one scope: what counts for it now, and what has been said about exactly it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from operator_push.domain.consent import EVERY, EVERY_CHANNEL, SMS, Purpose, Scope, scope_of
from operator_push.domain.consent_states import ConsentState
from operator_push.domain.jurisdictions import counts_in
from operator_push.domain.permission import DATA_PURPOSES, PermissionBook, PermissionReason
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.ids import id_epoch_us
from operator_push.services.explain_permission import Act

MESSAGES = (Purpose.MARKETING, Purpose.SERVICE)


class Choice(msgspec.Struct, frozen=True):
    """One scope. `allowed`: what counts now; `state`: what was said about exactly this scope; `is_stopped`:
    a stop counts, its own or a broader one; `blocked_by`: the broader scope whose stop counts, None where
    there is none; the rest is about the act that decides, empty where no act does."""

    scope: Scope
    allowed: bool
    state: str
    is_stopped: bool = False
    blocked_by: Scope | None = None
    since_us: int = 0
    method: str = ""
    event_id: int = 0
    ends_us: int = 0


class BrandChoices(msgspec.Struct, frozen=True):
    """A brand: all of its marketing, its service messages, and the finer scopes that were spoken of."""

    brand_no: int
    brand: str
    marketing: Choice
    service: Choice
    finer: tuple[Choice, ...]


class Overview(msgspec.Struct, frozen=True):
    """Everything: all brands together, each brand, and what may be learnt from the person's data."""

    everything: Choice
    all_service: Choice
    brands: tuple[BrandChoices, ...]
    data: tuple[Choice, ...]


def overview(
    subscriber_no: int,
    acts: Sequence[Act],
    country: str | None,
    brands: Mapping[int, str],
    also: Iterable[int],
    now_us: int,
) -> Overview:
    """Where somebody stands at a moment. `brands` are names by number; shown are the brands that acts name,
    and `also` these (whoever sent something)."""
    counting = [each for each in acts if counts_in(each.event.jurisdiction, country, each.event.action)]
    book = PermissionBook()
    for act in counting:
        book.apply(act.event)
    book.expire(now_us)
    seen = _Seen(subscriber_no, book, counting, now_us)
    spoken = {scope_of(act.event) for act in counting}
    numbers = ({scope.brand_no for scope in spoken} | set(also)) - {EVERY}
    return Overview(
        everything=seen.choice(Scope(Purpose.MARKETING, EVERY, EVERY, EVERY_CHANNEL)),
        all_service=seen.choice(Scope(Purpose.SERVICE, EVERY, EVERY, EVERY_CHANNEL)),
        brands=tuple(
            _brand(number, brands.get(number, f"#{number}"), seen, spoken)
            for number in sorted(numbers, key=lambda number: brands.get(number, "").casefold())
        ),
        data=tuple(seen.choice(Scope(purpose, EVERY, EVERY, EVERY_CHANNEL)) for purpose, _ in DATA_PURPOSES),
    )


def _brand(number: int, name: str, seen: "_Seen", spoken: set[Scope]) -> BrandChoices:
    finer = sorted(
        scope
        for scope in spoken
        if scope.brand_no == number and scope.purpose in MESSAGES and not _is_whole(scope)
    )
    return BrandChoices(
        number,
        name,
        seen.choice(Scope(Purpose.MARKETING, number, EVERY, EVERY_CHANNEL)),
        seen.choice(Scope(Purpose.SERVICE, number, EVERY, EVERY_CHANNEL)),
        tuple(map(seen.choice, finer)),
    )


def _is_whole(scope: Scope) -> bool:
    return scope.category == EVERY and scope.channel == EVERY_CHANNEL


class _Seen:
    """The book of one person with the acts that made it."""

    def __init__(self, subscriber_no: int, book: PermissionBook, acts: Sequence[Act], now_us: int) -> None:
        self._subscriber_no = subscriber_no
        self._book = book
        self._acts = acts
        self._now_us = now_us

    def choice(self, scope: Scope) -> Choice:
        """What counts for a scope. All channels are asked as SMS, the one that this product sends by."""
        channel = SMS if scope.channel == EVERY_CHANNEL else scope.channel
        asked = (scope.brand_no, scope.category, scope.purpose, channel)
        answer = self._book.answer(self._subscriber_no, *asked)
        state = self._book.state(self._subscriber_no, scope, self._now_us)
        decided = answer.scope
        stopped = answer.reason in (PermissionReason.WITHDRAWN, PermissionReason.DENIED)
        blocked_by = decided if stopped and decided != scope else None
        act = self._deciding(decided)
        return Choice(
            scope,
            answer.allowed,
            ConsentState(state).name,
            stopped,
            blocked_by,
            act.event.at_us if act is not None else 0,
            act.event.evidence.method if act is not None else "",
            act.event_id if act is not None else 0,
            act.event.expires_us if act is not None and answer.allowed else 0,
        )

    def _deciding(self, scope: Scope | None) -> Act | None:
        """The latest act about exactly the scope that decided."""
        if scope is None:
            return None
        return next((act for act in reversed(self._acts) if scope_of(act.event) == scope), None)


def permitted_data(seen: Overview) -> DataPurpose:
    """What may be learnt from the person's data, as it stands in an overview."""
    bits = dict(DATA_PURPOSES)
    permitted = DataPurpose.NONE
    for choice in seen.data:
        if choice.allowed:
            permitted |= bits[choice.scope.purpose]
    return permitted


def act_json(act: Act, brand_name: Mapping[int, str]) -> dict[str, Any]:
    """An act with its evidence, for the person's own copy: flat, so that it is a row of a table too."""
    event, evidence = act.event, act.event.evidence
    return {
        "event_id": str(act.event_id),
        "heard_us": id_epoch_us(act.event_id),
        "at_us": event.at_us,
        "action": event.action.name.lower(),
        "brand": "*" if event.brand_no == EVERY else brand_name.get(event.brand_no, f"#{event.brand_no}"),
        "purpose": event.purpose.name.lower(),
        "category": str(event.category) if event.category else "*",
        "channel": event.channel,
        "basis": event.basis.name.lower(),
        "expires_us": event.expires_us,
        "jurisdiction": event.jurisdiction,
        "method": evidence.method,
        "evidence": evidence.detail,
        "notice_version": evidence.notice_version,
        "language": evidence.language,
        "reference": evidence.reference,
        "more": evidence.more,
    }
