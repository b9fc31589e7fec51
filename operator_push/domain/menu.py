"""The SMS menu: what a person allows, by brand, category, channel, hour and frequency, by numbers.

A dialogue without a socket: a page and a text in, the next page and the wish in it out. Choices are digits
alone, so that no word, and least of all a stop, can be one; whatever else is said leaves the dialogue alone.
What a page shows is asked of the book each time, so that it never tells what was.
"""

from collections.abc import Callable, Sequence
from enum import Enum

import msgspec

from operator_push.domain.consent import EVERY, EVERY_CHANNEL, SMS, Purpose, Scope
from operator_push.domain.contact_wishes import NO_WISH, UNLIMITED, WishScope
from operator_push.domain.contact_wishes import Wish as ContactWish

CHOICES_MAX = 6  # Ours: so many names fit into two segments
MORE, BACK = 9, 0
CHANNELS = (SMS, "email", "voice")
HOURS = ((0, 0), (8, 20), (9, 18), (17, 21))  # on the person's own clock; the first is any hour
PER_WEEK = (UNLIMITED, 7, 3, 1)


class Page(Enum):
    """Where in the menu somebody is."""

    BRANDS = "brands"
    BRAND = "brand"
    CATEGORIES = "categories"
    CHANNELS = "channels"
    HOURS = "hours"
    OFTEN = "often"


class Place(msgspec.Struct, frozen=True):
    """A page; `brand_no` 0 is every brand; `first` the place of the first brand that is shown."""

    page: Page = Page.BRANDS
    brand_no: int = EVERY
    first: int = 0


class Wish(msgspec.Struct, frozen=True):
    """What a choice asks for: yes or no to a scope."""

    scope: Scope
    allow: bool


class Step(msgspec.Struct, frozen=True):
    """Where a choice leads; `place` None: the menu is left. `contact`: when and how often, of the brand of
    the place."""

    place: Place | None
    wish: Wish | None = None
    contact: ContactWish | None = None


class Line(msgspec.Struct, frozen=True):
    """One choice of a page: its number, the word of `domain.words` or the name that stands there, and where
    it stands: True allowed, False not, None where it leads elsewhere."""

    number: int
    word: str
    name: str = ""
    allowed: bool | None = None


Allows = Callable[[Scope], bool]
WishOf = Callable[[WishScope], ContactWish]  # what is wished of a scope


class Menu:
    """The pages for one person: `brands` (number, name) that have to do with them, `categories` by number."""

    def __init__(
        self,
        brands: Sequence[tuple[int, str]],
        categories: Sequence[tuple[int, str]],
        allows: Allows,
        wish_of: WishOf = lambda scope: NO_WISH,
    ) -> None:
        self._brands = sorted(brands, key=lambda brand: brand[1].casefold())
        self._categories = categories
        self._allows = allows
        self._wish_of = wish_of

    def lines(self, place: Place) -> list[Line]:
        """The choices of a page in their order."""
        match place.page:
            case Page.BRANDS:
                shown = self._shown(place)
                lines = [
                    Line(number, "", name, self._allows(_scope(brand_no)))
                    for number, (brand_no, name) in enumerate(shown, 1)
                ]
                lines.append(Line(len(shown) + 1, "menu_everybody", allowed=self._allows(_scope(EVERY))))
                if len(self._brands) > place.first + CHOICES_MAX:
                    lines.append(Line(MORE, "menu_more"))
                return [*lines, Line(BACK, "menu_end")]
            case Page.BRAND:
                allowed = self._allows(_scope(place.brand_no))
                lines = [
                    Line(1, "menu_refuse" if allowed else "menu_agree"),
                    Line(2, "menu_categories"),
                    Line(3, "menu_channels"),
                    Line(4, "menu_hours"),
                    Line(5, "menu_often"),
                ]
                return [*lines, Line(BACK, "menu_back")]
            case Page.CATEGORIES:
                lines = [
                    Line(number, "", name, self._allows(_scope(place.brand_no, number)))
                    for number, name in self._categories
                ]
                return [*lines, Line(BACK, "menu_back")]
            case Page.CHANNELS:
                lines = [
                    Line(number, f"menu_{channel}", allowed=self._allows(_scope(place.brand_no, 0, channel)))
                    for number, channel in enumerate(CHANNELS, 1)
                ]
                return [*lines, Line(BACK, "menu_back")]

            case Page.HOURS:
                wanted = self._wish(place)[:2]
                lines = []
                for number, (start, end) in enumerate(HOURS, 1):
                    is_wanted = wanted == (start * 60, end * 60)
                    word = "" if start else "menu_any_hour"
                    lines.append(Line(number, word, _hours(start, end), is_wanted or None))
                return [*lines, Line(BACK, "menu_back")]
            case Page.OFTEN:
                at_most = self._wish(place).per_week
                lines = [
                    Line(number, f"menu_week_{max(most, 0)}", allowed=at_most == most or None)
                    for number, most in enumerate(PER_WEEK, 1)
                ]
                return [*lines, Line(BACK, "menu_back")]

    def choose(self, place: Place, text: str) -> Step | None:
        """The step that a text takes; None where it is no choice of this page."""
        digits = text.strip().rstrip(".)!")
        if not (digits.isdecimal() and len(digits) <= 2):
            return None
        number = int(digits)
        if all(line.number != number for line in self.lines(place)):
            return None
        match place.page:
            case Page.BRANDS:
                return self._of_brands(place, number)
            case Page.BRAND:
                return self._of_brand(place, number)
            case Page.CATEGORIES:
                return self._of_list(place, number, _scope(place.brand_no, number))
            case Page.CHANNELS:
                channel = CHANNELS[number - 1] if number else EVERY_CHANNEL
                return self._of_list(place, number, _scope(place.brand_no, EVERY, channel))

            case Page.HOURS | Page.OFTEN:
                return self._of_setting(place, number)

    def _of_setting(self, place: Place, number: int) -> Step:
        if number == BACK:
            return Step(Place(Page.BRAND, place.brand_no, place.first))
        if place.page is Page.OFTEN:
            return Step(place, contact=self._wish(place)._replace(per_week=PER_WEEK[number - 1]))
        start, end = HOURS[number - 1]
        wish = self._wish(place)._replace(from_minute=start * 60, until_minute=end * 60)
        return Step(place, contact=wish)

    def _of_brands(self, place: Place, number: int) -> Step:
        if number == BACK:
            return Step(None)
        shown = self._shown(place)
        if number <= len(shown):
            return Step(Place(Page.BRAND, shown[number - 1][0], place.first))
        if number == len(shown) + 1:
            return Step(Place(Page.BRAND, EVERY, place.first))
        return Step(Place(first=place.first + CHOICES_MAX))

    def _of_brand(self, place: Place, number: int) -> Step:
        match number:
            case 1:
                scope = _scope(place.brand_no)
                return Step(place, Wish(scope, not self._allows(scope)))
            case 2:
                return Step(Place(Page.CATEGORIES, place.brand_no, place.first))
            case 3:
                return Step(Place(Page.CHANNELS, place.brand_no, place.first))
            case 4:
                return Step(Place(Page.HOURS, place.brand_no, place.first))
            case 5:
                return Step(Place(Page.OFTEN, place.brand_no, place.first))
        return Step(Place(first=place.first))

    def _of_list(self, place: Place, number: int, scope: Scope) -> Step:
        if number == BACK:
            return Step(Place(Page.BRAND, place.brand_no, place.first))
        return Step(place, Wish(scope, not self._allows(scope)))

    def _wish(self, place: Place) -> ContactWish:
        return self._wish_of(WishScope(place.brand_no))

    def _shown(self, place: Place) -> Sequence[tuple[int, str]]:
        return self._brands[place.first : place.first + CHOICES_MAX]


def _scope(brand_no: int, category: int = EVERY, channel: str = EVERY_CHANNEL) -> Scope:
    return Scope(Purpose.MARKETING, brand_no, category, channel)


def _hours(start: int, end: int) -> str:
    return f"{start:02}-{end:02}" if start else ""
