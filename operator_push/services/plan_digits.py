"""Which digits of a number decide whose it is, where countries share a calling code.

The numbering plans of libphonenumber are regular expressions of digits. They mostly end in digits that may be
any (`[2-9]\\d{6}`), so that numbers which differ in those alone belong to the same country. How many those
are is read from the expressions, as far as they are made of what all of them are made of.
"""

import re
from collections.abc import Iterator
from functools import cache

import phonenumbers

_TOKEN = re.compile(r"\\d|\d|\[[\d-]+\]|\(\?:|\||\)|\{\d+(?:,\d+)?\}|\?")
_KINDS = (
    "general_desc",
    "fixed_line",
    "mobile",
    "toll_free",
    "premium_rate",
    "shared_cost",
    "personal_number",
    "voip",
    "pager",
    "uan",
    "voicemail",
)
_DIGITS_MAX = 17  # libphonenumber takes no longer national number
_ANY_DIGIT = frozenset({(1, 1)})
_SOME_DIGIT = frozenset({(1, 0)})
_NOTHING = frozenset({(0, 0)})

Ends = frozenset[tuple[int, int]]  # (digits, how many of the last may be any), one for each that is possible


@cache
def deciding_digits(calling_code: int, digits: int) -> int:
    """How many digits at the beginning of a national number decide its country; it has `digits` in all."""
    decide = 0
    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ()):
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if plan is None:
            continue
        patterns = [getattr(plan, kind).national_number_pattern for kind in _KINDS if getattr(plan, kind)]
        for pattern in patterns:
            ends = _ends(pattern) if pattern else _NOTHING
            decide = max([decide, *(length - free for length, free in ends if length == digits)])
        if plan.leading_digits is not None:
            decide = max(decide, *(length for length, _ in _ends(plan.leading_digits)))
    return min(decide, digits)


@cache
def deciding_digits_of(calling_code: int, head: str, digits: int) -> int:
    """As `deciding_digits`, of numbers that begin with these: where no other country than the code's main one
    has any such in its plan, the beginning decides, since what is in no plan is the main country's, too."""
    regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(calling_code, ())
    for region in regions[1:]:
        plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
        if plan is None:
            continue
        kinds = [getattr(plan, kind) for kind in _KINDS if kind != "general_desc"]  # which alone is no number
        patterns = [kind.national_number_pattern for kind in kinds if kind is not None]
        if any(can_begin(pattern, head) for pattern in (*patterns, plan.leading_digits) if pattern):
            return deciding_digits(calling_code, digits)
    return min(len(head), digits)


def can_begin(pattern: str, head: str) -> bool:
    """Does a text that begins with these digits match the expression, or may it, where that is unknown?"""
    tokens = _TOKEN.findall(pattern)
    if "".join(tokens) != pattern:
        return True
    return len(head) in _reach(_parsed(iter(tokens)), head, {0})


@cache
def national_prefix(calling_code: int) -> re.Pattern[str] | None:
    """What the library may take away from the beginning of a national number, None where nothing."""
    region = phonenumbers.region_code_for_country_code(calling_code)
    plan = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = plan.national_prefix_for_parsing if plan is not None else None
    return re.compile(prefix) if prefix else None


def _ends(pattern: str) -> Ends:
    """How the texts that match can end; every digit decides where the expression has something unknown."""
    tokens = _TOKEN.findall(pattern)
    if "".join(tokens) != pattern:
        return frozenset((digits, 0) for digits in range(1, _DIGITS_MAX + 1))
    return _alternatives(iter(tokens))


def _alternatives(tokens: Iterator[str]) -> Ends:
    """Reads up to the end, or to the bracket that closes this group."""
    found: set[tuple[int, int]] = set()
    before, last = _NOTHING, _NOTHING  # `last` may still be repeated
    for token in tokens:
        if token.startswith("{"):
            least, _, most = token[1:-1].partition(",")
            last = _repeated(last, int(least), int(most or least))
        elif token == "?":
            last = _repeated(last, 0, 1)
        else:
            before = _joined(before, last)
            if token == "(?:":
                last = _alternatives(tokens)
            elif token == ")":
                return frozenset(found | before)
            elif token == "|":
                found |= before
                before = last = _NOTHING
            else:
                last = _ANY_DIGIT if token == "\\d" else _SOME_DIGIT
    return frozenset(found | _joined(before, last))


def _joined(first: Ends, second: Ends) -> Ends:
    return frozenset(
        (long + longer, more if more < longer else longer + free)
        for long, free in first
        for longer, more in second
        if long + longer <= _DIGITS_MAX
    )


def _repeated(ends: Ends, least: int, most: int) -> Ends:
    found: set[tuple[int, int]] = set()
    so_far = _NOTHING
    for times in range(most + 1):
        if times >= least:
            found |= so_far
        so_far = _joined(so_far, ends)
    return frozenset(found)


_Atom = frozenset[str] | list[list[tuple["_Atom", int, int]]]
_Parsed = list[list[tuple["_Atom", int, int]]]  # alternatives, each a row of atoms with how often they stand


def _parsed(tokens: Iterator[str]) -> _Parsed:
    """Reads up to the end, or to the bracket that closes this group."""
    found: _Parsed = [[]]
    for token in tokens:
        row = found[-1]
        if token.startswith("{"):
            least, _, most = token[1:-1].partition(",")
            row[-1] = (row[-1][0], int(least), int(most or least))
        elif token == "?":
            row[-1] = (row[-1][0], 0, 1)
        elif token == "(?:":
            row.append((_parsed(tokens), 1, 1))
        elif token == ")":
            return found
        elif token == "|":
            found.append([])
        else:
            row.append((frozenset(digit for digit in "0123456789" if re.fullmatch(token, digit)), 1, 1))
    return found


def _reach(alternatives: _Parsed, head: str, places: set[int]) -> set[int]:
    """The places of the head that are reached from these; at its end everything may follow."""
    reached: set[int] = set()
    for row in alternatives:
        here = places
        for atom, least, most in row:
            there, step = (set(here) if not least else set()), here
            for times in range(1, most + 1):
                step = _step(atom, head, step)
                if times >= least:
                    there |= step
            here = there
        reached |= here
    return reached


def _step(atom: "_Atom", head: str, places: set[int]) -> set[int]:
    if isinstance(atom, list):
        return _reach(atom, head, places)
    end = len(head)
    return {min(place + 1, end) for place in places if place == end or head[place] in atom}
