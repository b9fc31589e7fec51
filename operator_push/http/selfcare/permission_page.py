"""The permission page: every choice with its buttons, each change an act of consent with its evidence."""

import hashlib
from collections.abc import Callable, Mapping, Sequence

from operator_push.domain.consent import (
    CATEGORY_MAX,
    EVERY,
    EVERY_CHANNEL,
    PURPOSE_BY_NAME,
    SMS,
    Purpose,
)
from operator_push.domain.contact_wishes import checked_scope, checked_wish
from operator_push.http.selfcare.desk import Desk, Offered, Wished
from operator_push.http.selfcare.drawing import page
from operator_push.http.selfcare.languages import Words
from operator_push.http.selfcare.site import Handler, Terms, Visit, person_of
from operator_push.http.web_values import Answered, see_other
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import iso
from operator_push.kernel.numbering import mask_number
from operator_push.services.permission_overview import Choice

NOTICE_ID = "selfcare"
ACTIONS = ("grant", "withdraw", "resume")
OFTEN = (1, 2, 3, 5, 7, 10, 20)  # promotions in a week that can be chosen, beside any number


def notice_version(text: str) -> str:
    """The version of a notice: another text is another version by itself."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def offers_by(offers: Sequence[Offered], earned_by: str) -> list[Offered]:
    """The offers that are earned in this way."""
    return [each for each in offers if each.earned_by == earned_by]


def shown_offer(visit: Visit, offers: Sequence[Offered], earned_by: str) -> Offered | None:
    """The offer whose terms stood beside the form that was sent, word for word; None where none did."""
    name, version = visit.asked.field("offer"), visit.asked.field("terms")
    for each in offers_by(offers, earned_by):
        if each.name == name and notice_version(each.terms) == version:
            return each
    return None


class PermissionPage:
    """Shows and changes who may write to a person, and what may be learnt."""

    def __init__(self, terms: Terms, desk: Desk) -> None:
        self._terms = terms
        self._desk = desk

    def handlers(self) -> Mapping[tuple[str, str], Handler]:
        """(method, path) → handler."""
        return {
            ("GET", "/permissions"): self.show,
            ("POST", "/permissions"): self.change,
            ("POST", "/wishes"): self.wish,
        }

    def show(self, visit: Visit, problem: str = "", status: int = 200) -> Answered:
        """The page."""
        person, words = person_of(visit), visit.words
        done = visit.asked.query.get("done", "")
        return page(
            "permissions",
            words,
            "/permissions",
            operator=self._terms.operator,
            session=visit.signed_in,
            status=status,
            problem=problem,
            done=words[f"done_{done}"] if done in (*ACTIONS, "wish") else "",
            masked=mask_number(person.msisdn),
            seen=self._desk.overview(person, visit.now_us),
            brands=self._desk.brand_names(),
            finer_name=_finer_name(words),
            offers={each.brand: each for each in offers_by(self._desk.offers(person), "opt_in")},
            terms_version=notice_version,
            wishes=self._desk.wishes(person),
            about_whom=_about_whom(words),
            often=OFTEN,
        )

    def change(self, visit: Visit) -> Answered:
        """One choice, as an act of consent that holds when the next page is shown."""
        form, words = visit.asked, visit.words
        action, brand = form.field("action"), form.field("brand")
        purpose, category = form.field("purpose"), form.field("category")
        channel = form.field("channel")
        known = (
            action in ACTIONS
            and purpose in PURPOSE_BY_NAME
            and (category == "*" or (category.isdecimal() and 1 <= int(category) <= CATEGORY_MAX))
            and channel in (SMS, EVERY_CHANNEL)
            and (brand == "*" or brand in self._desk.brand_names())
        )
        if not known:
            return self.show(visit, words["error_form"], 422)
        act = self._act(visit, action, brand, purpose, category, channel)
        offer = shown_offer(visit, self._desk.offers(person_of(visit)), "opt_in")
        if offer is not None and (action, purpose, brand) == ("grant", "marketing", offer.brand):
            act |= {"incentive_ref": offer.name, "incentive_terms": offer.terms}
        why = self._desk.record(person_of(visit), act)
        if why:
            return self.show(visit, words["refused"].format(why=why), 409)
        return see_other("/permissions", done=action)

    def wish(self, visit: Visit) -> Answered:
        """When and how often: an hour of the day each, and a number of messages in a week, of one brand and
        category or of all."""
        form = visit.asked
        brand, channel = form.field("brand") or "*", form.field("channel") or EVERY_CHANNEL
        try:
            begin, end, often = (int(form.field(name)) for name in ("from", "until", "often"))
            wish = checked_wish(begin * 60, end * 60, often)
            category = int(form.field("category") or EVERY)
            checked_scope(EVERY, category, channel)
        except (ValueError, OperatorError):
            return self.show(visit, visit.words["error_form"], 422)
        if brand != "*" and brand not in self._desk.brand_names():
            return self.show(visit, visit.words["error_form"], 422)
        why = self._desk.set_wish(person_of(visit), Wished(brand, category, channel, wish))
        if why:
            return self.show(visit, visit.words["refused"].format(why=why), 409)
        return see_other("/permissions", done="wish")

    def _act(
        self, visit: Visit, action: str, brand: str, purpose: str, category: str, channel: str
    ) -> dict[str, str]:
        """The act with its evidence: what was shown in which language and version, and how the person proved
        to hold the number."""
        words, session = visit.words, visit.signed_in
        notice = words["notice"]
        act = {
            "brand": brand,
            "purpose": purpose,
            "category": category,
            "channel": channel,
            "action": action,
            "at": iso(visit.now_us),
            "method": "web",
            "evidence": f"self-care page: {action} {purpose}, brand {brand}, category {category}, {channel}",
            "language": words.language,
            "notice_version": notice_version(notice),
            "collected_by": "operator-push selfcare",
            "ip": visit.asked.address,
            "double_opt_in_answer": f"{session.proof} at {iso(session.began_us)}",
        }
        if action == "grant":
            act["notice_id"] = NOTICE_ID
            act["notice_sha256"] = hashlib.sha256(notice.encode()).hexdigest()
        return act


def _about_whom(words: Words) -> Callable[[Wished], str]:
    def name(wished: Wished) -> str:
        parts = [words["all_brands"] if wished.brand == "*" else wished.brand]
        if wished.category:
            parts.append(words[f"category_{wished.category}"])
        if wished.channel != EVERY_CHANNEL:
            parts.append(words["channel_sms"])
        return ", ".join(parts)

    return name


def _finer_name(words: Words) -> Callable[[Choice], str]:
    def name(choice: Choice) -> str:
        scope = choice.scope
        parts = [words["offers" if scope.purpose is Purpose.MARKETING else "service"]]
        if scope.category:
            parts.append(words[f"category_{scope.category}"])
        if scope.channel != EVERY_CHANNEL:
            parts.append(words["channel_sms"] if scope.channel == SMS else scope.channel)
        return ", ".join(parts)

    return name
