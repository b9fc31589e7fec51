"""Counting an audience: the rule over the features, for those who permit all of it at this moment.

Law 5 in three steps: only people who permit marketing of this brand in this category are asked about; an
attribute counts as unknown for whoever does not permit its use now, also where the feature file still has it;
a client is told a count above a floor, in tens, or nothing. Runs in the command's own process: counting never
burdens the gateway.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from pyroaring import BitMap

from operator_push.domain.audience.counting import COUNT_FLOOR, Disclosed, Withheld, disclose
from operator_push.domain.audience.own_lists import OwnLists, is_list, own_lists
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.sales_rules import SaleTerms
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.best_channel import channels_tried
from operator_push.domain.consent import CATEGORY_MAX, SMS, Purpose
from operator_push.domain.permission import DATA_PURPOSES
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.profiles.open_profiles import DEFAULT_MEMORY_LIMIT, DEFAULT_THREADS, OpenProfiles
from operator_push.profiles.permitted_profiles import DeclaredOf, Permission
from operator_push.services.answer_audiences import Outcome

WITHOUT_SETS = Vocabulary(
    sets=()
)  # for counts outside a store, in which there are neither lists nor campaigns


_DATA_NAMES = {bit: purpose.name.lower() for purpose, bit in DATA_PURPOSES}


class Server(Protocol):
    """What is needed of a ControlClient."""

    def call(self, do: str, **args: Any) -> dict[str, Any]:
        """Have the running server do something."""
        ...


@dataclass(frozen=True, slots=True)
class Audience:
    """Who a rule finds. `subscribers` stays inside the house; `disclosed` is what a client may be told.

    `features_taken_at`: the moment of the permission snapshot by which the features were made; `sets`: those
    that the rule asks for, cut to who permits; `own`: what the client's lists among them decide, `merged`
    whom the rule would find without the short ones. `outcome`: how the count came about, once it is judged,
    and `shown` the people of whom it is told: those of an earlier answer, where that is said again.
    `sale`: what the operator's sales rules say of it; `family`: the accounts that know each other's answers;
    `channel`: by what they are to be written to.
    """

    rule: Rule
    account: str
    brand: str
    category: int
    subscribers: BitMap
    disclosed: Disclosed | Withheld
    features_taken_at: datetime
    sets: Mapping[str, BitMap] = field(default_factory=dict)
    own: OwnLists | None = None
    merged: BitMap | None = None
    shown: BitMap = field(default_factory=BitMap)
    outcome: Outcome | None = None
    floor: int = COUNT_FLOOR
    sale: SaleTerms = field(default_factory=SaleTerms)
    family: tuple[str, ...] = ()
    channel: str = SMS

    def require_disclosed(self) -> Disclosed:
        """The count that may be told.

        Raises:
            OperatorError: there are too few people for any count, quote or order.
        """
        if isinstance(self.disclosed, Withheld):
            raise OperatorError(
                f"this rule finds {self.disclosed} people who permit {self.brand}; no count is told, and "
                "nothing can be quoted or ordered for them: widen the rule"
            )
        return self.disclosed


def count_audience(
    features_file: Path,
    server: Server,
    rule: str,
    account: str,
    category: int,
    *,
    memory_limit: str = DEFAULT_MEMORY_LIMIT,
    threads: int = DEFAULT_THREADS,
    vocabulary: Vocabulary = WITHOUT_SETS,
    set_of: Callable[[str], BitMap] = lambda key: BitMap(),
    declared: DeclaredOf = lambda names: {},
    suppress: Callable[[Rule], tuple[BitMap, int]] = lambda rule: (BitMap(), COUNT_FLOOR),
    channel: str = SMS,
) -> Audience:
    """Find the people for whom `rule` is true and who permit marketing of the account's brand in `category`.

    `vocabulary` is what this client may name, `set_of` the people of a list or campaign by its key,
    `declared` what people say of themselves;
    `suppress` tells whom to leave out of what this rule finds, and the floor of its count.

    `channel`: by what they are to be written to, as a campaign names it.

    Raises:
        OperatorError: the rule, the account, the category or the feature file is wrong, or no server runs.
    """
    if not 1 <= category <= CATEGORY_MAX:
        raise OperatorError(f"category {category} is not in 1..{CATEGORY_MAX}")
    compiled = compile_rule(rule, vocabulary)
    brand, family = client_of(server, account)
    permitted = permitting_by(server, brand, category, channel)
    sets = {key: set_of(key) & permitted for key in compiled.sets}
    permission = permission_now(server, brand, permitted, declared)
    with OpenProfiles(features_file, memory_limit=memory_limit, threads=threads) as opened:
        profiles = opened.permitted(permission)
        taken_at = profiles.taken_at
        found = profiles.matching(compiled, sets)
        left_out, floor = suppress(compiled)
        found -= left_out
        own, merged = own_lists(compiled.root, sets, floor), None
        if own is not None and own.few:
            others = {key: people - own.few if is_list(key) else people for key, people in sets.items()}
            merged = profiles.matching(compiled, others) - left_out
    told = disclose(len(found), floor)
    return Audience(
        compiled,
        account,
        brand,
        category,
        found,
        told,
        taken_at,
        sets,
        own,
        merged,
        found,
        floor=floor,
        family=family,
        channel=channel,
    )


def permission_now(server: Server, brand: str, people: BitMap, declared: DeclaredOf) -> Permission:
    """What `people`, who permit marketing of a brand, let us use of them at this moment."""
    return Permission(
        Purpose.MARKETING,
        brand,
        to_epoch_us(datetime.now(UTC)),
        people,
        lambda bit: permitting(server, _DATA_NAMES[bit]),
        declared,
    )


def client_of(server: Server, account: str) -> tuple[str, tuple[str, ...]]:
    """The brand of an account by name, and the accounts of its family: under the same parent."""
    answer = server.call("account.show", name=account)
    return str(answer["account"]["brand"]), tuple(answer.get("family", ()))


def brand_of(server: Server, account: str) -> str:
    """The brand of an account by name."""
    return client_of(server, account)[0]


def permitting_by(server: Server, brand: str, category: int, channel: str = SMS) -> BitMap:
    """The subscribers who permit a brand's marketing by a channel; of `best` by any that is sent by."""
    asked = "marketing", brand, category
    return BitMap.union(*(permitting(server, *asked, each) for each in channels_tried(channel)))


def permitting(
    server: Server, purpose: str, brand: str = "*", category: int = 0, channel: str = SMS
) -> BitMap:
    """The subscribers who permit a purpose now, by its name in consents.csv."""
    by = {} if channel == SMS else {"channel": channel}
    answer = server.call("permission.bitmap", purpose=purpose, brand=brand, category=category, **by)
    return BitMap.deserialize(base64.b64decode(str(answer["bitmap"])))


def encode_subscribers(subscribers: BitMap) -> str:
    """A set of subscribers as the control socket carries it."""
    return base64.b64encode(subscribers.serialize()).decode("ascii")
