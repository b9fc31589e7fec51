"""Declared attributes: what a person says of themselves: interests, and corrections of what was learnt.

Law: a person's own word is kept beside what was learnt, with its source and its day, and neither overwrites
the other; where both are known, the person's word counts.
"""

from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, FeatureType
from operator_push.kernel.feature_catalogue import INTERESTS as _NAMES

INTERESTS: tuple[str, ...] = tuple(f"interest.{name}" for name in _NAMES)
YES = "yes"
TEXT_MAX = 60
# What a contract says may be wrong, and the person knows better; counts of calls are what they are.
CORRECTABLE: tuple[str, ...] = ("age", "language", "home.city", "device.os")
DECLARABLE = frozenset((*CORRECTABLE, *INTERESTS))
AGE_MAX = 130


def checked(name: str, value: str) -> str:
    """The value as it is kept: trimmed, "yes" for an interest; "" takes it back.

    Raises:
        ValueError: nobody can declare this, or not with this value; the message says what can be.
    """
    value = value.strip()
    if name in INTERESTS:
        if value not in ("", YES):
            raise ValueError(f"{name} is {YES!r} or empty, not {value!r}")
        return value
    if name not in CORRECTABLE:
        raise ValueError(f"{name!r} is not one of {', '.join((*CORRECTABLE, *INTERESTS))}")
    if not value:
        return ""
    if FEATURES_BY_NAME[name].type is FeatureType.INT:
        if not (value.isascii() and value.isdecimal() and 0 < int(value) <= AGE_MAX):
            raise ValueError(f"{name} is a whole number in 1..{AGE_MAX}")
        return str(int(value))
    if len(value) > TEXT_MAX or not value.isprintable():
        raise ValueError(f"{name} is at most {TEXT_MAX} printable characters")
    return value


def typed(name: str, value: str) -> bool | int | str:
    """A kept value (not empty) as rules read it."""
    match FEATURES_BY_NAME[name].type:
        case FeatureType.BOOL:
            return value == YES
        case FeatureType.INT:
            return int(value)
        case _:
            return value
