"""Content templates of the DLT register: a text with typed variables, and whether a message is one of it.

A variable is {#var#} or of a type, and holds at most so many characters; runs of white space are one space,
everything else counts as it is, case included. A message is read once from left to right with all the places
of the template at which it may be, so that no template and no text can make it slow.

The parts of a long message that its client cut itself come one by one: each must be a piece of a template,
the first its beginning and the last its end.
"""

import re
from typing import NamedTuple

from operator_push.kernel.errors import OperatorError

VARIABLE_CHARS_MAX = 30  # TCCCPR, as the pack `in` states it
_VARIABLE = re.compile(r"\{#([a-z]+)#\}")
_SPACE = re.compile(r"\s+")


class _Type(NamedTuple):
    """Characters that a variable may hold, and those that must be among them in this order."""

    holds: re.Pattern[str]
    needs: tuple[re.Pattern[str], ...] = ()


_ANY, _NO_SPACE, _DIGIT = re.compile(r"."), re.compile(r"\S"), re.compile(r"\d")
_DOT, _AT = re.compile(r"\."), re.compile("@")
# The types are those of TRAI's direction on tagging variables; what they may hold is our reading of it.
TYPES = {
    "var": _Type(_ANY),
    "alphanumeric": _Type(_ANY),
    "numeric": _Type(re.compile(r"[\d.,+ -]"), (_DIGIT,)),
    "cbn": _Type(re.compile(r"[\d+ -]"), (_DIGIT,)),
    "url": _Type(_NO_SPACE, (_DOT,)),
    "urlott": _Type(_NO_SPACE, (_DOT,)),
    "email": _Type(_NO_SPACE, (_AT, _DOT)),
}
_State = tuple[
    int, int, int
]  # atoms done; of the variable that is being filled: characters, needs that are met


class Template:
    """One registered text of an entity, for the kinds of messages under these suffixes.

    Raises:
        OperatorError: an unknown type of variable, or nothing but variables.
    """

    __slots__ = ("_atoms", "_begins", "_ends", "entity", "first_word", "kinds")

    def __init__(self, entity: str, kinds: frozenset[str], text: str) -> None:
        self.entity = entity
        self.kinds = kinds
        pieces = _VARIABLE.split(spaced(text))
        for name in pieces[1::2]:
            if name not in TYPES:
                known = ", ".join(f"{{#{each}#}}" for each in TYPES)
                raise OperatorError(f"{{#{name}#}} is no type of variable; there are {known}")
        if not "".join(pieces[::2]).strip():
            raise OperatorError("a template is more than its variables")
        self._atoms: list[str | _Type] = []
        for at, piece in enumerate(pieces):
            self._atoms.extend([TYPES[piece]] if at % 2 else piece)
        self._begins, self._ends = pieces[0], pieces[-1]
        words = pieces[0].split(" ")
        self.first_word = words[0] if len(words) > 1 else ""  # "": a variable may touch the first word

    def fits(self, text: str) -> bool:
        """Is this the template with its variables filled in?"""
        plain = spaced(text)
        if not (plain.startswith(self._begins) and plain.endswith(self._ends)):
            return False
        return self.fits_piece(plain, first=True, last=True)

    def fits_piece(self, text: str, *, first: bool, last: bool) -> bool:
        """Is this a piece of it: from its beginning where `first`, up to its end where `last`?"""
        states = self._beginnings(first)
        for character in _SPACE.sub(" ", text):
            following: set[_State] = set()
            for state in states:
                self._step(state, character, following)
            if not following:
                return False
            states = following
        return not last or any(at == len(self._atoms) for at, _, _ in states)

    def _beginnings(self, first: bool) -> set[_State]:
        states: set[_State] = set()
        for at in range(1 if first else len(self._atoms) + 1):
            self._enter(at, states)
            if not first and at < len(self._atoms) and isinstance(atom := self._atoms[at], _Type):
                states.add((at, 0, len(atom.needs)))  # what came before may have met them
        return states

    def _step(self, state: _State, character: str, following: set[_State]) -> None:
        at, filled, met = state
        if at == len(self._atoms):
            return
        atom = self._atoms[at]
        if not isinstance(atom, _Type):
            if atom == character:
                self._enter(at + 1, following)
            return
        if filled < VARIABLE_CHARS_MAX and atom.holds.match(character):
            if met < len(atom.needs) and atom.needs[met].match(character):
                met += 1
            following.add((at, filled + 1, met))
            if met == len(atom.needs):
                self._enter(at + 1, following)

    def _enter(self, at: int, states: set[_State]) -> None:
        """Arrive before an atom; a variable that needs nothing may be left empty."""
        states.add((at, 0, 0))
        while at < len(self._atoms) and isinstance(atom := self._atoms[at], _Type) and not atom.needs:
            at += 1
            states.add((at, 0, 0))


def spaced(text: str) -> str:
    """The text with one space where there was any white space, and none at its ends."""
    return " ".join(text.split())
