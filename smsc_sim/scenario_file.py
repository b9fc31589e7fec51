"""Scenario files: TOML to a `Scenario`, checked as a whole before a port opens.

Every error is an OperatorError that names the file, the line, the key, the value and what is allowed. What a
single value may be is said by its type in `scenario`; what they must be together in `scenario_checks`.
"""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario import Scenario, SmscTable
from smsc_sim.scenario_checks import assertion_contradictions, contradictions
from smsc_sim.toml_lines import line_of
from smsc_sim.value_errors import explain


def load_scenario(path: Path) -> Scenario:
    """The scenario in a TOML file.

    Raises:
        OperatorError: the file cannot be read, is not TOML, or says something that is not allowed.
    """
    return parse_scenario(_text_of(path, "scenario"), str(path))


def with_assertions(scenario: Scenario, path: Path) -> Scenario:
    """The scenario with the `[[assert]]` tables of another file after its own.

    Raises:
        OperatorError: as `load_scenario`, or the file has other tables.
    """
    file, text = str(path), _text_of(path, "assertions")
    document = _document(text, file)
    for key in document:
        if key != "assert":
            raise _wrong("a file of assertions has [[assert]] tables and nothing else", file, text, key)
    more = _converted(document, file, text).asserts
    for key, sentence in assertion_contradictions(msgspec.structs.replace(scenario, asserts=more)):
        raise _wrong(sentence, file, text, key)
    return msgspec.structs.replace(scenario, asserts=scenario.asserts + more)


def parse_scenario(text: str, file: str) -> Scenario:
    """The scenario in a TOML text; `file` is what errors call it.

    Raises:
        OperatorError: as `load_scenario`.
    """
    document = _document(text, file)
    _converted(document, file, text)
    whole = _filled_in(document, Path(file).parent)
    scenario = msgspec.convert(whole, Scenario)
    own_tables = [set(table) for table in document.get("smsc", ())]
    for key, sentence in contradictions(scenario, own_tables):
        raise _wrong(sentence, file, text, key)
    return scenario


def _text_of(path: Path, what: str) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise OperatorError(f"cannot read the {what}: {reason}", file=str(path)) from error


def _document(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = int(at[1]) if at else None
        raise OperatorError(f"not valid TOML: {error}", file=file, line=line) from error


def _wrong(sentence: str, file: str, text: str, key: str) -> OperatorError:
    return OperatorError(sentence, file=file, line=line_of(text, key), key=key or None)


def _converted(document: dict[str, Any], file: str, text: str) -> Scenario:
    """The values of the file itself, each right; what they inherit is not yet written into them."""
    try:
        return msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        key, sentence = explain(error, document, Scenario)
        raise _wrong(sentence, file, text, key) from error


def _filled_in(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """The document with what every `[[smsc]]` inherits written into it, and with whole paths."""
    top = {name: value for name, value in document.items() if name != "smsc"}
    whole = _with_paths(top, folder)
    if "smsc" in document:
        shared = {name: whole[name] for name in whole if name in SmscTable.__struct_fields__}
        whole["smsc"] = [_merged(shared, _with_paths(table, folder)) for table in document["smsc"]]
    return whole


def _merged(base: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `change`, table by table; anything but a table is replaced as a whole."""
    merged = dict(base)
    for name, value in change.items():
        both_tables = isinstance(value, dict) and isinstance(merged.get(name), dict)
        # A delay such as {mean = 50} is a value written as a table.
        both_tables = both_tables and not name.endswith("_ms")
        merged[name] = _merged(merged[name], value) if both_tables else value
    return merged


def _with_paths(tables: dict[str, Any], folder: Path) -> dict[str, Any]:
    rows = tables.get("mo", {}).get("csv", ())
    if not rows:
        return dict(tables)
    whole = [row | {"file": str(folder / row["file"])} for row in rows]
    return tables | {"mo": tables["mo"] | {"csv": whole}}
