"""Personal values: what the places of a campaign's text are filled with, read for those who permit it now.

Read beside the server, as audiences are counted (law 6), and handed to it with the recipients. What somebody
withdraws meanwhile is read anew within a minute; a message that is handed in already keeps its text.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pyroaring import BitMap

from operator_push.cli.audience_answering import rule_text
from operator_push.cli.audience_counting import Audience, Server, brand_of, permission_now, permitting_by
from operator_push.cli.sales_rules_file import sales_rules
from operator_push.cli.store_reading import open_store, read_store
from operator_push.config import Settings
from operator_push.domain.audience.sales_rules import Sale, terms_for
from operator_push.domain.consent import SMS
from operator_push.domain.personal.own_columns import PREFIX
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.personal.values import NO_VALUES, PersonalValues
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.services.campaign_texts import require_brought, texts_asked
from operator_push.store.audience_sets import account_no_of
from operator_push.store.list_rows import own_columns_of, own_values
from operator_push.store.person_rows import declared_values

CHUNK_PEOPLE: Final = (
    50_000  # Ours: a file of ten million is read two hundred times, a tenth of a second each
)
READ_AGAIN_S: Final = 60.0
_Known = dict[str, dict[int, FeatureValue]]


def checked_texts(
    settings: Settings, server: Server, asked: dict[str, Any], terms: dict[str, Any]
) -> CampaignTexts:
    """The texts that are asked for.

    Raises:
        OperatorError: one is no template, or uses what the operator does not sell to this client.
    """
    texts = texts_asked({**asked, "terms": terms})
    names = texts.names()
    if names:
        sale = Sale(asked["account"], brand_of(server, asked["account"]), asked["category"], attributes=names)
        terms_now = terms_for(sales_rules(settings), sale, to_epoch_us(datetime.now(UTC)))
        if terms_now.refused:
            raise OperatorError(f"SALE_REFUSED: {terms_now.refused}")
        for name in names:
            if why := terms_now.barred.get(name):
                raise OperatorError(f"text uses {name}, which may not be used: {why}")
    return texts


def values_for(
    settings: Settings, server: Server, texts: CampaignTexts, found: Audience, people: BitMap
) -> PersonalValues:
    """What fills the texts of some people of an audience, in their order.

    Raises:
        OperatorError: there are no features.
    """
    if not texts.names() and not texts.own_names():
        return NO_VALUES
    asked = found.account, found.brand, found.category, found.channel
    return PersonalValues.of_people(people, _known(settings, server, texts, *asked, people))


def values_argument(values: PersonalValues) -> dict[str, Any]:
    """The argument `values` of a call; nothing where nothing is filled in."""
    return {"values": values.as_wire()} if values.names else {}


class ValueReader:
    """The values of a campaign's recipients as they are handed in, from the lowest number to the highest.

    Raises:
        OperatorError: its text uses what the operator does not sell to this client any more.
    """

    def __init__(
        self,
        settings: Settings,
        server: Server,
        campaign: dict[str, Any],
        recipients: BitMap,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._server = server
        channel = str(campaign["terms"].get("channel") or SMS)
        self._asked = str(campaign["account"]), str(campaign["brand"]), int(campaign["category"]), channel
        self._texts = checked_texts(settings, server, campaign, campaign["terms"])
        self._is_personal = bool(self._texts.names() or self._texts.own_names())
        self._recipients = recipients
        self._now_s = now_s
        self._read: tuple[float, BitMap, _Known] = (0.0, BitMap(), {})

    def wire(self, numbers: Sequence[int]) -> dict[str, Any]:
        """The argument `values` of campaign.hand_in for these recipients; nothing where the text is one."""
        if not self._is_personal or not numbers:
            return {}
        read_s, people, known = self._read
        stale = self._now_s() - read_s > READ_AGAIN_S
        if stale or not all(number in people for number in numbers):
            place = self._recipients.rank(numbers[0]) - 1
            people = self._recipients[place : place + CHUNK_PEOPLE] | BitMap(numbers)
            known = _known(self._settings, self._server, self._texts, *self._asked, people)
            self._read = self._now_s(), people, known
        return values_argument(PersonalValues.of_people(numbers, known))


def with_own_columns(settings: Settings, account: str, rule: str, terms: dict[str, Any]) -> dict[str, Any]:
    """The terms with the columns of the list that `own` names, as they are now; before anything is counted.

    Raises:
        OperatorError: the client has no such list, or the rule reads something else than its lists.
    """
    if (own := terms.get("own")) is None:
        return terms
    name = own["list"]
    with open_store(settings) as store:
        require_brought(rule_text(store, account, rule))
        columns = store.read(lambda rows: own_columns_of(rows, account_no_of(rows, account), name))
    return {**terms, "own": {"list": name, "columns": columns}}


def _known(
    settings: Settings,
    server: Server,
    texts: CampaignTexts,
    account: str,
    brand: str,
    category: int,
    channel: str,
    people: BitMap,
) -> _Known:
    if texts.own is not None and (used := texts.own_names()):
        name = texts.own.list
        columns = {each: texts.own.columns[each] for each in (one.removeprefix(PREFIX) for one in used)}
        said = read_store(
            settings, lambda rows: own_values(rows, account_no_of(rows, account), name, columns)
        )
        return {f"{PREFIX}{column}": values for column, values in said.items()}
    names, profiles = texts.names(), settings.profiles
    permitted = permitting_by(server, brand, category, channel) & people
    memory = f"{profiles.memory_limit_mb}MB"
    with (
        open_store(settings) as store,
        OpenProfiles(settings.features_file, memory_limit=memory, threads=profiles.threads) as features,
    ):
        permission = permission_now(
            server, brand, permitted, lambda asked: store.read(lambda rows: declared_values(rows, asked))
        )
        return features.permitted(permission).values(names, people)
