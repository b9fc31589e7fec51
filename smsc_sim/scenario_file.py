"""Scenario files: TOML to a `Scenario`, checked as a whole before a port opens.

Every error is an OperatorError that names the file, the key, the value and what is allowed. What a single
value may be is said by its type in `scenario`; what values must be together is said in `scenario_checks`.
"""

import difflib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from operator_push.kernel.errors import OperatorError
from smsc_sim.scenario import Scenario, SmscTable
from smsc_sim.scenario_checks import assertion_contradictions, contradictions


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
    file = str(path)
    document = _document(_text_of(path, "assertions"), file)
    for key in document:
        if key != "assert":
            raise OperatorError(
                "a file of assertions has [[assert]] tables and nothing else", file=file, key=key
            )
    more = _converted(document, file).asserts
    for key, sentence in assertion_contradictions(msgspec.structs.replace(scenario, asserts=more)):
        raise OperatorError(sentence, file=file, key=key)
    return msgspec.structs.replace(scenario, asserts=scenario.asserts + more)


def parse_scenario(text: str, file: str) -> Scenario:
    """The scenario in a TOML text; `file` is what errors call it.

    Raises:
        OperatorError: as `load_scenario`.
    """
    document = _document(text, file)
    _converted(document, file)
    whole = _filled_in(document, Path(file).parent)
    scenario = msgspec.convert(whole, Scenario)
    own_tables = [set(table) for table in document.get("smsc", ())]
    for key, sentence in contradictions(scenario, own_tables):
        raise OperatorError(sentence, file=file, key=key)
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
        raise OperatorError(f"not valid TOML: {error}", file=file) from error


def _converted(document: dict[str, Any], file: str) -> Scenario:
    """The values of the file itself, each right; what they inherit is not yet written into them."""
    try:
        return msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        raise _explain(error, document, file) from error


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


def _explain(error: msgspec.ValidationError, document: dict[str, Any], file: str) -> OperatorError:
    """msgspec's error ("Expected `int` <= 65535 - at `$.listen.port`") as a sentence for a person."""
    what, _, where = str(error).partition(" - at `$")
    steps = re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", where)
    found: Any = document
    key = ""
    for name, index in steps:
        found = found[int(index)] if index else found[name]
        key += f"[{index}]" if index else f".{name}"
    key = key.lstrip(".")
    unknown = re.search(r"unknown field `([^`]*)`", what)
    if unknown:
        return _unknown_key(unknown.group(1), _field_names(steps, document), key, file)
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing:
        return OperatorError(f"the key {missing.group(1)!r} is missing", file=file, key=key or None)
    allowed = what[:1].lower() + what[1:]
    if what.startswith("Invalid value") and key.endswith(".kind"):
        allowed = f"known kinds: {', '.join(_kinds(steps[:-1], document))}"
    if "Exponential" in what or "array" in what:
        allowed += "; a delay is milliseconds, a pair [shortest, longest] or a table {mean = …, max = …}"
    return OperatorError(f"{found!r} is not allowed: {allowed}", file=file, key=key or None)


def _unknown_key(name: str, names: list[str], key: str, file: str) -> OperatorError:
    known = sorted(names)
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return OperatorError(f"unknown key; {advice}", file=file, key=f"{key}.{name}" if key else name)


def _field_names(steps: list[tuple[str, str]], document: dict[str, Any]) -> list[str]:
    """The keys of the table that these (name, index) steps lead to from the top of a scenario."""
    *_, here = _types_on_the_way(steps, document)
    return [field.encode_name for field in here.fields]


def _kinds(steps: list[tuple[str, str]], document: dict[str, Any]) -> list[str]:
    """The values of `kind` that a table may have, where its kind decides which keys it has."""
    *_, rows, _ = _types_on_the_way(steps, document)
    return sorted(str(kind.tag) for kind in rows.item_type.types)


def _types_on_the_way(steps: list[tuple[str, str]], document: dict[str, Any]) -> Iterator[Any]:
    """The type at the top of a scenario and after each (name, index) step."""
    here: Any = inspect.type_info(Scenario)
    found: Any = document
    yield here
    for name, index in steps:
        found = found[int(index)] if index else found[name]
        if isinstance(here, inspect.StructType):
            here = next(field.type for field in here.fields if field.encode_name == name)
        else:
            here = here.item_type
        if isinstance(here, inspect.UnionType):
            here = _type_in_union(here, found)
        yield here


def _type_in_union(union: inspect.UnionType, found: Any) -> Any:
    """The type that is meant: the table of the kind that `found` names, any table, any list."""
    tables = [kind for kind in union.types if isinstance(kind, inspect.StructType)]
    lists = [kind for kind in union.types if not isinstance(kind, inspect.StructType | inspect.NoneType)]
    if isinstance(found, dict) and tables:
        return next(
            (kind for kind in tables if kind.tag and kind.tag == found.get(kind.tag_field)), tables[0]
        )
    return lists[0] if lists else tables[0]
