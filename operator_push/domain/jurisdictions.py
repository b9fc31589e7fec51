"""Jurisdictions: where an act of consent counts, by the country of the subscriber's number.

An act under "*" counts everywhere, one under a country for numbers of that country, one under "eu" for
numbers of the European Union and of the EEA states that apply the ePrivacy Directive. A number of no known
country has no jurisdiction: for it a yes under a law of somewhere is none, and a no is one.
"""

from collections.abc import Set

from operator_push.domain.consent import EVERYWHERE, ConsentAction

# EU member states (europa.eu, 27 since 2020-02-01), and the EEA's IS, LI, NO (EEA agreement, annex XI).
_EU_CODES = "at be bg cy cz de dk ee es fi fr gr hr hu ie it lt lu lv mt nl pl pt ro se si sk is li no"
EU = frozenset(_EU_CODES.split(" "))
GROUPS: dict[str, Set[str]] = {"eu": EU}
# Where own customers may be written to without an opt-in: ePrivacy Directive article 13(2); in the United
# Kingdom PECR 2003 regulation 22(3).
SOFT_OPT_IN = EU | {"gb"}
_YES = (ConsentAction.GRANT, ConsentAction.CONFIRM)


def counts_in(jurisdiction: str, country: str | None, action: ConsentAction) -> bool:
    """Does an act under `jurisdiction` count for a number of `country` (ISO 3166, any case; None unknown)?"""
    if jurisdiction == EVERYWHERE:
        return True
    if country is None:
        return action not in _YES
    code = country.lower()
    return jurisdiction == code or code in GROUPS.get(jurisdiction, ())


def is_jurisdiction(text: str) -> bool:
    """True for "*", a group's name, or two small letters."""
    return text == EVERYWHERE or text in GROUPS or (len(text) == 2 and text.isascii() and text.islower())
