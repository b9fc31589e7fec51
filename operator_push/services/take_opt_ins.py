"""Take opt-ins: at a touchpoint (keyword, missed call, web, QR code, API), confirmed by the number itself.

    what the person did → request → challenge, sent by SMS → the answer in time → confirm: from now on a grant

The challenge is recorded with the message that carries it, in one commit; who does not answer it in time has
agreed to nothing. Where a reward is offered for it, the challenge tells the terms, both acts hold them, and
the confirmation earns it (services.award_incentives). Nothing else leaves a withdrawal. A touchpoint without
double opt-in takes the person's own text as a grant; from any other door a challenge is always sent, because
anybody can type a number.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import msgspec

from operator_push.domain.consent import (
    EVERY,
    SMS,
    WITHOUT_END,
    ConsentAction,
    ConsentEvent,
    Evidence,
    Scope,
)
from operator_push.domain.consent_record import more_text
from operator_push.domain.consent_states import ConsentState, why_refused
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.incentives import Offer
from operator_push.domain.permission import PermissionBook, Purpose
from operator_push.domain.touchpoints import HOUR_US, Touchpoint, Touchpoints
from operator_push.domain.words.agreeing import agrees
from operator_push.domain.words.language import TextName
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import EVIDENCE_TEXT_MAX, Inbound, Said
from operator_push.services.manage_permission import consent_row
from operator_push.services.notices import KnowsNotices

DOORS = ("web", "qr", "api", "missed_call", "ussd", "ivr", "shop", "call_centre")
ASKED_AGAIN_US = 24 * HOUR_US  # Ours: how soon a door may have the same number asked for a brand again.
ASKED_MAX = 100_000  # Ours: bounds what is remembered of that.
TERMS_CHARACTERS_MAX = 200  # Ours: terms that are longer are not read in an SMS; such an offer is for pages.
LATE_ANSWER_US = 7 * 24 * HOUR_US  # Ours: so long a late yes is told that it was late.


class Answers(Protocol):
    """What is asked of services.answer_subscribers."""

    def text_of(self, name: TextName, fields: Mapping[str, str], said: Said) -> str: ...

    def send(self, text: str, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> bool: ...


class OpenChallenge(msgspec.Struct, frozen=True):
    """What was sent to be answered: its text, notice and offer (`incentive_ref`, `incentive_terms`), and
    when; the rest is in the book."""

    text: str
    notice: tuple[tuple[str, str], ...] = ()
    valid_us: int = 0
    offer: tuple[tuple[str, str], ...] = ()
    asked_us: int = 0


_Evidence = tuple[tuple[str, str], ...]
OfferFor = Callable[[int, int, int], Offer | None]  # brand, person, moment → what could be earned
SentChallenge = tuple[int, Scope, OpenChallenge]  # the subscriber's number first


class TakeOptIns:
    """The use case for one shard."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        permission: PermissionBook,
        touchpoints: Touchpoints,
        answers: Answers,
        brand_no_of: Callable[[str], int],
        brand_name: Callable[[int], str],
        enrol: Callable[[str, int, Changes], int],
        notices: KnowsNotices,
        sent: Iterable[SentChallenge] = (),
        offer_for: OfferFor = lambda brand_no, subscriber_no, now_us: None,
    ) -> None:
        """`sent`: the challenges of before a restart."""
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._touchpoints = touchpoints
        self._answers = answers
        self._brand_no_of = brand_no_of
        self._brand_name = brand_name
        self._enrol = enrol
        self._notices = notices
        self._asked: OrderedDict[tuple[int, int], int] = OrderedDict()
        self._open: dict[tuple[int, Scope], OpenChallenge] = {}
        for number, scope, challenge in sent:
            self._open[(number, scope)] = challenge
            self._note_asked(number, scope.brand_no, challenge.asked_us)
        self._offer_for = offer_for

    def brands_in_dialogue(self, subscriber_no: int, now_us: int) -> Iterable[int]:
        """The brands whose challenge waits for this person's answer."""
        return {scope.brand_no for scope, _ in self._permission.challenges(subscriber_no, now_us)}

    def hear(self, inbound: Inbound, subscriber_no: int, now_us: int, changes: Changes) -> bool:
        """Take a text that is a keyword or the answer to a challenge; False where it is neither."""
        touchpoint = self._touchpoints.opened_by(inbound.destination, inbound.text)
        if touchpoint is not None:
            number = subscriber_no or self._enrol(inbound.source, now_us, changes)
            if number:
                self._ask(touchpoint, number, inbound, "sms", {}, now_us, changes)
            return bool(number)
        if not subscriber_no or not agrees(inbound.text):
            return False
        return self._agreed(subscriber_no, inbound, now_us, changes)

    def request(
        self, name: str, msisdn: str, method: str, given: Mapping[str, Any], now_us: int, changes: Changes
    ) -> str:
        """Somebody typed this number at a door, scanned a code or called: send the challenge there.

        Returns "challenged", "granted already", "asked already" (within a day, or its question waits), or
        "not sent" (no account answers, or the number was written to too often). `given`: evidence by the
        names of domain.consent_record.

        Raises:
            OperatorError: no touchpoint of that name, no such door, or a person who may not be asked now.
        """
        touchpoint = self._touchpoints.named(name)
        if touchpoint is None:
            known = ", ".join(self._touchpoints.names()) or "none yet"
            raise OperatorError(f"no [[opt_in]] is called {name!r}; there are: {known}")
        if method not in DOORS:
            raise OperatorError(f"method {method!r} is not one of {', '.join(DOORS)}")
        number = self._enrol(msisdn, now_us, changes)
        if not number:
            raise OperatorError("msisdn is not an international number")
        inbound = Inbound(msisdn, touchpoint.short_code, "", b"")
        return self._ask(touchpoint, number, inbound, method, given, now_us, changes)

    def called_at(self, name: str) -> str:
        """The number of a touchpoint that people call and hang up.

        Raises:
            OperatorError: no touchpoint of that name, or it has none.
        """
        touchpoint = self._touchpoints.named(name)
        if touchpoint is None or not touchpoint.called:
            raise OperatorError(f"no [[opt_in]] called {name!r} has a missed_call")
        return touchpoint.called

    def missed_call(self, called: str, msisdn: str, now_us: int, changes: Changes) -> str:
        """Somebody called a touchpoint's number and hung up; the outcome is that of `request`.

        Whose call it was is what the switch says of the caller, so it is asked by SMS like every other door.

        Raises:
            OperatorError: no touchpoint has this number, or as `request`.
        """
        touchpoint = self._touchpoints.called_at(called)
        if touchpoint is None:
            raise OperatorError(f"no [[opt_in]] has missed_call {called!r}")
        told = {"raw_text": f"missed call to {touchpoint.called}"}
        return self.request(touchpoint.name, msisdn, "missed_call", told, now_us, changes)

    def _ask(
        self,
        touchpoint: Touchpoint,
        number: int,
        inbound: Inbound,
        method: str,
        given: Mapping[str, Any],
        now_us: int,
        changes: Changes,
    ) -> str:
        brand_no = self._brand_no_of(touchpoint.brand)
        scope = Scope(Purpose.MARKETING, brand_no, touchpoint.category, SMS)
        said = Said(InboundAction.DIALOGUE, number, brand_no, True)
        notice = self._notices.latest(touchpoint.notice_id) if touchpoint.notice_id else {}
        evidence = {"short_code": inbound.destination, "raw_text": inbound.text, **notice, **given}
        if self._permission.allows(number, brand_no, touchpoint.category, Purpose.MARKETING):
            if method == "sms":  # who typed somebody else's number at a door shall not have it written to
                self._tell("opted_in_already", said, inbound, now_us, changes)
            return "granted already"
        if method != "sms" and self._was_asked(number, brand_no, now_us):
            return "asked already"
        ends_us = now_us + touchpoint.valid_us if touchpoint.valid_us else WITHOUT_END
        if not touchpoint.double and method == "sms":
            shown = self._offered(scope, number, now_us, by_keyword=True)
            granted = {**evidence, **dict(shown)}
            self._record(number, scope, ConsentAction.GRANT, method, granted, ends_us, now_us, changes)
            text = _with_terms(self._answers.text_of("opted_in", {}, said), shown)
            self._answers.send(text, said, inbound, now_us, changes)
            return "granted"
        state = self._permission.state(number, scope, now_us)
        if why_refused(state, ConsentAction.REQUEST) is None and state is not ConsentState.REQUESTED:
            self._record(number, scope, ConsentAction.REQUEST, method, evidence, WITHOUT_END, now_us, changes)
        hours = str(touchpoint.answer_within_us // HOUR_US)
        offer = self._offered(scope, number, now_us)
        text = _with_terms(self._answers.text_of("challenge", {"hours": hours}, said), offer)
        if not self._answers.send(text, said, inbound, now_us, changes):
            return "not sent"
        self._note_asked(number, brand_no, now_us)
        until_us = now_us + touchpoint.answer_within_us
        challenged = {**evidence, **dict(offer), "double_opt_in_challenge": text}
        self._record(number, scope, ConsentAction.CHALLENGE, method, challenged, until_us, now_us, changes)
        self._open[(number, scope)] = OpenChallenge(
            text, tuple(notice.items()), touchpoint.valid_us, offer, now_us
        )
        return "challenged"

    def _offered(self, scope: Scope, number: int, now_us: int, *, by_keyword: bool = False) -> _Evidence:
        """Evidence of the reward whose terms go into the challenge, or, `by_keyword`, stood beside the
        keyword; only who permits every category of the brand earns one."""
        offer = self._offer_for(scope.brand_no, number, now_us) if scope.category == EVERY else None
        if offer is None or len(offer.terms) > TERMS_CHARACTERS_MAX or (by_keyword and not offer.by_keyword):
            return ()
        return ("incentive_ref", offer.name), ("incentive_terms", offer.terms)

    def _note_asked(self, number: int, brand_no: int, now_us: int) -> None:
        self._asked[(number, brand_no)] = now_us
        self._asked.move_to_end((number, brand_no))
        if len(self._asked) > ASKED_MAX:
            self._asked.popitem(last=False)

    def _was_asked(self, number: int, brand_no: int, now_us: int) -> bool:
        """Was this number asked for this brand a short while ago, or does a question still wait? Anybody can
        type a number at a door, and nobody shall be pestered from there."""
        asked_us = self._asked.get((number, brand_no))
        recently = asked_us is not None and now_us - asked_us < ASKED_AGAIN_US
        return recently or brand_no in self.brands_in_dialogue(number, now_us)

    def _agreed(self, number: int, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        """A yes: to the challenge that was sent last, if it can still be answered."""
        waiting = self._permission.challenges(number, now_us - LATE_ANSWER_US)
        if not waiting:
            return False
        scope, until_us = max(waiting, key=lambda found: found[1])
        said = Said(InboundAction.DIALOGUE, number, scope.brand_no, True)
        if until_us <= now_us:
            self._tell("challenge_ended", said, inbound, now_us, changes)
            return True
        challenge = self._open.pop((number, scope), OpenChallenge(""))
        evidence = {
            "short_code": inbound.destination,
            "raw_text": inbound.text,
            **dict(challenge.notice),
            **dict(challenge.offer),
            "double_opt_in_challenge": challenge.text,
            "double_opt_in_answer": inbound.text,
        }
        ends_us = now_us + challenge.valid_us if challenge.valid_us else WITHOUT_END
        self._record(number, scope, ConsentAction.CONFIRM, "sms", evidence, ends_us, now_us, changes)
        self._tell("opted_in", said, inbound, now_us, changes)
        return True

    def _tell(self, name: TextName, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> None:
        self._answers.send(self._answers.text_of(name, {}, said), said, inbound, now_us, changes)

    def _record(
        self,
        number: int,
        scope: Scope,
        action: ConsentAction,
        method: str,
        evidence: Mapping[str, Any],
        expires_us: int,
        now_us: int,
        changes: Changes,
    ) -> None:
        given = dict(evidence)
        given["raw_text"] = str(given.get("raw_text") or "")[:EVIDENCE_TEXT_MAX]
        version, language = str(given.pop("notice_version", "")), str(given.pop("language", ""))
        told = f"{given['raw_text']!r} to {given.get('short_code', '')}" if given["raw_text"] else method
        event = ConsentEvent(
            number,
            scope.brand_no,
            scope.category,
            scope.purpose,
            scope.channel,
            action,
            now_us,
            Evidence(method, told, version, language, "", more_text(given)),
            expires_us=expires_us,
        )
        self._permission.apply(event)
        changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))


def _with_terms(text: str, offer: _Evidence) -> str:
    return f"{text} {dict(offer)['incentive_terms']}" if offer else text
