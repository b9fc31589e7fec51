"""Problems of a configuration, as sentences: file, line, key, value, what is allowed, and the nearest name.

A value of a secret key is never shown.
"""

import difflib
import json
import math
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import KeyPath, key_lines, line_of

_SECRET_KEYS = ("password", "secret")
_VALUE_CHARACTERS_MAX = 60
# Kinds of pydantic errors whose own words (a pattern, a length) say less than the field's description.
_EXPLAINED_BY_DESCRIPTION = frozenset(
    {"string_pattern_mismatch", "string_too_short", "string_too_long", "too_short", "literal_error"}
)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. `origin` names the environment variable where the value came from one."""

    path: KeyPath
    sentence: str
    origin: str | None = None


def operator_error(
    problems: Sequence[Problem], file: Path, text: str, data: Mapping[str, Any]
) -> OperatorError:
    """One error for all problems: the first in its own words, the others on lines of their own."""
    lines = key_lines(text)
    located = sorted(problems, key=lambda problem: line_of(lines, problem.path) or math.inf)
    first, *others = located
    message = first.sentence + "".join(
        f"\n{place}: {key_text(other.path, data)}: {other.sentence}"
        for other, place in ((other, _place(other, file, lines)) for other in others)
    )
    return OperatorError(message, file=_place(first, file, lines), key=key_text(first.path, data))


def problems_of(
    error: ValidationError, model: type[BaseModel], origins: Mapping[KeyPath, str]
) -> list[Problem]:
    """The problems that pydantic found, in our words."""
    found = []
    for detail in error.errors(include_url=False):
        path: KeyPath = tuple(detail["loc"])
        field, owner = _field_at(model, path)
        origin = next((origins[path[:end]] for end in range(len(path), 0, -1) if path[:end] in origins), None)
        match detail["type"]:
            case "extra_forbidden":
                sentence = _unknown_key(str(path[-1]), owner)
            case "missing":
                sentence = f"is required{_allowed(field)}"
            case "value_error":  # from field_types, which says what is allowed
                sentence = _shown(path, detail["input"]) + detail["msg"].removeprefix("Value error, ")
            case (
                "string_pattern_mismatch"
                | "string_too_short"
                | "string_too_long"
                | "too_short"
                | "literal_error"
            ):
                sentence = f"{_shown(path, detail['input'])}does not fit{_allowed(field)}"
            case _:
                sentence = _shown(path, detail["input"]) + _must(detail["msg"]) + _allowed(field)
        found.append(Problem(path, sentence, origin))
    return found


def unknown_name(kind: str, name: str, known: Sequence[str]) -> str:
    """The sentence about a name that nobody knows, with the nearest that somebody does."""
    close = difflib.get_close_matches(name, known, n=1)
    guess = f'did you mean "{close[0]}"? ' if close else ""
    return f"is not {kind}; {guess}allowed here: {', '.join(known)}"


def key_text(path: KeyPath, data: Mapping[str, Any]) -> str:
    """A path as people write it: `smsc.main.port`, or `smsc[2].port` where the table has no name."""
    text = ""
    here: Any = data
    for part in path:
        try:
            here = here[part]
        except (KeyError, IndexError, TypeError):
            here = None
        if isinstance(part, int):
            name = here.get("name") if isinstance(here, dict) else None
            text += f".{name}" if isinstance(name, str) else f"[{part + 1}]"
        else:
            text += f".{part}" if text else part
    return text


def _place(problem: Problem, file: Path, lines: Mapping[KeyPath, int]) -> str:
    if problem.origin:
        return f"environment variable {problem.origin}"
    line = line_of(dict(lines), problem.path)
    return f"{file}:{line}" if line else str(file)


def _unknown_key(name: str, owner: type[BaseModel] | None) -> str:
    return unknown_name("a setting", name, sorted(owner.model_fields) if owner else [])


def _must(message: str) -> str:
    """pydantic's "Input should be less than …" as the rest of a sentence about the value."""
    return message.replace("Input should", "must", 1)


def _allowed(field: FieldInfo | None) -> str:
    return f"; allowed: {field.description}" if field and field.description else ""


def _shown(path: KeyPath, value: Any) -> str:
    """The value as TOML writes it, shortened, with a space after it; nothing for a secret."""
    if path[-1] in _SECRET_KEYS or path == ("database", "url"):
        return ""
    match value:
        case bool():
            text = str(value).lower()
        case str():
            text = json.dumps(value, ensure_ascii=False)
        case date() | time():
            text = value.isoformat()
        case _:
            text = repr(value)
    return f"{text if len(text) <= _VALUE_CHARACTERS_MAX else text[:_VALUE_CHARACTERS_MAX] + '…'} "


def _field_at(model: type[BaseModel], path: KeyPath) -> tuple[FieldInfo | None, type[BaseModel] | None]:
    """The field that a path names and the model that owns the path's last key; indexes are stepped over."""
    owner: type[BaseModel] | None = model
    field: FieldInfo | None = None
    for part in path:
        if isinstance(part, int):
            continue
        if field is not None:
            inner = _model_inside(field.annotation)
            if inner is None:
                return field, owner
            owner = inner
        field = owner.model_fields.get(part) if owner else None
        if field is None:
            return None, owner
    return field, owner


def _model_inside(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return annotation if issubclass(annotation, BaseModel) else None
    for argument in typing.get_args(annotation):
        inner = _model_inside(argument)
        if inner is not None:
            return inner
    return None
