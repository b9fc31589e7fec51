"""operator-push audience: what a rule means and how many people it finds.

A count is told above a floor and in tens, so that nobody is found by asking often; see domain.audience.
"""

from datetime import UTC, datetime
from typing import Any

import click
from pyroaring import BitMap

from operator_push.cli.audience_answering import count_for, people_digest, pseudonym_key
from operator_push.cli.audience_counting import Audience, brand_of
from operator_push.cli.audience_prepare import prepare
from operator_push.cli.printing import json_option, print_fields, print_json, print_table
from operator_push.cli.rule_commands import purpose_names
from operator_push.cli.rule_options import language_option
from operator_push.cli.sales_rules_file import sales_rules
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.store_reading import read_store
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.audience.counting import Disclosed
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.sales_rules import Sale, terms_for
from operator_push.kernel.feature_catalogue import FEATURES_BY_NAME, Feature
from operator_push.kernel.instants import iso, to_epoch_us
from operator_push.kernel.pseudonym import brand_pseudonym
from operator_push.store.audience_rows import NOT_TOLD, read_queries

SAMPLE_MAX = 50
SAMPLED_OF = 5_000


@click.group(cls=SubjectGroup)
def audience() -> None:
    """Audience rules: explain them, count the people they find, name a few by pseudonyms.

    A rule is a condition over what subscribers let us learn of them, in a subset of CEL:

    \b
    age >= 18 && home.city in ["Pune", "Mumbai"]
    prepaid && (spend_30d < 100.0 || days_since_top_up > 20)

    Somebody of whom an attribute is not known, or not permitted, is found only if the rest of the rule is
    true without it.
    """


@audience.command()
@click.argument("rule")
@click.option("--account", required=True, help="The client who asks; its brand must be permitted.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@json_option
@with_settings
def count(settings: Settings, as_json: bool, rule: str, account: str, category: int) -> None:
    """Count the people for whom RULE is true and who permit this client's messages.

    Fewer than [audience] floor people are not counted; other counts are rounded down to tens. Where the
    people differ in fewer than that from those of earlier answers to this client, it hears what those say.
    """
    with server_of(settings) as server:
        found = count_for(settings, server, rule, account, category)
    if as_json:
        print_json(audience_json(found))
        return
    click.echo(f"{found.disclosed} of {found.rule.words()}, who permit {found.brand} in category {category}")
    click.echo(f"(features by the permissions of {_moment(found)}, each of them asked again now)", err=True)


@audience.command()
@click.argument("rule")
@click.option("--account", required=True, help="The client who asks; its brand must be permitted.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@click.option(
    "--size", type=click.IntRange(1, SAMPLE_MAX), default=10, show_default=True, help=f"1..{SAMPLE_MAX}."
)
@json_option
@with_settings
def sample(settings: Settings, as_json: bool, rule: str, account: str, category: int, size: int) -> None:
    """Name a few of the people whom RULE finds, by pseudonyms of this client's brand and this audience alone.

    A sample is a count, too, and is refused where a count is. The same audience gives the same sample, and so
    does one that hears the same earlier answer; in another audience everybody has another name, so that two
    samples tell nothing.
    """
    with server_of(settings) as server:
        found = count_for(settings, server, rule, account, category)
    found.require_disclosed()
    key = pseudonym_key(settings)
    once = f"{found.brand} sample {people_digest(found.shown).hex()}"
    # By the lowest pseudonyms: the same people at every question, in an order that says nothing of them.
    pseudonyms = sorted(brand_pseudonym(key, once, number) for number in _some(found.shown))
    chosen = pseudonyms[:size]
    if as_json:
        print_json({**audience_json(found), "sample": chosen})
        return
    for pseudonym in chosen:
        click.echo(pseudonym)


@audience.command()
@click.option("--account", required=True, help="The client who would buy.")
@click.option("--category", type=click.IntRange(1, 8), required=True, help="1..8 (TRAI's list).")
@json_option
@with_settings
def terms(settings: Settings, as_json: bool, account: str, category: int) -> None:
    """Say what the operator sells to a client: attributes that it may not use, and the smallest audience.

    What depends on the audience rule itself is asked when it is counted.
    """
    with server_of(settings) as server:
        sale = Sale(account, brand_of(server, account), category)
    found = terms_for(sales_rules(settings), sale, to_epoch_us(datetime.now(UTC)))
    attributes = [name for name in FEATURES_BY_NAME if name not in found.barred]
    told = {
        "account": account,
        "brand": sale.brand,
        "category": category,
        "refused": found.refused or None,
        "attributes": attributes,
        "barred": dict(found.barred),
        "floor": max(found.floor, settings.audience.floor),
        "rules": list(found.applied),
    }
    if as_json:
        print_json(told)
        return
    if found.refused:
        click.echo(f"nothing is sold: {found.refused}")
        return
    print_fields(
        [
            ("smallest audience", told["floor"]),
            ("attributes", ", ".join(attributes)),
            *((name, f"may not be used: {why}") for name, why in found.barred.items()),
        ]
    )


@audience.command()
@click.option("--account", default=None, help="Of this client alone.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="1..10000.")
@json_option
@with_settings
def log(settings: Settings, as_json: bool, account: str | None, limit: int) -> None:
    """List who asked what about audiences, and what was told: newest first. For the operator."""
    asked = read_store(settings, lambda connection: read_queries(connection, account, limit))
    if as_json:
        print_json(
            [{**each._asdict(), "told": None if each.told == NOT_TOLD else each.told} for each in asked]
        )
        return
    rows = [
        (iso(each.at_us), each.account, each.outcome, "-" if each.told == NOT_TOLD else each.told, each.rule)
        for each in asked
    ]
    print_table(("AT", "ACCOUNT", "OUTCOME", "TOLD", "RULE"), rows)


@audience.command()
@click.argument("rule")
@language_option
@json_option
def explain(as_json: bool, rule: str, language: str) -> None:
    """Say what RULE means: in words, by attributes and as SQL. Needs no server."""
    compiled = compile_rule(rule)
    sql, parameters = compiled.sql(now_us=to_epoch_us(datetime.now(UTC)))
    if as_json:
        print_json(
            {
                "rule": compiled.text,
                "words": compiled.words(language),
                "attributes": [_attribute(feature) for feature in compiled.attributes],
                "purposes": purpose_names(compiled.purposes),
                "sql": sql,
                "parameters": parameters,
            }
        )
        return
    click.echo(compiled.words(language))
    click.echo()
    print_fields(
        (feature.name, f"{_kind(feature)}; {feature.meaning} Needs {_needs(feature)}.")
        for feature in compiled.attributes
    )
    click.echo()
    print_fields([("sql", sql), ("parameters", ", ".join(map(repr, parameters)) or "none")])


def _some(people: BitMap) -> list[int]:
    """Enough of an audience to take a sample of: pseudonyms of ten million people would take a minute."""
    step = max(1, len(people) // SAMPLED_OF)
    return list(people[::step])


def audience_json(found: Audience) -> dict[str, Any]:
    """What a client may be told of an audience; `count` is null where there are too few people."""
    told = found.disclosed
    return {
        "rule": found.rule.text,
        "words": found.rule.words(),
        "account": found.account,
        "brand": found.brand,
        "category": found.category,
        "count": told.count if isinstance(told, Disclosed) else None,
        "floor": found.floor,
        "outcome": found.outcome.for_client if found.outcome else None,
        "features_taken_at": _moment(found),
    }


def _moment(found: Audience) -> str:
    return iso(to_epoch_us(found.features_taken_at))


def _attribute(feature: Feature) -> dict[str, Any]:
    return {
        "name": feature.name,
        "type": feature.type.value,
        "unit": feature.unit,
        "purposes": purpose_names(feature.purpose),
        "meaning": feature.meaning,
    }


def _kind(feature: Feature) -> str:
    return f"{feature.type.value}, {feature.unit}" if feature.unit else feature.type.value


def _needs(feature: Feature) -> str:
    return " and ".join(f"use of {name}" for name in purpose_names(feature.purpose))


audience.add_command(prepare)
