"""operator-push audience: what a rule means and how many people it finds.

A count is told above a floor and in tens, so that nobody is found by asking often; see domain.audience.
"""

from datetime import UTC, datetime
from typing import Any

import click

from operator_push.cli.audience_counting import Audience, Server, count_audience
from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.rule_commands import purpose_names
from operator_push.cli.settings_option import server_of, with_settings
from operator_push.cli.subject_group import SubjectGroup
from operator_push.config import Settings
from operator_push.domain.audience.counting import COUNT_FLOOR, Disclosed
from operator_push.domain.audience.rule import compile_rule
from operator_push.kernel.feature_catalogue import Feature
from operator_push.kernel.instants import iso, to_epoch_us


@click.group(cls=SubjectGroup)
def audience() -> None:
    """Audience rules: explain them, count the people they find.

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

    Fewer than 100 are not counted; other counts are rounded down to tens.
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
@json_option
def explain(as_json: bool, rule: str) -> None:
    """Say what RULE means: in words, by attributes and as SQL. Needs no server."""
    compiled = compile_rule(rule)
    sql, parameters = compiled.sql(now_us=to_epoch_us(datetime.now(UTC)))
    if as_json:
        print_json(
            {
                "rule": compiled.text,
                "words": compiled.words(),
                "attributes": [_attribute(feature) for feature in compiled.attributes],
                "purposes": purpose_names(compiled.purposes),
                "sql": sql,
                "parameters": parameters,
            }
        )
        return
    click.echo(compiled.words())
    click.echo()
    print_fields(
        (feature.name, f"{_kind(feature)}; {feature.meaning} Needs {_needs(feature)}.")
        for feature in compiled.attributes
    )
    click.echo()
    print_fields([("sql", sql), ("parameters", ", ".join(map(repr, parameters)) or "none")])


def count_for(settings: Settings, server: Server, rule: str, account: str, category: int) -> Audience:
    """Count with the limits of the configuration."""
    profiles = settings.profiles
    return count_audience(
        settings.features_file,
        server,
        rule,
        account,
        category,
        memory_limit=f"{profiles.memory_limit_mb}MB",
        threads=profiles.threads,
        zone=settings.policy.quiet_hours.zone,
    )


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
        "floor": COUNT_FLOOR,
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
