"""Scenario checks: what is wrong with values that are each right, as (key, sentence)."""

from collections.abc import Iterator, Sequence
from typing import Any

from operator_push.kernel.errors import OperatorError
from smsc_sim.assertions.table import assertion_faults
from smsc_sim.delays import Delay, delay_fault
from smsc_sim.faults.checks import fault_faults
from smsc_sim.faults.table import kind_of
from smsc_sim.faults.tables import fault_names
from smsc_sim.mo_csv import read_mo_csv
from smsc_sim.population import effective_outcome
from smsc_sim.scenario import Scenario
from smsc_sim.scenario_control import control_contradictions
from smsc_sim.scenario_handsets import Handsets, Numbers
from smsc_sim.scenario_section import Section

_SHARES_SLACK = 1e-6  # Shares are decimal fractions; their binary sum may miss 1 by a little.
Fault = tuple[str, str]


def contradictions(scenario: Scenario, own_tables: Sequence[set[str]] = ()) -> Iterator[Fault]:
    """In the order of the file's tables. `own_tables` names, for each [[smsc]], what it says itself."""
    yield from control_contradictions(scenario.control)
    yield from assertion_contradictions(scenario)
    if not scenario.smsc:
        yield from _of_one(scenario)
        return
    names = [table.name for table in scenario.smsc]
    places: dict[tuple[str, int], str] = {}
    for index, (name, virtual) in enumerate(scenario.virtual()):
        if names.count(name) > 1:
            yield f"smsc[{index}].name", f"{name!r} stands twice; each virtual SMSC has its own name"
        listen = virtual.listen
        other = places.setdefault((listen.host, listen.port), name)
        if other != name and listen.port:
            yield (
                f"smsc[{index}].listen.port",
                f"{listen.port} is already that of {other!r}; give each its own",
            )
        for key, sentence in _of_one(virtual):
            table = key.partition(".")[0].partition("[")[0]
            yield (f"smsc[{index}].{key}" if table in own_tables[index] else key), sentence


def assertion_contradictions(scenario: Scenario) -> Iterator[Fault]:
    """What is wrong with `[[assert]]`, given the faults and virtual SMSCs that there are."""
    if scenario.asserts:
        virtual = dict(scenario.virtual())
        names = {
            name
            for one in virtual.values()
            for fault, own in zip(one.fault, fault_names(one.fault), strict=True)
            for name in (own, kind_of(fault))
        }
        yield from assertion_faults(scenario.asserts, sorted(names), [*virtual])


def _of_one(scenario: Scenario) -> Iterator[Fault]:
    yield from _delay_faults(scenario, "")
    yield from _account_faults(scenario)
    yield from _population_faults(scenario)
    yield from _mo_faults(scenario)
    yield from fault_faults(scenario.fault)


def _account_faults(scenario: Scenario) -> Iterator[Fault]:
    names = [account.system_id for account in scenario.accounts if not account.any]
    if not scenario.accounts:
        yield "accounts", "nobody could bind; name an account or write [[accounts]] any = true"
    for index, account in enumerate(scenario.accounts):
        key = f"accounts[{index}]"
        if account.any and (account.system_id or account.password):
            yield key, "any = true admits everybody; leave out system_id and password there"
        if not account.any and not account.system_id:
            yield f"{key}.system_id", "missing; name the account or write any = true"
        if not account.any and names.count(account.system_id) > 1:
            yield f"{key}.system_id", f"{account.system_id!r} stands twice; each account once"
        if not account.bind_types:
            yield f"{key}.bind_types", 'empty; name at least one of "transmitter", "receiver", "transceiver"'
        if account.burst is not None and account.rate_per_s is None:
            yield f"{key}.burst", "counts only beside rate_per_s"
    if sum(account.any for account in scenario.accounts) > 1:
        yield "accounts", "any = true stands twice; one is enough"
    lists = [row.name for row in scenario.distribution_lists]
    for index, row in enumerate(scenario.distribution_lists):
        if lists.count(row.name) > 1:
            yield f"distribution_lists[{index}].name", f"{row.name!r} stands twice; each list once"
    for index, call in enumerate(scenario.outbind):
        yield from _unknown_account(scenario, f"outbind[{index}].account", call.account)


def _population_faults(scenario: Scenario) -> Iterator[Fault]:
    population = scenario.population
    total = sum(group.share for group in population.handsets)
    if abs(total - 1) > _SHARES_SLACK:
        yield "population.handsets", f"the shares add up to {total:g}; they must add up to 1"
    named: list[tuple[str, Handsets | Numbers]] = [
        *((f"handsets[{index}]", group) for index, group in enumerate(population.handsets)),
        *((f"numbers[{index}]", numbers) for index, numbers in enumerate(population.numbers)),
    ]
    for name, entry in named:
        if entry.delay_ms is not None and effective_outcome(entry) == "expired":
            yield (
                f"population.{name}.delay_ms",
                "an expired message ends with its validity; see default_s and acceleration in [validity]",
            )
    for index, row in enumerate(population.timetable):
        if row.until_s is not None and row.until_s <= row.from_s:
            yield (
                f"population.timetable[{index}].until_s",
                f"{row.until_s:g} is not after from_s {row.from_s:g}",
            )
        if row.daily is not None and row.daily[0] == row.daily[1]:
            yield (
                f"population.timetable[{index}].daily",
                "begins where it ends; leave it out for the whole day",
            )


def _mo_faults(scenario: Scenario) -> Iterator[Fault]:
    mo = scenario.mo
    for index, answer in enumerate(mo.answers):
        key = f"mo.answers[{index}]"
        if (answer.text is None) == (not answer.choices):
            yield key, "give either text or choices"
        if answer.choices and abs(sum(choice.share for choice in answer.choices) - 1) > _SHARES_SLACK:
            total = sum(choice.share for choice in answer.choices)
            yield f"{key}.choices", f"the shares add up to {total:g}; they must add up to 1"
    for index, entry in enumerate(mo.script):
        yield from _unknown_account(scenario, f"mo.script[{index}].system_id", entry.system_id)
    for index, route in enumerate(mo.routes):
        yield from _unknown_account(scenario, f"mo.routes[{index}].system_id", route.system_id)
    for index, table in enumerate(mo.csv):
        try:
            rows = read_mo_csv(table)
        except OperatorError as error:
            yield f"mo.csv[{index}].file", str(error)
            continue
        for system_id, line in {row.system_id: row.line for row in reversed(rows)}.items():
            for _, sentence in _unknown_account(scenario, "", system_id):
                yield f"mo.csv[{index}].file", f"line {line}: {sentence}"


def _unknown_account(scenario: Scenario, key: str, system_id: str) -> Iterator[Fault]:
    if not any(account.any or account.system_id == system_id for account in scenario.accounts):
        yield key, f"{system_id!r} is not among [[accounts]]"


def _delay_faults(value: Any, key: str) -> Iterator[Fault]:
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
