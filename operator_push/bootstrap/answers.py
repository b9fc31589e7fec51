"""Answers: the parts that answer subscribers' words, made from the settings and a loaded state."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection

from operator_push.bootstrap.state import State
from operator_push.bootstrap.submissions import enrol_strangers
from operator_push.config import Settings
from operator_push.domain.packs.shelf import shipped_packs
from operator_push.gateway.clock import now_us
from operator_push.gateway.committer import Committer
from operator_push.gateway.cut_choice import MessageCutter
from operator_push.gateway.opt_in_commands import OptInCommands
from operator_push.kernel.meters import Meters
from operator_push.services.accept_submissions import AcceptSubmissions
from operator_push.services.answer_subscribers import AnswerSubscribers, AnswerTerms
from operator_push.services.answer_why import SentMessage, why_sent
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import HearSubscribers, Inbound, Said
from operator_push.services.menu_dialogue import MenuDialogue
from operator_push.services.number_country import country_of
from operator_push.services.registry import Account
from operator_push.services.take_opt_ins import OfferFor, TakeOptIns
from operator_push.store.consent_rows import StoredAct, acts_of
from operator_push.store.notice_rows import registered
from operator_push.store.sent_rows import sent_message
from operator_push.store.writer_thread import WriterThread

log = logging.getLogger(__name__)

SECOND_US = 1_000_000
CATEGORIES_OF = "in"  # whose list the product counts by, where a pack has none of its own
_Found = tuple[SentMessage, list[StoredAct]] | None


def hear_subscribers(state: State, meters: Meters) -> HearSubscribers:
    """What hears MO; who says stop and is not known yet gets a number."""
    hear = HearSubscribers(state.shard, state.ids, state.facts.permission, state.vault.number_of, meters)
    hear.enrol = enrol_strangers(state)
    return hear


def answer_subscribers(
    settings: Settings,
    state: State,
    hear: HearSubscribers,
    accept: AcceptSubmissions,
    cutter: MessageCutter,
    committer: Committer,
    reader: WriterThread,
    meters: Meters,
    offer_for: OfferFor,
) -> OptInCommands:
    """Let words be answered where the settings name the account that answers, and opt-ins be taken; returns
    the commands of those."""
    asked = settings.answers
    if not asked.account:
        return opt_in_commands(state, None, reader, committer)
    own_name = asked.account

    def account() -> Account | None:
        return state.registry.account_named(own_name)

    accept.answers_are_free = asked.free
    terms = AnswerTerms(
        asked.name, asked.language, asked.valid_s * SECOND_US, frozenset(settings.short_codes)
    )
    answers = AnswerSubscribers(
        account,
        accept,
        cutter.render_text,
        state.registry.brand_name,
        state.mo.dialogues.limits,
        terms,
        meters,
    )
    hear.answer = answers.answer
    answers.on_why = _WhyAnswers(state, answers, terms, committer, reader).ask
    opt_ins = take_opt_ins(state, hear, answers, committer, offer_for)
    menu = _menu_dialogue(settings, state, hear, answers)
    answers.on_menu = menu.open
    hear.on_stopped.append(menu.stopped)

    def dialogue(inbound: Inbound, subscriber_no: int, at_us: int, changes: Changes) -> bool:
        asked = inbound, subscriber_no, at_us, changes
        return menu.hear(*asked) or opt_ins.hear(*asked)

    hear.dialogue = dialogue
    return opt_in_commands(state, opt_ins, reader, committer)


def take_opt_ins(
    state: State,
    hear: HearSubscribers,
    answers: AnswerSubscribers,
    committer: Committer,
    offer_for: OfferFor,
) -> TakeOptIns:
    """Let people opt in at the touchpoints of the settings, and answer challenges."""
    registry, dialogues = state.registry, state.mo.dialogues
    opt_ins = TakeOptIns(
        state.shard,
        state.ids,
        state.facts.permission,
        dialogues.touchpoints,
        answers,
        lambda name: registry.brand_no(name, committer.changes),
        registry.brand_name,
        enrol_strangers(state),
        dialogues.notices,
        dialogues.challenges,
        offer_for,
    )
    hear.brands_in_dialogue = opt_ins.brands_in_dialogue
    return opt_ins


def _menu_dialogue(
    settings: Settings, state: State, hear: HearSubscribers, answers: AnswerSubscribers
) -> MenuDialogue:
    packs, today = shipped_packs(), datetime.now(UTC).date()
    rows = packs.pack(settings.mo.pack, today).category or packs.pack(CATEGORIES_OF, today).category
    return MenuDialogue(
        state.shard,
        state.ids,
        state.facts.permission,
        answers,
        state.registry.brand_name,
        lambda inbound, at_us: hear.brand_of(inbound, at_us),
        [(row.number, row.name) for row in rows],
        settings.answers.language,
        state.facts.wishes,
    )


def opt_in_commands(
    state: State, opt_ins: TakeOptIns | None, reader: WriterThread, committer: Committer
) -> OptInCommands:
    """The commands of touchpoints and notices."""
    notices = state.mo.dialogues.notices

    def read_notices(told: Callable[[int | BaseException], None]) -> None:
        def learn(found: list[tuple[str, str, str, str, int]] | BaseException) -> None:
            if not isinstance(found, BaseException):
                notices.put(found)
            told(found if isinstance(found, BaseException) else len(found))

        reader.submit(registered, learn)

    def msisdn_of(subscriber_no: int) -> str:
        return state.vault.msisdn_of(subscriber_no, "missed call")

    return OptInCommands(opt_ins, read_notices, msisdn_of, committer)


class _WhyAnswers:
    """Reads the message and the acts beside the loop, then answers."""

    def __init__(
        self,
        state: State,
        answers: AnswerSubscribers,
        terms: AnswerTerms,
        committer: Committer,
        reader: WriterThread,
    ) -> None:
        self._state = state
        self._answers = answers
        self._terms = terms
        self._committer = committer
        self._reader = reader

    def ask(self, said: Said, inbound: Inbound, at_us: int) -> None:
        """Answer about the message that this code last carried to this person."""
        conversations = self._state.mo.conversations
        _, message_id = conversations.last_message(inbound.destination, inbound.source, at_us)
        if not message_id:
            self._answers.say("why_unknown", {}, said, inbound, at_us, self._committer.changes)
            return
        shard = self._state.shard

        def read(connection: Connection) -> _Found:
            message = sent_message(connection, shard, message_id)
            if message is None:
                return None
            return message, acts_of(connection, shard, message.subscriber_no)

        self._reader.submit(read, lambda found: self._told(found, said, inbound))

    def _told(self, found: _Found | BaseException, said: Said, inbound: Inbound) -> None:
        at_us, changes = now_us(), self._committer.changes
        if isinstance(found, BaseException):
            log.error("a WHY could not be answered: %s", found)
            return
        if found is None:
            self._answers.say("why_unknown", {}, said, inbound, at_us, changes)
        else:
            registry = self._state.registry
            name, fields = why_sent(
                found[0],
                found[1],
                country_of(inbound.source),
                said.language or self._terms.language,
                registry.brand_name,
                registry.campaign_name,
            )
            self._answers.say(name, fields, said, inbound, at_us, changes)
        self._committer.kick()
