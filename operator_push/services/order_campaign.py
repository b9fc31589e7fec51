"""Order a campaign: its content is checked, its money set aside, and it passes from maker to checkers.

Two people besides the one who ordered say yes, one for the client and one for the operator. Any change is a
new order under the same name: it is quoted anew, and everybody's yes is taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec.structs import replace

from operator_push.domain.arbitration import PRIORITY_MAX
from operator_push.domain.campaign import CampaignAction, CampaignState, Quote, take_action
from operator_push.domain.campaign_content import forbidden_words, foreign_hosts
from operator_push.domain.campaign_terms import NO_PROGRESS, CampaignTerms, checked_terms
from operator_push.domain.charging import quote_hold
from operator_push.domain.personal.template import LINK_MARK
from operator_push.domain.short_links import specimen
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.money import format_micros
from operator_push.services.campaign_money import CampaignMoney
from operator_push.services.campaign_texts import texts_asked
from operator_push.services.changes import Changes
from operator_push.services.registry import Account, CampaignRecord, Registry, with_changes

SIDES = ("client", "operator")


class OrderCampaign:
    """The use case for one shard. `forbidden` are the operator's words that no campaign may hold; `floor` how
    many people an order reaches at least; `checkers`: how many people of the operator say yes."""

    def __init__(
        self,
        registry: Registry,
        money: CampaignMoney,
        forbidden: Sequence[str] = (),
        floor: int = 1,
        checkers: int = 1,
    ) -> None:
        self._registry = registry
        self._money = money
        self._forbidden = forbidden
        self._floor = floor
        self._checkers = checkers

    def order(
        self, asked: Mapping[str, Any], quote: Mapping[str, Any], now_us: int, changes: Changes
    ) -> CampaignRecord:
        """Create a campaign that waits for its approvals.

        `people_max` in `asked` (else the size of the audience) is how many it may reach, and all that is
        remembered of the size: an exact one would tell what the count did not. A budget lowers it.

        Raises:
            OperatorError: the name is taken, the content may not be sent, or the money is not there.
        """
        if any(campaign.name == asked["name"] for campaign in self._registry.campaigns()):
            raise OperatorError(f"a campaign called {asked['name']!r} exists already")
        return self._put(asked, quote, self._registry.next_campaign_no(), now_us, now_us, changes)

    def change(
        self, asked: Mapping[str, Any], quote: Mapping[str, Any], now_us: int, changes: Changes
    ) -> CampaignRecord:
        """Order the campaign of this name anew; it is pending again, whoever had approved it.

        Raises:
            OperatorError: as `order`, it has been launched, or it is another account's.
        """
        known = self._registry.require_campaign(asked["name"])
        if known.account_no != self._registry.require_account(asked["account"]).account_no:
            raise OperatorError(f"campaign {known.name!r} is not of {asked['account']}")
        take_action(CampaignState(known.state), CampaignAction.CHANGE)
        reserved = self._money.reserved(known.campaign_no)
        self._money.release(known.campaign_no)
        try:
            return self._put(asked, quote, known.campaign_no, known.created_us, now_us, changes)
        except OperatorError:
            self._money.restore([(known.campaign_no, known.account_no, reserved)])
            raise

    def approve(
        self,
        name: str,
        approver: str,
        now_us: int,
        changes: Changes,
        side: str = "operator",
        priority: int | None = None,
    ) -> CampaignRecord:
        """One side's yes, of the operator with a priority. With the last yes that is needed it is approved.

        All who are named are different people.

        Raises:
            OperatorError: the approver ordered it or approved it already, the side has said yes, the quote
                has ended, or the state does not allow it.
        """
        if side not in SIDES:
            raise OperatorError(f"{side!r} is no side; approve as {' or '.join(SIDES)}")
        if priority is not None and (side != "operator" or not 0 <= priority <= PRIORITY_MAX):
            raise OperatorError(f"priority {priority} is not 0..{PRIORITY_MAX}, declared by the operator")
        campaign = self._registry.require_campaign(name)
        progress = campaign.progress
        state = CampaignState(campaign.state)
        operators = [each for each in (campaign.approved_by, progress.also_approved_by) if each]
        made_by = (campaign.ordered_by, progress.client_approved_by, *operators)
        approved = take_action(
            state, CampaignAction.APPROVE, actor=approver, made_by=[each for each in made_by if each]
        )
        if now_us > campaign.valid_until_us:
            raise OperatorError("the quote has ended; quote and order again")
        before = [progress.client_approved_by] if progress.client_approved_by else []
        needed = 1
        if side == "operator":
            before, needed = operators, self._checkers
        if len(before) >= needed:
            raise OperatorError(
                f"campaign {name!r} is approved for the {side} already, by {', '.join(before)}"
            )
        changed: dict[str, object] = {}
        if side == "client":
            progress = replace(progress, client_approved_by=approver)
        else:
            operators.append(approver)
            changed["approved_by"] = operators[0]
            progress = replace(progress, also_approved_by="".join(operators[1:]))
            if priority is not None:
                progress = replace(progress, priority=priority)
        if progress.client_approved_by and len(operators) >= self._checkers:
            changed["state"] = approved.value
            progress = replace(progress, approved_us=now_us)
        acted = with_changes(campaign, now_us, progress=progress, **changed)
        self._registry.put_campaign(acted, changes)
        return acted

    def _put(
        self,
        asked: Mapping[str, Any],
        quote: Mapping[str, Any],
        campaign_no: int,
        created_us: int,
        now_us: int,
        changes: Changes,
    ) -> CampaignRecord:
        account = self._registry.require_account(asked["account"])
        terms, texts = checked_terms(asked.get("terms") or {}, now_us), texts_asked(asked)
        for text in dict.fromkeys((texts.text, *texts.all_texts())):
            self.check_content({**asked, "text": texts.filled(text)}, account)
        if texts.target:
            self.check_content({**asked, "text": texts.target}, account)
        offered = Quote(
            quote["audience"],
            quote["segments"],
            quote["price_micros"],
            quote["quoted_micros"],
            quote["valid_until_us"],
        )
        state = take_action(CampaignState.QUOTED, CampaignAction.ORDER, quote=offered, at_us=now_us)
        each_micros = quote_hold(quote["price_micros"], quote["segments"])
        people = self._affordable(_people_max(asked, quote["audience"]), each_micros, terms)
        reserved = self._money.reserve(account, campaign_no, people * each_micros, now_us)
        campaign = CampaignRecord(
            campaign_no=campaign_no,
            name=asked["name"],
            account_no=account.account_no,
            brand_no=account.brand_no,
            category=int(asked["category"]),
            rule=asked["rule"],
            source=asked["source"],
            text=asked["text"],
            state=state.value,
            audience=people,
            segments=quote["segments"],
            price_micros=quote["price_micros"],
            quoted_micros=quote["quoted_micros"],
            valid_until_us=quote["valid_until_us"],
            ordered_by=asked.get("ordered_by") or account.name,
            approved_by="",
            checkpoint=0,
            created_us=created_us,
            changed_us=now_us,
            terms=terms,
            progress=replace(NO_PROGRESS, reserved_micros=reserved),
        )
        self._registry.put_campaign(campaign, changes)
        return campaign

    def check_content(self, asked: Mapping[str, Any], account: Account) -> None:
        """Hold `name`, `text` and `source` of what is asked against what was agreed.

        Raises:
            OperatorError: nobody could read it, or the operator or the agreement forbids it.
        """
        name, text, source = asked["name"], asked["text"], asked["source"]
        if not name.strip() or not name.isprintable():
            raise OperatorError("name must be printable and not empty")
        if not text.strip():
            raise OperatorError("text is empty; nobody wants an empty message")
        if account.allowed_sources and source not in account.allowed_sources:
            allowed = ", ".join(account.allowed_sources)
            raise OperatorError(f"source {source!r} is not one of {allowed}")
        if not account.allowed_sources and self._is_anothers(source, account):
            raise OperatorError(f"source {source!r} is another client's; give --sender to the account first")
        if why := self._why_not(text, account):
            raise OperatorError(why)

    def why_not(self, text: str, account_no: int) -> str:
        """Why a text may not be sent for an account, by its words and links; "" where it may. LINK_MARK is
        the campaign's own link."""
        account = self._registry.account(account_no)
        return "" if account is None else self._why_not(text, account)

    def _why_not(self, text: str, account: Account) -> str:
        if words := forbidden_words(text, self._forbidden):
            return f"text holds {_listed(words)}, which no campaign may say"
        hosts, own = account.terms.url_hosts, account.terms.link_host or "link.invalid"
        text = text.replace(LINK_MARK, specimen(own, 1))
        if hosts is not None and (foreign := foreign_hosts(text, (*hosts, own))):
            agreed = f"agreed are {', '.join(hosts)}" if hosts else "none is agreed"
            return f"text links to {_listed(foreign)}; with {account.name} {agreed}"
        return ""

    def _is_anothers(self, source: str, account: Account) -> bool:
        """Some other brand's account has been given this sender, and this one was given none."""
        return any(
            source in other.allowed_sources and other.brand_no != account.brand_no
            for other in self._registry.accounts()
        )

    def _affordable(self, people: int, each_micros: int, terms: CampaignTerms) -> int:
        budget = terms.budget_micros
        if budget is None or not each_micros:
            return people
        affordable = min(people, budget // each_micros)
        if affordable < self._floor:
            raise OperatorError(
                f"a budget of {format_micros(budget)} is too small: {self._floor} people at least, at "
                f"{format_micros(each_micros)} each, are {format_micros(self._floor * each_micros)}"
            )
        return affordable


def _people_max(asked: Mapping[str, Any], audience: int) -> int:
    written = asked.get("people_max")
    if written is None:
        return audience
    if isinstance(written, bool) or not isinstance(written, int) or written < 1:
        raise OperatorError(f"people_max {written!r} is not an int of at least 1")
    return written


def _listed(names: Iterable[str]) -> str:
    return ", ".join(repr(name) for name in names)
