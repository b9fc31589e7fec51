"""The registry: brands, accounts and campaigns by number and by name, in memory, with their rows.

Small and slow facts: loaded at start, changed only by commands that go through the running product, written
as upserts in the same transaction as everything else.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from operator_push.domain.campaign_reach import ReachLimit
from operator_push.domain.campaign_terms import (
    NO_PROGRESS,
    CampaignProgress,
    CampaignTerms,
    progress_from_text,
    text_of,
)
from operator_push.domain.campaign_terms import NO_TERMS as NO_CAMPAIGN_TERMS
from operator_push.domain.campaign_terms import (
    terms_from_text as campaign_terms_from_text,
)
from operator_push.kernel.errors import OperatorError
from operator_push.services.account_terms import NO_TERMS, AccountTerms, terms_from_text, terms_text
from operator_push.services.changes import Changes


@dataclass(frozen=True, slots=True)
class Account:
    """A customer of the operator. An empty password_hash may not bind; empty allowed_sources means any."""

    account_no: int
    name: str
    kind: str
    brand_no: int
    password_hash: str
    active: bool
    traffic_class: int
    category: int
    allowed_sources: tuple[str, ...]
    any_destination: bool
    window: int
    binds_max: int
    currency: str
    created_us: int
    terms: AccountTerms = NO_TERMS

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.account."""
        row = {name: getattr(self, name) for name in self.__slots__}
        row["allowed_sources"] = json.dumps(list(self.allowed_sources))
        row["terms"] = terms_text(self.terms)
        return row


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """One campaign as ordered; `state` is a value of domain.campaign.CampaignState."""

    campaign_no: int
    name: str
    account_no: int
    brand_no: int
    category: int
    rule: str
    source: str
    text: str
    state: str
    audience: int
    segments: int
    price_micros: int
    quoted_micros: int
    valid_until_us: int
    ordered_by: str
    approved_by: str
    checkpoint: int
    created_us: int
    changed_us: int
    terms: CampaignTerms = NO_CAMPAIGN_TERMS
    progress: CampaignProgress = NO_PROGRESS

    def as_row(self) -> dict[str, object]:
        """The row of store.schema.campaign."""
        row = {name: getattr(self, name) for name in self.__slots__}
        return row | {"terms": text_of(self.terms), "progress": text_of(self.progress)}


class Registry:
    """The three lists. Numbers are dense from 1."""

    def __init__(
        self,
        brands: Iterable[tuple[int, str]] = (),
        accounts: Iterable[Account] = (),
        campaigns: Iterable[CampaignRecord] = (),
    ) -> None:
        self._brand_names: dict[int, str] = dict(brands)
        self._brand_nos = {name: number for number, name in self._brand_names.items()}
        self._accounts = {account.account_no: account for account in accounts}
        self._account_nos = {account.name: account.account_no for account in self._accounts.values()}
        self._campaigns = {campaign.campaign_no: campaign for campaign in campaigns}

    def brand_name(self, brand_no: int) -> str:
        """The brand's name, "*" for 0 (all brands)."""
        return self._brand_names.get(brand_no, "*" if brand_no == 0 else f"brand {brand_no}")

    def brand_no(self, name: str, changes: Changes) -> int:
        """The brand's number; a new name gets the next one."""
        number = self._brand_nos.get(name)
        if number is None:
            number = max(self._brand_names, default=0) + 1
            self._brand_names[number] = name
            self._brand_nos[name] = number
            changes.upserts.append(("brand", {"brand_no": number, "name": name}))
        return number

    def known_brand_no(self, name: str) -> int | None:
        """The brand's number, None where nobody has used this name yet."""
        return self._brand_nos.get(name)

    def accounts(self) -> Iterator[Account]:
        """All accounts in the order of their numbers."""
        return iter(self._accounts.values())

    def currencies_but(self, currency: str) -> dict[int, str]:
        """account_no → currency of the accounts that are in any other one than this."""
        return {no: each.currency for no, each in self._accounts.items() if each.currency != currency}

    def account(self, account_no: int) -> Account | None:
        """The account with this number."""
        return self._accounts.get(account_no)

    def account_named(self, name: str) -> Account | None:
        """The account with this name (its SMPP system_id)."""
        return self._accounts.get(self._account_nos.get(name, 0))

    def require_account(self, name: str) -> Account:
        """The account with this name.

        Raises:
            OperatorError: there is none.
        """
        account = self.account_named(name)
        if account is None:
            known = ", ".join(sorted(self._account_nos)) or "none yet"
            raise OperatorError(f"no account is called {name!r}; there are: {known}")
        return account

    def next_account_no(self) -> int:
        """The number that the next account gets."""
        return max(self._accounts, default=0) + 1

    def put_account(self, account: Account, changes: Changes) -> None:
        """Add or replace an account."""
        self._accounts[account.account_no] = account
        self._account_nos[account.name] = account.account_no
        changes.upserts.append(("account", account.as_row()))

    def campaigns(self) -> Iterator[CampaignRecord]:
        """All campaigns in the order of their numbers."""
        return iter(self._campaigns.values())

    def campaign(self, campaign_no: int) -> CampaignRecord | None:
        """The campaign with this number."""
        return self._campaigns.get(campaign_no)

    def require_campaign(self, name: str) -> CampaignRecord:
        """The campaign with this name.

        Raises:
            OperatorError: there is none.
        """
        for campaign in self._campaigns.values():
            if campaign.name == name:
                return campaign
        known = ", ".join(campaign.name for campaign in self._campaigns.values()) or "none yet"
        raise OperatorError(f"no campaign is called {name!r}; there are: {known}")

    def control_group(self, campaign_no: int) -> tuple[str, int] | None:
        """The name of a campaign's control group and how many per cent it is; None where it has none.

        All times of a recurring campaign have one group.
        """
        campaign = self._campaigns.get(campaign_no)
        if campaign is None or campaign.terms.control_percent is None:
            return None
        return campaign.terms.of or campaign.name, campaign.terms.control_percent

    def reach_limit(self, campaign_no: int) -> ReachLimit | None:
        """What sales rules said of a campaign; None where they said nothing. Brands that nobody has used yet
        have reached nobody."""
        campaign = self._campaigns.get(campaign_no)
        if campaign is None or not (campaign.progress.per_day or campaign.progress.apart):
            return None
        apart = {self._brand_nos.get(brand, -1): days for brand, days in campaign.progress.apart.items()}
        return ReachLimit(campaign.progress.per_day or None, apart)

    def put_campaign(self, campaign: CampaignRecord, changes: Changes) -> None:
        """Add or replace a campaign."""
        self._campaigns[campaign.campaign_no] = campaign
        changes.upserts.append(("campaign", campaign.as_row()))

    def campaign_name(self, campaign_no: int) -> str:
        """The campaign's name, "" for messages that belong to none."""
        campaign = self._campaigns.get(campaign_no)
        return campaign.name if campaign else ""

    def next_campaign_no(self) -> int:
        """The number that the next campaign gets."""
        return max(self._campaigns, default=0) + 1


def account_from_row(row: dict[str, object]) -> Account:
    """The account of a row of store.schema.account."""
    values = dict(row)
    values["allowed_sources"] = tuple(json.loads(str(row["allowed_sources"])))
    values["terms"] = terms_from_text(str(row["terms"]))
    return Account(**values)  # type: ignore[arg-type]


def campaign_from_row(row: dict[str, object]) -> CampaignRecord:
    """The campaign of a row of store.schema.campaign."""
    values = dict(row)
    values["terms"] = campaign_terms_from_text(str(row["terms"]))
    values["progress"] = progress_from_text(str(row["progress"]))
    return CampaignRecord(**values)  # type: ignore[arg-type]


def with_changes(campaign: CampaignRecord, now_us: int, **changed: object) -> CampaignRecord:
    """A campaign with some fields replaced and its change dated."""
    return replace(campaign, changed_us=now_us, **changed)  # type: ignore[arg-type]
