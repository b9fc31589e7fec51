"""Value errors: what msgspec says of a wrong key or value, told for a person. Pure.

It speaks of the value that is there and of all that is allowed, in words that need no knowledge of Python.
For scenarios, load plans and the bodies of the HTTP API alike.
"""

import difflib
import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import inspect

_SECRETS = ("password", "token")  # Not repeated: an error is copied into tickets.
_VALUE_CHARACTERS_MAX = 60
_LISTS = (inspect.TupleType, inspect.VarTupleType, inspect.ListType)
_NAMES_TOLD_MAX = 12  # Beside a guess; where there is none all are told.


def explain(error: msgspec.ValidationError, found: Any, kind: Any) -> tuple[str, str]:
    """(key, sentence) for an error of converting `found` into `kind`; key is "" for the whole."""
    what, _, where = str(error).partition(" - at `$")
    steps = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", where)
    here = found
    key = ""
    for name, index in steps:
        here = here[int(index)] if index else here[name]
        key += f"[{index}]" if index else f".{name}"
    key = key.lstrip(".")
    *_, allowed = _types_on_the_way(steps, found, kind)
    unknown = re.search(r"unknown field `([^`]*)`", what)
    if unknown:
        name = unknown.group(1)
        return (f"{key}.{name}" if key else name), _unknown_key(name, allowed)
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing:
        return key, f"the key {missing.group(1)!r} is missing"
    if what.startswith("Invalid value") and steps and steps[-1][0] == "kind":
        *_, rows, _ = _types_on_the_way(steps[:-1], found, kind)
        return key, f"{here!r} is not allowed: {_near(str(here), _kinds(rows))}"
    return key, f"{_told(key, here)} is not allowed: {words_for(allowed, here)}"


def words_for(kind: Any, found: Any = None) -> str:
    """What a value may be, after "allowed: "; `found` is there where a slip of the pen may be guessed."""
    limits: dict[str, Any] = {}
    while isinstance(kind, inspect.Metadata):
        limits |= kind.extra_json_schema or {}
        kind = kind.type
    if "description" in limits:
        return str(limits["description"])
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType() | inspect.FloatType():
            return _number_words(kind)
        case inspect.StrType():
            return _text_words(kind)
        case inspect.LiteralType(values=values):
            return _near(str(found), [str(value) for value in values])
        case inspect.StructType():
            return "a table"
        case inspect.DictType():
            return "a table"
        case inspect.TupleType(item_types=types):
            return f"a list of {len(types)}, each {words_for(types[0])}"
        case inspect.VarTupleType(item_type=item) | inspect.ListType(item_type=item):
            rows = isinstance(item, inspect.StructType) or _structs(item)
            return "tables, in [[double brackets]]" if rows else f"a list, each {words_for(item)}"
        case inspect.UnionType(types=types):
            return _union_words(types, found)
        case _:
            return "something else"


def _union_words(types: Any, found: Any) -> str:
    for one in types:  # One form of a value that describes all its forms, as a delay's pair does.
        if isinstance(one, inspect.Metadata) and not isinstance(one.type, inspect.StrType):
            return words_for(one)
    told = [one for one in types if not isinstance(one, inspect.NoneType)]
    return " or ".join(words_for(one, found) for one in told)


def _number_words(kind: inspect.IntType | inspect.FloatType) -> str:
    name = "a whole number" if isinstance(kind, inspect.IntType) else "a number"
    if kind.ge is not None and kind.le is not None:
        return f"{name} from {_plain(kind.ge)} to {_plain(kind.le)}"
    low = f"of at least {_plain(kind.ge)}" if kind.ge is not None else ""
    low = f"above {_plain(kind.gt)}" if kind.gt is not None else low
    high = f"at most {_plain(kind.le)}" if kind.le is not None else ""
    return " and ".join(part for part in (f"{name} {low}".rstrip(), high) if part)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)


def _text_words(kind: inspect.StrType) -> str:
    if kind.min_length and kind.max_length:
        return f"a text of {kind.min_length} to {kind.max_length} characters"
    if kind.max_length:
        return f"a text of at most {kind.max_length} characters"
    return "a text that is not empty" if kind.min_length else "a text"


def _told(key: str, found: Any) -> str:
    if key.rpartition(".")[2] in _SECRETS:
        return "what stands here"
    if isinstance(found, bool):
        return str(found).lower()
    told = repr(found)
    return told if len(told) <= _VALUE_CHARACTERS_MAX else f"{told[:_VALUE_CHARACTERS_MAX]}…"


def _near(name: str, known: list[str]) -> str:
    names = ", ".join(known)
    near = difflib.get_close_matches(name, known, n=1)
    if not near:
        return f"one of {names}"
    return f"did you mean {near[0]!r}?" + (f" Allowed are {names}" if len(known) <= _NAMES_TOLD_MAX else "")


def _unknown_key(name: str, table: Any) -> str:
    known = sorted(field.encode_name for field in table.fields)
    near = difflib.get_close_matches(name, known, n=1)
    return f"unknown key; did you mean {near[0]!r}?" if near else f"unknown key; known: {', '.join(known)}"


def _structs(kind: Any) -> list[Any]:
    if not isinstance(kind, inspect.UnionType):
        return []
    return [one for one in kind.types if isinstance(one, inspect.StructType)]


def _kinds(rows: Any) -> list[str]:
    """The values of `kind` that a table may have, where its kind decides which keys it has."""
    return sorted(str(kind.tag) for kind in _structs(rows.item_type))


def _types_on_the_way(steps: list[tuple[str, str]], found: Any, kind: Any) -> Iterator[Any]:
    """The type of the whole and after each (name, index) step."""
    here: Any = inspect.type_info(kind)
    yield here
    for name, index in steps:
        found = found[int(index)] if index else found[name]
        table = _plain_type(here)
        if isinstance(table, inspect.StructType):
            here = next(
                (field.type for field in table.fields if field.encode_name == name), inspect.AnyType()
            )
        elif isinstance(table, inspect.TupleType):
            here = table.item_types[int(index)]
        else:
            here = table.item_type
        if isinstance(_plain_type(here), inspect.UnionType):
            here = _type_in_union(_plain_type(here), found)
        yield here


def _plain_type(kind: Any) -> Any:
    while isinstance(kind, inspect.Metadata):
        kind = kind.type
    return kind


def _type_in_union(union: inspect.UnionType, found: Any) -> Any:
    """The type that is meant: the table of the kind that `found` names; the union itself where none is."""
    tables = _structs(union)
    lists = [one for one in union.types if isinstance(_plain_type(one), _LISTS)]
    if isinstance(found, dict) and tables:
        meant = (one for one in tables if one.tag and one.tag == found.get(one.tag_field))
        return next(meant, tables[0])
    if isinstance(found, list) and lists:
        return lists[0]
    return union
