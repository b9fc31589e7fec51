"""Personal values: what is known of many people under a few names, as the control socket carries it.

A column is an index for each person into the values that occur (0: not known), so that a million people with
the same hundred towns are a megabyte. Only what a template uses and its people permit ever stands here.
"""

import base64
import binascii
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from operator_push.domain.personal.own_columns import PREFIX
from operator_push.domain.profile import FeatureValue
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME

_WIDTHS: Final = (("B", 1 << 8), ("H", 1 << 16), ("I", 1 << 32))
NOTHING: Final[Mapping[str, FeatureValue]] = {}


class PersonalValues:
    """The values of people in an order that both sides know: theirs in the call beside it."""

    __slots__ = ("_choices", "_columns", "names")

    def __init__(
        self,
        names: Sequence[str] = (),
        choices: Sequence[Sequence[FeatureValue]] = (),
        columns: Sequence["array[int]"] = (),
    ) -> None:
        self.names = tuple(names)
        self._choices = choices
        self._columns = columns

    @classmethod
    def of_people(
        cls, people: Iterable[int], known: Mapping[str, Mapping[int, FeatureValue]]
    ) -> "PersonalValues":
        """Those of `people` in their order; `known`: name → person → value."""
        asked = list(people)
        choices, columns = [], []
        for values in known.values():
            places: dict[tuple[type, FeatureValue], int] = {}
            column = []
            for number in asked:
                value = values.get(number)
                key = (type(value), value)
                column.append(0 if value is None else places.setdefault(key, len(places) + 1))  # type: ignore[arg-type]
            choices.append([value for _, value in places])
            columns.append(array(_width(len(places)), column))
        return cls(tuple(known), choices, columns)

    @classmethod
    def from_wire(cls, said: Mapping[str, Any] | None, people: int) -> "PersonalValues":
        """What `as_wire` gave, for so many people; nothing is known where it is None.

        Raises:
            OperatorError: it is something else, or for other people.
        """
        if said is None:
            return NO_VALUES
        try:
            names = [str(name) for name in said["names"]]
            choices = [list(each) for each in said["choices"]]
            columns = [
                _column(str(octets), len(some)) for octets, some in zip(said["columns"], choices, strict=True)
            ]
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise OperatorError(f"values are not readable ({type(error).__name__})") from None
        unknown = [each for each in names if each not in FEATURES_BY_NAME and not each.startswith(PREFIX)]
        if unknown or len(names) != len(columns):
            raise OperatorError(f"values of {unknown or names}: each column needs an attribute's name")
        for some, column in zip(choices, columns, strict=True):
            if len(column) != people or max(column, default=0) > len(some):
                raise OperatorError("values are not of the people beside them")
        return cls(names, choices, columns)

    def as_wire(self) -> dict[str, Any]:
        """{"names", "choices": the values that occur, "columns": base64 of little-endian indices}."""
        return {
            "names": list(self.names),
            "choices": [list(each) for each in self._choices],
            "columns": [base64.b64encode(_little(each).tobytes()).decode("ascii") for each in self._columns],
        }

    def at(self, place: int) -> Mapping[str, FeatureValue]:
        """What is known of the person at a place."""
        if not self.names:
            return NOTHING
        return {
            name: some[column[place] - 1]
            for name, some, column in zip(self.names, self._choices, self._columns, strict=True)
            if column[place]
        }


NO_VALUES: Final = PersonalValues()


def _width(choices: int) -> str:
    return next(code for code, limit in _WIDTHS if choices < limit)


def _column(text: str, choices: int) -> "array[int]":
    column = array(_width(choices))
    column.frombytes(base64.b64decode(text, validate=True))
    return _little(column)


def _little(column: "array[int]") -> "array[int]":
    """A copy in little-endian order, or back from it."""
    copied = column[:]
    if sys.byteorder == "big":
        copied.byteswap()
    return copied
