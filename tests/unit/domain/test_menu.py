"""The menu's pages: numbers alone are choices, and each leads where the page says."""

import pytest

from operator_push.domain.consent import EVERY_CHANNEL, Purpose, Scope
from operator_push.domain.menu import CHOICES_MAX, Menu, Page, Place, Step, Wish

ACME = Scope(Purpose.MARKETING, 7, 0, EVERY_CHANNEL)
CATEGORIES = [(1, "Banking"), (2, "Real estate")]


def menu(*brands: tuple[int, str], allowed: frozenset[Scope] = frozenset({ACME})) -> Menu:
    return Menu(brands or [(8, "bank"), (7, "Acme")], CATEGORIES, allowed.__contains__)


def shown(place: Place, of: Menu | None = None) -> list[tuple[int, str, bool | None]]:
    return [(line.number, line.name or line.word, line.allowed) for line in (of or menu()).lines(place)]


def test_the_first_page_lists_brands_by_name_with_where_they_stand():
    assert shown(Place()) == [
        (1, "Acme", True),
        (2, "bank", False),
        (3, "menu_everybody", False),
        (0, "menu_end", None),
    ]


def test_a_brand_is_opened_ended_and_agreed_to():
    step = menu().choose(Place(), "1")
    assert step == Step(Place(Page.BRAND, 7))
    assert step.place is not None
    assert shown(step.place)[0] == (1, "menu_refuse", None)
    assert menu().choose(step.place, " 1. ") == Step(step.place, Wish(ACME, False))
    assert menu().choose(Place(Page.BRAND, 8), "1") == Step(
        Place(Page.BRAND, 8), Wish(Scope(Purpose.MARKETING, 8, 0, EVERY_CHANNEL), True)
    )


def test_categories_and_channels_of_a_brand_or_of_all():
    assert menu().choose(Place(Page.BRAND, 7), "2") == Step(Place(Page.CATEGORIES, 7))
    wish = Wish(Scope(Purpose.MARKETING, 7, 2, EVERY_CHANNEL), True)
    assert menu().choose(Place(Page.CATEGORIES, 7), "2") == Step(Place(Page.CATEGORIES, 7), wish)
    assert menu().choose(Place(Page.BRAND, 0), "3") == Step(Place(Page.CHANNELS, 0))
    email = Wish(Scope(Purpose.MARKETING, 0, 0, "email"), True)
    assert menu().choose(Place(Page.CHANNELS, 0), "2") == Step(Place(Page.CHANNELS, 0), email)


def test_back_and_out():
    assert menu().choose(Place(Page.CATEGORIES, 7), "0") == Step(Place(Page.BRAND, 7))
    assert menu().choose(Place(Page.CHANNELS, 7), "0") == Step(Place(Page.BRAND, 7))
    assert menu().choose(Place(Page.BRAND, 7), "0") == Step(Place())
    assert menu().choose(Place(), "0") == Step(None)


def test_more_brands_than_a_page_holds():
    many = menu(*((number, f"B{number:02}") for number in range(1, 10)))
    assert shown(Place(), many)[-2:] == [(9, "menu_more", None), (0, "menu_end", None)]
    step = many.choose(Place(), "9")
    assert step == Step(Place(first=CHOICES_MAX))
    assert step.place is not None
    assert [name for _, name, _ in shown(step.place, many)][:3] == ["B07", "B08", "B09"]
    assert many.choose(step.place, "9") is None


@pytest.mark.parametrize("text", ["STOP", "stop 1", "one", "1 please", "", "12", "-1", "１２３", "4"])
def test_what_is_no_choice(text: str):
    assert menu().choose(Place(), text) is None
