"""Scenario files: TOML to a `Scenario`, checked as a whole before a port opens.

Every error is an OperatorError that names the file, the key, the value and what is allowed. What a single
value may be is said by its type in `scenario`; what values must be together is said in `_contradictions`.
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
from smsc_sim.delays import Delay, delay_fault
from smsc_sim.population import effective_outcome
from smsc_sim.scenario import Scenario, Section

_SHARES_SLACK = 1e-6  # Shares are decimal fractions; their binary sum may miss 1 by a little.


def load_scenario(path: Path) -> Scenario:
    """The scenario in a TOML file.

    Raises:
        OperatorError: the file cannot be read, is not TOML, or says something that is not allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise OperatorError(f"cannot read the scenario: {reason}", file=str(path)) from error
    return parse_scenario(text, str(path))


def parse_scenario(text: str, file: str) -> Scenario:
    """The scenario in a TOML text; `file` is what errors call it.

    Raises:
        OperatorError: as `load_scenario`.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise OperatorError(f"not valid TOML: {error}", file=file) from error
    try:
        scenario = msgspec.convert(document, Scenario)
    except msgspec.ValidationError as error:
        raise _explain(error, document, file) from error
    for key, sentence in _contradictions(scenario):
        raise OperatorError(sentence, file=file, key=key)
    return scenario


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
        return _unknown_key(unknown.group(1), steps, key, file)
    missing = re.search(r"missing required field `([^`]*)`", what)
    if missing:
        return OperatorError(f"the key {missing.group(1)!r} is missing", file=file, key=key or None)
    allowed = what[:1].lower() + what[1:]
    if "Exponential" in what or "array" in what:
        allowed += "; a delay is milliseconds, a pair [shortest, longest] or a table {mean = …, max = …}"
    return OperatorError(f"{found!r} is not allowed: {allowed}", file=file, key=key or None)


def _unknown_key(name: str, steps: list[tuple[str, str]], key: str, file: str) -> OperatorError:
    known = sorted(_field_names(steps))
    near = difflib.get_close_matches(name, known, n=1)
    advice = f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"
    return OperatorError(f"unknown key; {advice}", file=file, key=f"{key}.{name}" if key else name)


def _field_names(steps: list[tuple[str, str]]) -> list[str]:
    """The keys of the table that these (name, index) steps lead to from the top of a scenario."""
    here: Any = inspect.type_info(Scenario)
    for name, _ in steps:
        if isinstance(here, inspect.StructType):
            here = next(field.type for field in here.fields if field.encode_name == name)
        else:
            here = here.item_type
        if isinstance(here, inspect.UnionType):
            here = next(kind for kind in here.types if isinstance(kind, inspect.StructType))
    return [field.encode_name for field in here.fields]


def _contradictions(scenario: Scenario) -> Iterator[tuple[str, str]]:
    """What is wrong with values that are each right: (key, sentence), in the order of the file's tables."""
    yield from _delay_faults(scenario, "")
    names = [account.system_id for account in scenario.accounts if not account.any]
    if not scenario.accounts:
        yield "accounts", "nobody could bind; name an account or write [[accounts]] any = true"
    for index, account in enumerate(scenario.accounts):
        if account.any and (account.system_id or account.password):
            yield f"accounts[{index}]", "any = true admits everybody; leave out system_id and password there"
        if not account.any and not account.system_id:
            yield f"accounts[{index}].system_id", "missing; name the account or write any = true"
        if not account.any and names.count(account.system_id) > 1:
            yield f"accounts[{index}].system_id", f"{account.system_id!r} stands twice; each account once"
    if sum(account.any for account in scenario.accounts) > 1:
        yield "accounts", "any = true stands twice; one is enough"
    total = sum(group.share for group in scenario.population.handsets)
    if abs(total - 1) > _SHARES_SLACK:
        yield "population.handsets", f"the shares add up to {total:g}; they must add up to 1"
    for index, group in enumerate(scenario.population.handsets):
        if group.delay_ms is not None and effective_outcome(group) == "expired":
            yield (
                f"population.handsets[{index}].delay_ms",
                "an expired message ends with its validity; change default_s or acceleration in [validity]",
            )
    for index, entry in enumerate(scenario.mo.script):
        if not any(account.any or account.system_id == entry.system_id for account in scenario.accounts):
            yield f"mo.script[{index}].system_id", f"{entry.system_id!r} is not among [[accounts]]"


def _delay_faults(value: Any, key: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, Section):
        for name in value.__struct_fields__:
            inner: Delay | Any = getattr(value, name)
            path = f"{key}.{name}" if key else name
            if name.endswith("_ms") and inner is not None:
                sentence = delay_fault(inner)
                if sentence:
                    yield path, sentence
            else:
                yield from _delay_faults(inner, path)
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _delay_faults(inner, f"{key}[{index}]")
