"""Typed TOML: a text as a value of a msgspec form, with an error that names file, line and key."""

import re
import tomllib
from typing import Any, TypeVar

import msgspec

from operator_push.kernel.errors import OperatorError
from operator_push.kernel.toml_lines import KeyPath, key_lines, line_of

_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_STEP = re.compile(r"\.?([^.\[\]]+)|\[(\d+)\]")
_UNKNOWN = re.compile(r"unknown field `([^`]+)`")
_Form = TypeVar("_Form")


def read_toml(text: str, file: str, form: type[_Form]) -> _Form:
    """A TOML text as a typed value.

    Raises:
        OperatorError: not TOML, or not of that form; names file, line and key.
    """
    try:
        data: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"is not TOML: {error}", file=file) from error
    try:
        return msgspec.convert(data, form)
    except msgspec.ValidationError as error:
        match = _AT.match(str(error))
        what, where = (match["what"], match["path"] or "") if match else (str(error), "")
        path: KeyPath = tuple(int(index) if index else name for name, index in _STEP.findall(where))
        unknown = _UNKNOWN.search(what)
        if unknown:
            path = (*path, unknown[1])
        line = line_of(key_lines(text), path)
        raise OperatorError(what, file=file, key=dotted(path) or None, line=line) from error


def dotted(path: KeyPath) -> str:
    """A path as people write it: smsc[0].port."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text
