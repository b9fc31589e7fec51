"""Answer subscribers: what somebody who wrote a word to a short code is told, through the one door.

An answer is a transactional message of the operator's own account from the code that was written to: asked
for by the person's own act, so no withdrawal, hour or cap stands in its way, and none is promotional. It is
staged with the act that it answers: one commit, one answer, also over a crash. Who is answered too often
(domain.answer_limits) hears nothing more; what they asked for was done all the same.
"""

from collections.abc import Callable, Container, Mapping

import msgspec

from operator_push.domain.answer_limits import AnswerLimits
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.message import Origin, RefusalReason, Submission, TrafficClass
from operator_push.domain.words.answer_texts import answer_text
from operator_push.domain.words.language import TextName
from operator_push.kernel.meters import Meters
from operator_push.kernel.numbering import is_msisdn
from operator_push.services.accept_submissions import NO_REFERENCE, AcceptSubmissions, Offered
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import Inbound, Said, Tell
from operator_push.services.registry import Account
from operator_push.services.run_campaign import RECEIPT_ALWAYS, Render

_PLAIN: Mapping[InboundAction, TextName] = {
    InboundAction.HELP: "help",
    InboundAction.INFO: "info",
}


class AnswerTerms(msgspec.Struct, frozen=True):
    """How answers are given: `name` of the operator, `language` where the person's is not known, `valid_us`
    how long an answer may wait; `own_codes` are never answered."""

    name: str
    language: str
    valid_us: int
    own_codes: Container[str] = ()


class AnswerSubscribers:
    """The use case for one shard; `account()` is the operator's own, None where there is none (yet)."""

    def __init__(
        self,
        account: Callable[[], Account | None],
        accept: AcceptSubmissions,
        render: Render,
        brand_name: Callable[[int], str],
        limits: AnswerLimits,
        terms: AnswerTerms,
        meters: Meters,
    ) -> None:
        self._account = account
        self._accept = accept
        self._render = render
        self._brand_name = brand_name
        self._limits = limits
        self._terms = terms
        self._meters = meters
        # Answers MENU: (said, inbound, now_us, changes).
        self.on_menu: Tell = lambda said, inbound, now_us, changes: None
        # Answers WHY, which needs the store: (said, inbound, now_us).
        self.on_why: Callable[[Said, Inbound, int], object] = lambda said, inbound, now_us: None

    def answer(self, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        """Answer what was heard and done; False where nothing is said."""
        if said.action is InboundAction.WHY:
            self.on_why(said, inbound, now_us)
            return False
        if said.action is InboundAction.MENU:
            return bool(self.on_menu(said, inbound, now_us, changes))
        name = self._text_name(said)
        return name is not None and self.say(name, {}, said, inbound, now_us, changes)

    def say(
        self,
        name: TextName,
        fields: Mapping[str, str],
        said: Said,
        inbound: Inbound,
        now_us: int,
        changes: Changes,
    ) -> bool:
        """Send one of the texts of `domain.words.answer_texts` to whoever wrote; False where none is sent."""
        return self.send(self.text_of(name, fields, said), said, inbound, now_us, changes)

    def text_of(self, name: TextName, fields: Mapping[str, str], said: Said) -> str:
        """What `say` would send."""
        brand = self._brand_name(said.brand_no) if said.brand_no else self._operator_name()
        return answer_text(name, said.language or self._terms.language, {"brand": brand, **fields})

    def send(self, text: str, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        """Send a text from the code that was written to, within the limits of that number."""
        account = self._account()
        if account is None or not is_msisdn(inbound.source) or inbound.source in self._terms.own_codes:
            self._meters.count("answers.none")
            return False
        why = self._limits.why_silent(inbound.source, inbound.text, now_us)
        if why is not None:
            self._meters.count(f"answers.silent_{why}")
            return False
        offer = self._offer(account, text, said.subscriber_no, inbound, now_us)
        if offer is None:
            return False
        (accepted,) = self._accept.accept([offer], now_us, changes)
        if accepted.message is None:
            reason = RefusalReason(accepted.reason or RefusalReason.NONE).name.lower()
            self._meters.count(f"answers.refused_{reason}")
            return False
        self._limits.answered(inbound.source, inbound.text, text, now_us)
        self._meters.count("answers.sent")
        return True

    def _offer(
        self, account: Account, text: str, subscriber_no: int, inbound: Inbound, now_us: int
    ) -> Offered | None:
        code, msisdn = inbound.destination, inbound.source
        number, kind = account.account_no, TrafficClass.TRANSACTIONAL
        try:
            body, segments, wire, whole = self._render(code, msisdn, text, number, kind, now_us)
        except ValueError:  # a link that cannot write this text; the act that it answers stands
            self._meters.count("answers.unsendable")
            return None
        submission = Submission(
            account_no=number,
            brand_no=account.brand_no,
            category=0,
            traffic_class=kind,
            origin=Origin.ANSWER,
            subscriber_no=subscriber_no,
            destination=msisdn,
            source=code,
            segment_count=segments,
            client_reference=NO_REFERENCE,
        )
        until_us = now_us + self._terms.valid_us
        return Offered(submission, body, RECEIPT_ALWAYS, 0, wire, expires_us=until_us, whole=whole)

    def _text_name(self, said: Said) -> TextName | None:
        """One confirmation a stop: who is stopped already hears nothing more about it."""
        if said.action.is_stop:
            if not said.has_changed:
                return None
            return "stopped" if said.brand_no else "stopped_all"
        if said.action is InboundAction.START:
            return "started" if said.has_changed else "not_stopped"
        return _PLAIN.get(said.action)

    def _operator_name(self) -> str:
        account = self._account()
        return self._terms.name or (account.name if account is not None else "")
