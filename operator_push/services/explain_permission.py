"""Explain permission: one question, answered as the book answers it, with the acts and rules that led there.

The answer is found by folding the person's acts anew up to the moment asked for, by the same book that
decides when a message is sent. So the past can be asked: what stood at that moment, by what people had done
until then, or by what the product had heard until then.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from operator_push.domain.consent import (
    EVERY,
    WITHOUT_END,
    ConsentAction,
    ConsentEvent,
    Purpose,
    Scope,
    scope_of,
)
from operator_push.domain.consent_record import DPV
from operator_push.domain.jurisdictions import counts_in
from operator_push.domain.permission import PermissionAnswer, PermissionBook, PermissionReason
from operator_push.kernel.ids import id_epoch_us
from operator_push.kernel.instants import iso

_GRANTS = (ConsentAction.GRANT, ConsentAction.CONFIRM)
_STOPS = (ConsentAction.WITHDRAW, ConsentAction.DENY, ConsentAction.OBJECT)
_DECIDED_BY: dict[PermissionReason, tuple[ConsentAction, ...]] = {
    PermissionReason.GRANTED: _GRANTS,
    PermissionReason.EXPIRED: _GRANTS,
    PermissionReason.WITHDRAWN: _STOPS,
    PermissionReason.DENIED: _STOPS,
    PermissionReason.VOID: (ConsentAction.VOID,),
}
# The rules in the order of asking. A version grows where a rule comes to say something else.
RULES = {
    "known subscriber": 1,
    "acts that count": 2,
    "deny beats allow": 1,
    "a grant covers the question": 1,
    "grants end": 1,
}
_PASSED, _REFUSED, _NOT_ASKED = "passed", "refused", "not asked"


class Act(Protocol):
    """A stored act (store.consent_rows.StoredAct)."""

    @property
    def event_id(self) -> int: ...

    @property
    def event(self) -> ConsentEvent: ...


class Question(NamedTuple):
    """May this person be told this? `country` of the number (ISO 3166), None unknown; `subscriber_no` 0:
    nobody we know; `known_us`: by what was heard up to then, None by all that is known now."""

    subscriber_no: int
    brand_no: int
    category: int
    purpose: Purpose
    channel: str
    country: str | None
    at_us: int
    known_us: int | None = None


def explain(question: Question, acts: Sequence[Act], brand_name: Callable[[int], str]) -> dict[str, Any]:
    """The decision as JSON values: allowed, reason, state, the act and scope that decided, the trail."""
    heard = [act for act in acts if _is_heard(act, question)]
    counting = [act for act in heard if counts_in(act.event.jurisdiction, question.country, act.event.action)]
    book = PermissionBook()
    for act in counting:
        book.apply(act.event)
    book.expire(question.at_us)
    number, asked = question.subscriber_no, _scope(question)
    answer = (
        book.answer(number, asked.brand_no, asked.category, asked.purpose, asked.channel)
        if number
        else PermissionAnswer(False, PermissionReason.UNKNOWN, None)
    )
    decided_by = _deciding_act(answer, counting)
    shown = _Names(brand_name)
    return {
        "decision": "allow" if answer.allowed else "refuse",
        "allowed": answer.allowed,
        "reason": answer.reason.name.lower(),
        "state": _state(book, question, answer),
        "basis": answer.basis.name.lower() if answer.basis is not None else None,
        "asked": {**shown.scope(asked), "jurisdiction": (question.country or "*").lower()},
        "decided_by_scope": shown.scope(answer.scope) if answer.scope is not None else None,
        "decided_by": shown.act(decided_by) if decided_by is not None else None,
        "at": iso(question.at_us),
        "known_at": iso(question.known_us) if question.known_us is not None else None,
        "trail": list(_trail(question, answer, heard, counting, decided_by)),
        "acts": [
            {**shown.act(act), "counts": act in counting, "concerns": scope_of(act.event).covers(asked)}
            for act in heard
        ],
    }


def _is_heard(act: Act, question: Question) -> bool:
    if act.event.at_us > question.at_us:
        return False
    return question.known_us is None or id_epoch_us(act.event_id) <= question.known_us


def _scope(question: Question) -> Scope:
    return Scope(question.purpose, question.brand_no, question.category, question.channel)


def _state(book: PermissionBook, question: Question, answer: PermissionAnswer) -> str:
    """Of the scope that decided; where none did, of the narrowest one that covers the question."""
    if answer.scope is not None:
        return book.state(question.subscriber_no, answer.scope, question.at_us).name
    asked = _scope(question)
    for channel in dict.fromkeys((asked.channel, "*")):
        for category in dict.fromkeys((asked.category, EVERY)):
            for brand_no in dict.fromkeys((asked.brand_no, EVERY)):
                scope = Scope(asked.purpose, brand_no, category, channel)
                state = book.state(question.subscriber_no, scope, question.at_us)
                if state:
                    return state.name
    return "PENDING"


def _deciding_act(answer: PermissionAnswer, acts: Sequence[Act]) -> Act | None:
    kinds = _DECIDED_BY.get(answer.reason, ())
    for act in reversed(acts):
        if act.event.action not in kinds or answer.scope is None:
            continue
        if scope_of(act.event) == answer.scope and (
            answer.basis is None or act.event.basis == answer.basis or act.event.action not in _GRANTS
        ):
            return act
    return None


def _trail(
    question: Question,
    answer: PermissionAnswer,
    heard: Sequence[Act],
    counting: Sequence[Act],
    decided_by: Act | None,
) -> Iterator[dict[str, Any]]:
    """What each rule said, up to the one that refused."""
    known = bool(question.subscriber_no)
    yield _step(
        "known subscriber", known, "the vault knows the number" if known else "nobody has this number"
    )
    aside = len(heard) - len(counting)
    where = (question.country or "no known country").lower()
    yield _step(
        "acts that count",
        True,
        f"{len(counting)} acts up to this moment count for a number of {where}"
        + (f"; {aside} were made under the law of somewhere else" if aside else ""),
        known,
    )
    said_no = answer.reason in (PermissionReason.WITHDRAWN, PermissionReason.DENIED)
    because = f"act {decided_by.event_id}" if decided_by is not None else "an act"
    yield _step(
        "deny beats allow",
        not said_no,
        f"{because} said no to this or to something broader, and no later opt-in of that breadth lifted it"
        if said_no
        else "nothing that covers the question is stopped",
        known,
    )
    lapsed = answer.reason is PermissionReason.EXPIRED
    missing = {
        PermissionReason.VOID: f"{because}: the number changed hands, and its new owner has not opted in",
        PermissionReason.UNKNOWN: "nobody has said yes to this or to something broader: unknown is no",
    }.get(answer.reason)
    yield _step(
        "a grant covers the question",
        missing is None,
        missing or f"{because} grants this or something broader",
        known and not said_no,
    )
    end_us = decided_by.event.expires_us if decided_by is not None else WITHOUT_END
    ends = f"{because} holds until {iso(end_us)}, and not at it" if end_us != WITHOUT_END else "it has no end"
    yield _step("grants end", not lapsed, ends, known and not said_no and missing is None)


def _step(rule: str, holds: bool, why: str, is_asked: bool = True) -> dict[str, Any]:
    outcome = (_PASSED if holds else _REFUSED) if is_asked else _NOT_ASKED
    return {"rule": rule, "version": RULES[rule], "outcome": outcome, "why": why if is_asked else ""}


class _Names:
    """Numbers in the words of people."""

    def __init__(self, brand_name: Callable[[int], str]) -> None:
        self._brand_name = brand_name

    def scope(self, scope: Scope) -> dict[str, Any]:
        return {
            "purpose": scope.purpose.name.lower(),
            "dpv": DPV[scope.purpose][0],
            "brand": self._brand_name(scope.brand_no),
            "category": str(scope.category) if scope.category else "*",
            "channel": scope.channel,
        }

    def act(self, act: Act) -> dict[str, Any]:
        event = act.event
        return {
            "event_id": str(act.event_id),
            "action": event.action.name.lower(),
            "at": iso(event.at_us),
            "heard_at": iso(id_epoch_us(act.event_id)),
            "expires_at": iso(event.expires_us) if event.expires_us != WITHOUT_END else None,
            "basis": event.basis.name.lower(),
            "jurisdiction": event.jurisdiction,
            **self.scope(scope_of(event)),
            "method": event.evidence.method,
            "notice_version": event.evidence.notice_version,
        }
