"""Menu dialogue: MENU and what follows it, each page an SMS, each choice an act of consent.

A choice is a number that the page shows; the act keeps the page as the notice that was shown, and the number
as what was said. Yes to a brand is an opt-in; yes to every sender takes back what stopped them all, and
permits nothing new. A stop ends the dialogue wherever it is. Dialogues are in memory: who was cut off by a
restart, or waited too long, writes MENU again.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from operator_push.domain.consent import (
    EVERY,
    EVERY_CHANNEL,
    SMS,
    ConsentAction,
    ConsentEvent,
    Evidence,
    Scope,
)
from operator_push.domain.consent_record import more_text
from operator_push.domain.contact_wishes import ContactWishes, WishScope
from operator_push.domain.contact_wishes import Wish as ContactWish
from operator_push.domain.inbound_words import InboundAction
from operator_push.domain.menu import Line, Menu, Page, Place, Wish
from operator_push.domain.permission import PermissionBook, Purpose
from operator_push.domain.words.answer_texts import template
from operator_push.domain.words.language import TextName
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.ids import IdSequence
from operator_push.services.changes import Changes
from operator_push.services.hear_subscribers import Inbound, Said
from operator_push.services.manage_permission import consent_row
from operator_push.services.take_opt_ins import Answers

WAITS_US = 15 * 60_000_000  # Ours: a person who was called away finds the menu as it was.
DIALOGUES_MAX = 50_000
NAME_CHARACTERS_MAX = 18
BY = "sms menu"


class _Talk(msgspec.Struct):
    place: Place
    language: str
    until_us: int
    shown: str = ""


class MenuDialogue:
    """The use case for one shard; `categories` are those of the pack."""

    def __init__(
        self,
        shard: int,
        ids: IdSequence,
        permission: PermissionBook,
        answers: Answers,
        brand_name: Callable[[int], str],
        brand_of: Callable[[Inbound, int], int],
        categories: Sequence[tuple[int, str]],
        language: str,
        wishes: ContactWishes,
    ) -> None:
        self._shard = shard
        self._ids = ids
        self._permission = permission
        self._answers = answers
        self._brand_name = brand_name
        self._brand_of = brand_of
        self._categories = categories
        self._language = language
        self._wishes = wishes
        self._talks: OrderedDict[tuple[str, str], _Talk] = OrderedDict()

    def open(self, said: Said, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        """MENU: send the first page."""
        talk = _Talk(Place(), said.language or self._language, now_us + WAITS_US)
        key = (inbound.source, inbound.destination)
        self._talks[key] = talk
        self._talks.move_to_end(key)
        if len(self._talks) > DIALOGUES_MAX:
            self._talks.popitem(last=False)
        return self._show("", talk, said.subscriber_no, inbound, now_us, changes)

    def hear(self, inbound: Inbound, subscriber_no: int, now_us: int, changes: Changes) -> bool:
        """Take a choice of the page that is shown; False where there is none, or the text is no choice."""
        key = (inbound.source, inbound.destination)
        talk = self._talks.get(key)
        if talk is None or not subscriber_no or now_us >= talk.until_us:
            self._talks.pop(key, None)
            return False
        step = self._menu(subscriber_no, inbound, now_us).choose(talk.place, inbound.text)
        if step is None:
            return False
        talk.until_us = now_us + WAITS_US
        if step.place is None:
            del self._talks[key]
            self._send(template("menu_left", talk.language), subscriber_no, inbound, now_us, changes)
            return True
        result = ""
        if step.wish is not None:
            self._do(step.wish, talk, subscriber_no, inbound, now_us, changes)
            held = self._allows(subscriber_no, step.wish.scope) == step.wish.allow
            result = template("menu_done" if held else "menu_blocked", talk.language) + " "
        if step.contact is not None:
            scope = WishScope(talk.place.brand_no)
            is_kept = self._put(step.contact, scope, subscriber_no, now_us, changes)
            result = template("menu_done" if is_kept else "menu_blocked", talk.language) + " "
        talk.place = step.place
        return self._show(result, talk, subscriber_no, inbound, now_us, changes)

    def stopped(self, msisdn: str, now_us: int, changes: Changes) -> None:
        """A stop beats every dialogue of this number."""
        for key in [key for key in self._talks if key[0] == msisdn]:
            del self._talks[key]

    def _menu(self, subscriber_no: int, inbound: Inbound, now_us: int) -> Menu:
        numbers = self._permission.brands_of(subscriber_no) | {self._brand_of(inbound, now_us)}
        brands = [(number, self._brand_name(number)) for number in numbers - {EVERY}]
        allows = partial(self._allows, subscriber_no)
        return Menu(brands, self._categories, allows, partial(self._wishes.of, subscriber_no))

    def _put(
        self, wish: ContactWish, scope: WishScope, subscriber_no: int, now_us: int, changes: Changes
    ) -> bool:
        """False where the person has as many wishes as anybody may."""
        try:
            self._wishes.put(subscriber_no, wish, scope)
        except OperatorError:
            return False
        row: dict[str, object] = {"shard": self._shard, "subscriber_no": subscriber_no}
        row |= scope._asdict() | wish._asdict() | {"changed_us": now_us, "changed_by": BY}
        changes.upserts.append(("contact_wish", row))
        return True

    def _allows(self, subscriber_no: int, scope: Scope) -> bool:
        """Of one brand: is it permitted; of every sender: is it not stopped for all of them."""
        book, channel = self._permission, SMS if scope.channel == EVERY_CHANNEL else scope.channel
        answer = book.answer(subscriber_no, scope.brand_no, scope.category, scope.purpose, channel)
        if scope.brand_no != EVERY:
            return answer.allowed
        return answer.allowed or not answer.reason.says_no

    def _show(
        self, result: str, talk: _Talk, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> bool:
        lines = self._menu(subscriber_no, inbound, now_us).lines(talk.place)
        title = self._word("menu_title", talk)
        if talk.place.page is not Page.BRANDS:
            brand_no = talk.place.brand_no
            name = self._brand_name(brand_no) if brand_no else self._word("menu_everybody", talk)
            title = _cut(name)
            if talk.place.page is Page.BRAND:
                allowed = self._allows(subscriber_no, _whole(brand_no))
                title += f" {self._word('menu_yes' if allowed else 'menu_no', talk)}"
        talk.shown = f"{result}{title}: " + ", ".join(self._line(line, talk) for line in lines)
        return self._send(talk.shown, subscriber_no, inbound, now_us, changes)

    def _line(self, line: Line, talk: _Talk) -> str:
        name = _cut(line.name) if line.name else self._word(line.word, talk)
        if line.allowed is None:
            return f"{line.number} {name}"
        return f"{line.number} {name} {self._word('menu_yes' if line.allowed else 'menu_no', talk)}"

    def _word(self, name: str, talk: _Talk) -> str:
        known: TextName = name  # type: ignore[assignment]  # the names of domain.menu are among them
        return template(known, talk.language)

    def _send(self, text: str, subscriber_no: int, inbound: Inbound, now_us: int, changes: Changes) -> bool:
        said = Said(InboundAction.DIALOGUE, subscriber_no, EVERY, True)
        unrepeated = msgspec.structs.replace(inbound, text="")  # 1 is another choice on every page
        return self._answers.send(text, said, unrepeated, now_us, changes)

    def _do(
        self, wish: Wish, talk: _Talk, number: int, inbound: Inbound, now_us: int, changes: Changes
    ) -> None:
        scope = wish.scope
        if not wish.allow:
            self._record(ConsentAction.WITHDRAW, scope, talk, number, inbound, now_us, changes)
            return
        if scope.brand_no == EVERY or self._permission.withdrawn_us(number, scope) is not None:
            self._record(ConsentAction.RESUME, scope, talk, number, inbound, now_us, changes)
        if scope.brand_no != EVERY and not self._allows(number, scope):
            self._record(ConsentAction.GRANT, scope, talk, number, inbound, now_us, changes)

    def _record(
        self,
        action: ConsentAction,
        scope: Scope,
        talk: _Talk,
        number: int,
        inbound: Inbound,
        now_us: int,
        changes: Changes,
    ) -> None:
        more = {
            "short_code": inbound.destination,
            "raw_text": inbound.text,
            "notice_sha256": hashlib.sha256(talk.shown.encode()).hexdigest(),
        }
        told = f"{inbound.text!r} to the menu {talk.shown!r}"
        event = ConsentEvent(
            number,
            scope.brand_no,
            scope.category,
            scope.purpose,
            scope.channel,
            action,
            now_us,
            Evidence("sms", told, "", talk.language, "", more_text(more)),
        )
        self._permission.apply(event)
        changes.consent_event.append(consent_row(self._shard, self._ids.next_id(now_us), event))


def _whole(brand_no: int) -> Scope:
    return Scope(Purpose.MARKETING, brand_no, EVERY, EVERY_CHANNEL)


def _cut(name: str) -> str:
    return name[:NAME_CHARACTERS_MAX].rstrip(" ,")
