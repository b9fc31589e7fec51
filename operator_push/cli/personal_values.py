"""Personal values: what the places of a campaign's text are filled with, read for those who permit it now.

Read beside the server, as audiences are counted (law 6), and handed to it with the recipients. What somebody
withdraws meanwhile is read anew within a minute; a message that is handed in already keeps its text.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from pyroaring import BitMap

from operator_push.cli.audience_counting import Server, brand_of, permission_now, permitting
from operator_push.cli.sales_rules_file import sales_rules
from operator_push.cli.store_reading import open_store
from operator_push.config import Settings
from operator_push.domain.audience.sales_rules import Sale, terms_for
from operator_push.domain.personal.texts import CampaignTexts
from operator_push.domain.personal.values import NO_VALUES, PersonalValues
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import to_epoch_us
from operator_push.profiles.open_profiles import OpenProfiles
from operator_push.services.campaign_texts import texts_asked
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
    settings: Settings, server: Server, texts: CampaignTexts, brand: str, category: int, people: BitMap
) -> PersonalValues:
    """What fills the texts of `people`, in their order.

    Raises:
        OperatorError: there are no features.
    """
    names = texts.names()
    if not names:
        return NO_VALUES
    return PersonalValues.of_people(people, _known(settings, server, names, brand, category, people))


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
        self._asked = str(campaign["brand"]), int(campaign["category"])
        self._names = checked_texts(settings, server, campaign, campaign["terms"]).names()
        self._recipients = recipients
        self._now_s = now_s
        self._read: tuple[float, BitMap, _Known] = (0.0, BitMap(), {})

    def wire(self, numbers: Sequence[int]) -> dict[str, Any]:
        """The argument `values` of campaign.hand_in for these recipients; nothing where the text is one."""
        if not self._names or not numbers:
            return {}
        read_s, people, known = self._read
        stale = self._now_s() - read_s > READ_AGAIN_S
        if stale or not all(number in people for number in numbers):
            place = self._recipients.rank(numbers[0]) - 1
            people = self._recipients[place : place + CHUNK_PEOPLE] | BitMap(numbers)
            known = _known(self._settings, self._server, self._names, *self._asked, people)
            self._read = self._now_s(), people, known
        return values_argument(PersonalValues.of_people(numbers, known))


def _known(
    settings: Settings, server: Server, names: Sequence[str], brand: str, category: int, people: BitMap
) -> _Known:
    profiles = settings.profiles
    permitted = permitting(server, "marketing", brand, category) & people
    memory = f"{profiles.memory_limit_mb}MB"
    with (
        open_store(settings) as store,
        OpenProfiles(settings.features_file, memory_limit=memory, threads=profiles.threads) as features,
    ):
        permission = permission_now(
            server, brand, permitted, lambda asked: store.read(lambda rows: declared_values(rows, asked))
        )
        return features.permitted(permission).values(names, people)
