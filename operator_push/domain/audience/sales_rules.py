"""Sales rules: what the operator sells to whom, written in the language of audiences.

A sales rule has a condition over the sale (SALE_FEATURES) and says what then holds: attributes that may not
be used, no sale at all, more people at least, brands whose campaign may not have reached the same people
lately, how many campaign messages of a day one subscriber may get. Where several hold, the stricter does.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

from operator_push.domain.audience.built_ins import set_text
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature, FeatureType
from operator_push.kernel.trigger_catalogue import EVENT_ATTRIBUTES

APART_DAYS_MAX = 92  # Ours: message rows of older days may have left for the archive.
_NONE = DataPurpose.NONE
SALE_FEATURES: Mapping[str, Feature] = {
    each.name: each
    for each in (
        Feature("client.account", FeatureType.STRING, "name", _NONE, "The account that asks."),
        Feature("client.brand", FeatureType.STRING, "name", _NONE, "The brand that it sends for."),
        Feature("category", FeatureType.INT, "1..8", _NONE, "The category of the message (TRAI's list)."),
        Feature(
            "attributes", FeatureType.SET, "names", _NONE, "The attributes that the audience rule reads."
        ),
        Feature("lists", FeatureType.INT, "sets", _NONE, "How many lists and campaigns it asks for."),
    )
}
_KEYS = frozenset(
    {"name", "when", "why", "bars", "refuse", "floor", "apart_from", "apart_days", "per_subscriber_per_day"}
)


@dataclass(frozen=True, slots=True)
class SalesRule:
    """One rule of the operator. `when` None holds always; `bars` are attributes, * for any ending."""

    name: str
    why: str
    when: Rule | None = None
    bars: tuple[str, ...] = ()
    refuse: bool = False
    floor: int = 0
    apart_from: tuple[str, ...] = ()
    apart_days: int = 7
    per_subscriber_per_day: int | None = None


@dataclass(frozen=True, slots=True)
class Sale:
    """What is asked for. `attributes` and `lists` are known once the audience rule is read."""

    account: str
    brand: str
    category: int
    attributes: Collection[str] | None = None
    lists: int | None = None

    def profile(self) -> dict[str, object]:
        """What a sales rule is asked of; what is not known yet is absent."""
        profile: dict[str, object] = {
            "client.account": self.account,
            "client.brand": self.brand,
            "category": self.category,
        }
        if self.attributes is not None:
            profile["attributes"] = set_text(tuple(self.attributes))
        if self.lists is not None:
            profile["lists"] = self.lists
        return profile


@dataclass(frozen=True, slots=True)
class SaleTerms:
    """What holds for a sale. `barred`: attribute → why; `refused`: why nothing is sold, empty where it is;
    `apart`: brand → days for which its campaign's people are left out."""

    barred: Mapping[str, str] = field(default_factory=dict)
    refused: str = ""
    floor: int = 0
    apart: Mapping[str, int] = field(default_factory=dict)
    per_subscriber_per_day: int | None = None
    applied: tuple[str, ...] = ()


def terms_for(rules: Sequence[SalesRule], sale: Sale, now_us: int) -> SaleTerms:
    """The terms of a sale: of every rule whose condition is true; unknown is not true."""
    profile = sale.profile()
    holding = [each for each in rules if each.when is None or each.when.function()(profile, now_us) is True]
    barred: dict[str, str] = {}
    apart: dict[str, int] = {}
    for rule in holding:
        for name in (*FEATURES_BY_NAME, *EVENT_ATTRIBUTES):
            if any(fnmatchcase(name, pattern) for pattern in rule.bars):
                barred.setdefault(name, rule.why)
        for brand in rule.apart_from:
            if brand != sale.brand:
                apart[brand] = max(apart.get(brand, 0), rule.apart_days)
    inventories = [rule.per_subscriber_per_day for rule in holding if rule.per_subscriber_per_day is not None]
    return SaleTerms(
        barred,
        next((f"{rule.name}: {rule.why}" for rule in holding if rule.refuse), ""),
        max((rule.floor for rule in holding), default=0),
        apart,
        min(inventories, default=None),
        tuple(rule.name for rule in holding),
    )


def read_sales_rules(written: Mapping[str, Any], where: str) -> tuple[SalesRule, ...]:
    """The rules of a document with [[sales_rule]] tables; `where` names it in errors.

    Raises:
        OperatorError: a key that there is not, a value that it cannot have, or a wrong condition.
    """
    tables = written.get("sales_rule", [])
    if set(written) - {"sales_rule"} or not isinstance(tables, list):
        raise OperatorError("sales rules stand in [[sales_rule]] tables and nothing else does", file=where)
    rules = tuple(_read(table, place, where) for place, table in enumerate(tables, 1))
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise OperatorError(f"two sales rules are called {name!r}", file=where)
    return rules


def _read(table: Mapping[str, Any], place: int, where: str) -> SalesRule:
    unknown = set(table) - _KEYS
    key = f"sales_rule {table.get('name', place)}"
    if unknown:
        raise OperatorError(
            f"there is no {min(unknown)!r}; the keys are {', '.join(sorted(_KEYS))}", key=key, file=where
        )
    for text in ("name", "why"):
        if not isinstance(table.get(text), str) or not table[text].strip():
            raise OperatorError(f"{text} is missing: a client is told it", key=key, file=where)
    bars, apart_from = _texts(table, "bars", key, where), _texts(table, "apart_from", key, where)
    for pattern in bars:
        if not any(fnmatchcase(name, pattern) for name in (*FEATURES_BY_NAME, *EVENT_ATTRIBUTES)):
            raise OperatorError(f"bars {pattern!r} is no attribute of the catalogue", key=key, file=where)
    inventory = table.get("per_subscriber_per_day")
    return SalesRule(
        name=table["name"],
        why=table["why"],
        when=_condition(table.get("when"), key, where),
        bars=bars,
        refuse=_whole(table, "refuse", 0, 1, key, where) == 1,
        floor=_whole(table, "floor", 0, 1_000_000_000, key, where),
        apart_from=apart_from,
        apart_days=_whole(table, "apart_days", 1, APART_DAYS_MAX, key, where, 7),
        per_subscriber_per_day=None
        if inventory is None
        else _whole(table, "per_subscriber_per_day", 1, 1_000, key, where),
    )


def _condition(text: object, key: str, where: str) -> Rule | None:
    if text is None:
        return None
    if not isinstance(text, str):
        raise OperatorError("when is a rule in quotes", key=key, file=where)
    try:
        return compile_rule(text, Vocabulary(SALE_FEATURES, sets=()))
    except RuleError as error:
        raise OperatorError(f"when: {error}", key=key, file=where) from None


def _texts(table: Mapping[str, Any], name: str, key: str, where: str) -> tuple[str, ...]:
    value = table.get(name, [])
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise OperatorError(f"{name} is a list of names in quotes", key=key, file=where)
    return tuple(value)


def _whole(
    table: Mapping[str, Any], name: str, low: int, high: int, key: str, where: str, default: int = 0
) -> int:
    value = table.get(name, default)
    if isinstance(value, bool) and name == "refuse":
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        allowed = "true or false" if name == "refuse" else f"{low}..{high}"
        raise OperatorError(f"{name} is {allowed}", key=key, file=where)
    return value
