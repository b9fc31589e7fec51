"""operator-push rule: check a rule, ask it of one profile, keep it by name.

An audience counts the people of a rule; here is what the rule itself says, so that an analyst can write one
without seeing anybody. Checking and asking need neither a server nor a configuration.
"""

import importlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from operator_push.cli.printing import json_option, print_fields, print_json
from operator_push.cli.rule_options import language_option
from operator_push.cli.subject_group import SubjectGroup
from operator_push.domain.audience.event_rules import event_features
from operator_push.domain.audience.profile_values import profile_of
from operator_push.domain.audience.rule import Rule, compile_rule
from operator_push.domain.audience.rule_error import RuleError
from operator_push.domain.audience.to_sql import SqlDialect
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.domain.audience.words import attribute_words
from operator_push.domain.country_zones import zone_named
from operator_push.kernel.contracts import DataPurpose
from operator_push.kernel.errors import OperatorError
from operator_push.kernel.instants import parse_iso, to_epoch_us


class RuleGroup(SubjectGroup):
    """Commands about saved rules come with the store, which checking a rule can do without: imported late."""

    saved = ("list", "save", "share", "show")

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All of them."""
        return sorted([*super().list_commands(ctx), *self.saved])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now where it is about saved rules."""
        if cmd_name not in self.saved:
            return super().get_command(ctx, cmd_name)
        module = importlib.import_module("operator_push.cli.saved_rule_commands")
        command: click.Command = module.COMMANDS[cmd_name]
        return command


@click.group(cls=RuleGroup)
def rule() -> None:
    """Rules: check one, ask it of one profile, keep it by name and version.

    A rule is a condition in a subset of CEL over the attributes that subscribers let us use:

    \b
    age >= 18 && home.city in ["Pune", "Mumbai"] && spend_30d > 200.0
    did("top_up", 3, "30d") && !in_list("customers") && within("Pune", 10)

    docs/rules.md has the whole language.
    """


def _zone_option(command: Any) -> Any:
    return click.option(
        "--zone", default="UTC", show_default=True, help="Whose calendar today() and days_since go by."
    )(command)


def _at_option(command: Any) -> Any:
    return click.option("--at", default=None, help="The moment that now() is, as 2026-01-31T18:00:00Z.")(
        command
    )


def _on_option(command: Any) -> Any:
    return click.option(
        "--on",
        "trigger",
        metavar="EVENT",
        help="A condition on this event, as of `campaign create --when`; it may ask event.*.",
    )(command)


@rule.command()
@click.argument("text", metavar="RULE")
@click.option(
    "--dialect",
    type=click.Choice([dialect.value for dialect in SqlDialect]),
    default=SqlDialect.DUCKDB.value,
    show_default=True,
    help="Whose SQL to show.",
)
@language_option
@_zone_option
@_at_option
@_on_option
@json_option
@click.pass_context
def check(
    context: click.Context,
    as_json: bool,
    text: str,
    dialect: str,
    language: str,
    zone: str,
    at: str | None,
    trigger: str | None,
) -> None:
    """Say what RULE reads and means, or what is wrong with it and at which column.

    Exit status 1 where the rule cannot be used.
    """
    now_us = _moment(at)
    try:
        compiled = compile_rule(text, _vocabulary(zone, trigger))
    except RuleError as error:
        if as_json:
            wrong = {"column": error.column, "message": error.message, "suggestion": error.suggestion}
            print_json({"ok": False, "error": wrong})
        else:
            _point_at(text, error)
        context.exit(1)
    sql, parameters = compiled.sql(SqlDialect(dialect), now_us=now_us)
    if as_json:
        print_json(
            {
                "ok": True,
                "attributes": attributes_json(compiled),
                "sql": sql,
                "parameters": parameters,
                "words": compiled.words(language),
            }
        )
        return
    click.echo(compiled.words(language))
    click.echo()
    print_fields(
        (each["name"], f"{each['type']}; needs {each['purpose']}") for each in attributes_json(compiled)
    )
    print_fields([("sql", sql), ("parameters", ", ".join(map(repr, parameters)) or "none")])


@rule.command("eval")
@click.argument("text", metavar="RULE")
@click.option(
    "--profile",
    "profile_file",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    required=True,
    help='JSON: {"age": 30, "home": {"city": "Pune"}, "lists": ["vip"]}; - reads standard input.',
)
@_zone_option
@_at_option
@_on_option
@json_option
def evaluate(
    as_json: bool, text: str, profile_file: Path, zone: str, at: str | None, trigger: str | None
) -> None:
    """Ask RULE of one profile: prints true, false, or null where it cannot be known (JSON in any case).

    What the profile does not hold is not known; names that no attribute has are left out with a remark.
    """
    vocabulary = _vocabulary(zone, trigger)
    compiled = compile_rule(text, vocabulary)
    now_us = _moment(at)
    profile, unknown = profile_of(_read_json(profile_file), now_us, vocabulary.features)
    if unknown:
        click.echo(f"(no attribute is called {', '.join(unknown)}: left out)", err=True)
    click.echo(json.dumps(compiled.function()(profile, now_us)))


def attributes_json(compiled: Rule) -> list[dict[str, str]]:
    """The attributes of a rule: name, type, and the data whose use a person must permit."""
    return [
        {"name": each.name, "type": each.type.value, "purpose": " and ".join(purpose_names(each.purpose))}
        for each in compiled.attributes
    ]


def purpose_names(purposes: DataPurpose) -> list[str]:
    """The data that must be permitted, in words."""
    return [attribute_words((purpose.name or "").lower()) for purpose in DataPurpose if purpose & purposes]


def _vocabulary(zone: str, trigger: str | None) -> Vocabulary:
    zone_named(zone)  # says what a zone is where this is none
    if trigger is None:
        return Vocabulary(zone=zone)
    return Vocabulary(event_features(trigger), sets=(), zone=zone)


def _moment(at: str | None) -> int:
    if at is None:
        return to_epoch_us(datetime.now(UTC))
    try:
        return parse_iso(at)
    except ValueError:
        raise OperatorError(f"--at {at!r} is no moment with a zone, such as 2026-01-31T18:00:00Z") from None


def _read_json(path: Path) -> object:
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise OperatorError(f"the profile cannot be read ({error.strerror})", file=str(path)) from None
    except RecursionError:
        raise OperatorError("the profile is nested too deeply", file=str(path)) from None
    except ValueError as error:
        raise OperatorError(f"the profile is not JSON: {error}", file=str(path)) from None


def _point_at(text: str, error: RuleError) -> None:
    """The line of the rule with a caret below the column."""
    before = text[: error.column - 1]
    line_start = before.rfind("\n") + 1
    click.echo(text[line_start:].partition("\n")[0], err=True)
    click.echo(" " * (len(before) - line_start) + "^", err=True)
    click.echo(str(error), err=True)
