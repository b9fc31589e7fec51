"""operator-push rule save, list, show, share: rules that a client keeps by name, each version for good."""

from datetime import UTC, datetime
from typing import Any

import click

from operator_push.cli.printing import json_option, print_json, print_table
from operator_push.cli.rule_options import language_option
from operator_push.cli.settings_option import with_settings
from operator_push.cli.store_reading import open_store, read_store
from operator_push.cli.who import who_asks
from operator_push.config import Settings
from operator_push.domain.audience.rule import compile_rule
from operator_push.domain.audience.vocabulary import Vocabulary
from operator_push.kernel.instants import iso, to_epoch_us
from operator_push.store.saved_rule_rows import (
    SavedRule,
    readable_rules,
    resolve_rule,
    save_rule,
    share_rule,
)

_account_option = click.option("--account", required=True, help="The client whose rules these are.")


@click.command()
@click.argument("name")
@click.argument("text", metavar="RULE")
@_account_option
@json_option
@with_settings
def save(settings: Settings, as_json: bool, name: str, text: str, account: str) -> None:
    """Keep RULE under NAME: as version 1, or as the next one. A version is never changed.

    It is then written @NAME (the latest version) or @NAME@2 where a rule is asked for.
    """
    compile_rule(text, Vocabulary())
    now_us = to_epoch_us(datetime.now(UTC))
    with open_store(settings) as store:
        saved = store.run(lambda rows: save_rule(rows, account, name, text, who_asks(), now_us))
    if as_json:
        print_json(_shown(saved))
    else:
        click.echo(f"{saved.name}@{saved.version}")


@click.command("list")
@_account_option
@json_option
@with_settings
def list_command(settings: Settings, as_json: bool, account: str) -> None:
    """List the rules that a client can use, its own and those that others share with it."""
    found = read_store(settings, lambda rows: readable_rules(rows, account))
    if as_json:
        print_json([_shown(each) for each in found])
        return
    print_table(
        ("OWNER", "RULE", "VERSION", "SAVED", "TEXT"),
        [(each.account, each.name, each.version, iso(each.saved_us), each.text) for each in found],
    )


@click.command()
@click.argument("reference", metavar="NAME[@VERSION]")
@_account_option
@language_option
@json_option
@with_settings
def show(settings: Settings, as_json: bool, reference: str, account: str, language: str) -> None:
    """Show a saved rule, its text and what it means; OWNER:NAME is one that OWNER shares."""
    found = read_store(settings, lambda rows: resolve_rule(rows, account, reference.removeprefix("@")))
    words = compile_rule(found.text, Vocabulary()).words(language)
    if as_json:
        print_json({**_shown(found), "words": words})
        return
    click.echo(f"{found.name}@{found.version} of {found.account}\n{found.text}\n{words}")


@click.command()
@click.argument("name")
@_account_option
@click.option("--with", "reader", required=True, metavar="ACCOUNT", help="Who may use it from now on.")
@json_option
@with_settings
def share(settings: Settings, as_json: bool, name: str, account: str, reader: str) -> None:
    """Let another client use the rule NAME, in all its versions.

    It finds that client's people by that client's permissions: a rule is shared, never an audience.
    """
    with open_store(settings) as store:
        store.run(lambda rows: share_rule(rows, account, name, reader))
    if as_json:
        print_json({"rule": name, "owner": account, "with": reader})
    else:
        click.echo(f"{reader} can write @{account}:{name}")


def _shown(saved: SavedRule) -> dict[str, Any]:
    return {
        "owner": saved.account,
        "name": saved.name,
        "version": saved.version,
        "rule": saved.text,
        "saved_by": saved.saved_by,
        "saved_at": iso(saved.saved_us),
    }


COMMANDS = {"save": save, "list": list_command, "show": show, "share": share}
